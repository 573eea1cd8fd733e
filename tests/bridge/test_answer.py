from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.link.clock import ClockEstimate
from mynah.link.utterance import Utterance
from mynah.turn.answer import EARLIER_SAMPLES, REPLY_IDS, Answer, reply_ids
from mynah.turn.endpoint import Endpoint
from mynah.turn.heard import CHARACTER_SAMPLES
from mynah.turn.record import STAGES
from mynah_wire.clock import PERIOD_MS, after_ms, wrap_ms
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.uplink import DONE, FLUSHED, HOLD, PLAYING, SAID, STARTED, Counters, Cursor, End
from mynah_wire.uplink import Start as StreamStart

RING_AHEAD_MS = 5000
HALF_TRIP_MS = 15.0
SECOND = 16_000
FRAME = 320


def counters(enomem=0, underruns=0):
    return Counters(24, 247, enomem, 0, 0, underruns, 0, 0)


def known_clock(ring_ahead_ms=RING_AHEAD_MS):
    clock = ClockEstimate()
    clock.learn(0.0, 2 * HALF_TRIP_MS, wrap_ms(round(HALF_TRIP_MS) + ring_ahead_ms))
    return clock


def said(done_ms, frames=50, turn=1):
    """An answer to a second of speech that was over at `done_ms`, ring clock."""
    utterance = Utterance(StreamStart(1, IMA_ADPCM, HOLD, after_ms(done_ms, -frames * 20)))
    utterance.close(End(1, SAID, frames, 0, done_ms))
    return answered(turn, utterance)


def answered(turn, utterance, endpoint=None, earlier=None):
    endpoint = endpoint or Endpoint(Silent())
    return Answer(turn, utterance, endpoint, reply_ids(), counters(), earlier)


class Silent:
    """There is no speech."""

    def probability(self, frame):
        return 0.0


def frames_of(count):
    """An utterance of so many frames, all lost."""
    utterance = Utterance(StreamStart(1, IMA_ADPCM, HOLD, 0))
    utterance.close(End(1, SAID, count, 0, count * 20))
    return utterance


def tone(samples, quiet=0):
    sound = np.full(samples, 8000, np.int16)
    sound[:quiet] = 0
    return sound


def cursor(state, samples, device_ms, reply=1):
    return Cursor(reply, state, samples, device_ms)


def test_the_waterfall_adds_up_to_what_the_rings_own_clock_says():
    answer = said(done_ms=6000)
    answer.transcript, answer.reply.text = "hello", "hello to you "
    answer.commit(known_clock(), 1040.0)
    for number, stage in enumerate(STAGES[2:7]):
        answer.reply.mark(stage, 1140.0 + 100 * number)

    answer.reply.clause_begun("hello to you")
    answer.reply.spoke(tone(SECOND, quiet=800))  # 50 ms of it cannot be heard
    answer.start(cursor(STARTED, 0, 6700))
    answer.reply.move(cursor(STARTED, 0, 6700))
    answer.reply.clause_ended()
    answer.reply.move(cursor(DONE, SECOND, 7700))
    record = answer.record(counters(enomem=3, underruns=1), None)

    assert record.v2v_ms == 750
    assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)
    assert record.waterfall["uplink"] == 40
    assert record.waterfall["device_buffer"] == 210
    assert record.bound_by == "device_buffer"
    assert (record.done_ms, record.reply_start_ms, record.reply_end_ms) == (6000, 6750, 7700)
    assert (record.transcript, record.reply, record.heard) == (
        "hello",
        "hello to you",
        "hello to you",
    )
    assert (record.link.enomem, record.link.underruns, record.link.interval_ms) == (3, 1, 30)
    assert (record.link.frames, record.link.lost_frames, record.link.mtu) == (0, 50, 247)


@given(
    st.integers(0, PERIOD_MS - 1),
    st.integers(0, 2000),
    st.floats(-40, 40),
    st.lists(st.floats(0, 3000), min_size=5, max_size=5).map(sorted),
)
def test_it_adds_up_whatever_the_clock_estimate_is_worth(done_ms, v2v_ms, wrong_ms, marks):
    clock = known_clock(done_ms)
    answer = said(done_ms)
    answer.commit(clock, wrong_ms)
    for stage, at_ms in zip(STAGES[2:7], marks, strict=True):
        answer.reply.mark(stage, at_ms)

    answer.reply.spoke(tone(SECOND))
    started = cursor(STARTED, 0, after_ms(done_ms, v2v_ms))
    answer.start(started)
    answer.reply.move(started)
    record = answer.record(None, None)

    assert record.v2v_ms == v2v_ms
    assert sum(record.waterfall.values()) == pytest.approx(v2v_ms, abs=5)


@pytest.mark.parametrize("slow", STAGES)
@pytest.mark.parametrize("guessed_ms", [0, 400], ids=["made at the end", "guessed before it"])
def test_what_took_longest_is_named(slow, guessed_ms):
    """Done at host time 1000; what was made ahead hides behind the wait, however long it took."""
    answer = said(done_ms=6000)
    answer.tapped = slow == "endpoint_wait"
    taken = {stage: 300 if stage == slow else 10 for stage in STAGES}
    taken["uplink"] = max(taken["uplink"], HALF_TRIP_MS)
    over_ms = 1000 + taken["uplink"] + (taken["endpoint_wait"] if answer.tapped else 0)
    now_ms = over_ms - guessed_ms * answer.tapped
    for stage in STAGES[2:7]:
        now_ms += taken[stage]
        answer.reply.mark(stage, now_ms)

    answer.commit(known_clock(), over_ms)
    answer.reply.spoke(tone(SECOND))
    heard_ms = max(now_ms, over_ms) + taken["device_buffer"]
    answer.start(cursor(STARTED, 0, 5000 + round(heard_ms)))
    answer.reply.move(cursor(STARTED, 0, 5000 + round(heard_ms)))
    record = answer.record(None, None)

    assert record.bound_by == slow
    assert record.waterfall[slow] == pytest.approx(300, abs=15)
    assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)


def test_before_the_clock_is_known_the_time_is_still_the_rings():
    answer = said(done_ms=6000)

    answer.commit(ClockEstimate(), 50.0)
    answer.reply.mark("asr", 150.0)
    answer.reply.spoke(tone(SECOND))
    answer.start(cursor(STARTED, 0, 6700))
    answer.reply.move(cursor(STARTED, 0, 6700))
    record = answer.record(None, None)

    assert record.v2v_ms == 700
    assert (record.waterfall, record.bound_by) == ({}, None)


def test_after_a_tap_the_wearer_was_done_when_speech_ended():
    answer = said(done_ms=6000, frames=100)  # began at 4000
    answer.tapped = answer.closes = True
    answer.endpoint.speech_end = SECOND

    answer.commit(known_clock(), 1100.0)
    answer.reply.spoke(tone(SECOND))
    answer.start(cursor(STARTED, 0, 6500))
    answer.reply.move(cursor(STARTED, 0, 6500))
    record = answer.record(None, None)

    assert record.done_ms == 5000
    assert record.v2v_ms == 1500
    assert record.waterfall["uplink"] == HALF_TRIP_MS
    assert record.waterfall["endpoint_wait"] == 1100 - HALF_TRIP_MS


def test_silence_that_fills_whole_pieces_of_the_voice_is_waiting_too():
    answer = said(done_ms=6000)
    answer.commit(known_clock(), 1040.0)
    answer.reply.spoke(tone(480, quiet=480))  # 30 ms, and nothing in them
    answer.start(cursor(STARTED, 0, 6700))  # told before the sound is made that follows
    answer.reply.move(cursor(STARTED, 0, 6700))
    answer.reply.spoke(tone(SECOND, quiet=320))

    record = answer.record(None, None)

    assert record.reply_start_ms == 6750
    assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)


def test_a_turn_cannot_be_committed_before_its_stream_ended():
    answer = answered(1, Utterance(StreamStart(1, IMA_ADPCM, HOLD, 0)))

    with pytest.raises(ValueError, match="turn 1"):
        answer.commit(known_clock(), 0.0)


def test_a_turn_without_a_reply_has_no_v2v_and_says_why():
    answer = said(done_ms=6000)
    answer.commit(known_clock(), 1040.0)
    answer.reply.mark("asr", 1140.0)

    record = answer.record(counters(), "no words were heard")

    assert record.error == "no words were heard"
    assert (record.v2v_ms, record.bound_by, record.reply_start_ms) == (None, None, None)
    assert record.waterfall == {"uplink": 40, "endpoint_wait": 0, "asr": 100}
    assert record.done_ms == 6000


def spoken(answer, text, samples):
    answer.reply.clause_begun(text)
    answer.reply.spoke(tone(samples))
    answer.reply.clause_ended()


def two_clauses():
    answer = said(done_ms=6000)
    spoken(answer, "one two,", 900)
    spoken(answer, "three four five six.", 2100)
    return answer


@pytest.mark.parametrize(
    ("samples", "heard"),
    [
        (0, ""),
        (299, ""),
        (300, "one"),
        (774, "one"),
        (775, "one two,"),
        (1349, "one two,"),
        (1350, "one two, three"),
        (2374, "one two, three four"),
        (2375, "one two, three four five"),
        (2874, "one two, three four five"),
        (2875, "one two, three four five six."),
        (9000, "one two, three four five six."),
    ],
)
def test_what_was_heard_is_whole_clauses_and_the_words_of_the_cut_one(samples, heard):
    answer = two_clauses()

    answer.reply.move(cursor(FLUSHED, samples, 7000))

    assert answer.reply.heard() == heard


def test_of_a_clause_that_is_still_being_made_the_words_that_sounded_were_heard():
    answer = said(done_ms=6000)
    answer.reply.clause_begun("one two three")
    answer.reply.spoke(tone(8 * CHARACTER_SAMPLES))

    answer.reply.move(cursor(FLUSHED, 8 * CHARACTER_SAMPLES, 7000))

    assert answer.reply.heard() == "one two"


def test_a_clause_without_any_sound_is_heard_with_the_one_before():
    answer = said(done_ms=6000)
    spoken(answer, "one two", 1000)
    spoken(answer, "...", 0)

    answer.reply.move(cursor(PLAYING, 500, 7000))
    assert answer.reply.heard() == "one"
    answer.reply.move(cursor(DONE, 1000, 7000))
    assert answer.reply.heard() == "one two ..."


def test_nothing_was_heard_before_the_first_cursor():
    assert two_clauses().reply.heard() == ""


@pytest.mark.parametrize(
    ("state", "sounds"),
    [(None, True), (STARTED, True), (PLAYING, True), (DONE, False), (FLUSHED, False)],
)
def test_a_reply_that_was_sent_sounds_until_the_ring_tells_that_it_ended(state, sounds):
    answer = two_clauses()
    if state is not None:
        answer.reply.move(cursor(state, 0, 7000))

    assert answer.reply.sounds == sounds


def test_a_reply_of_which_nothing_was_sent_does_not_sound():
    assert not said(done_ms=6000).reply.sounds


def test_replies_are_named_within_sixteen_bits_and_never_zero():
    names = list(islice(reply_ids(), REPLY_IDS + 1))

    assert names == [*range(1, 0x10000), 1]


def test_every_attempt_is_a_reply_of_its_own_and_nothing_of_the_last_is_in_it():
    answer = two_clauses()
    answer.reply.move(cursor(PLAYING, 2000, 7000))
    answer.reply.text = "one two, three four five six."

    answer.renew()

    assert answer.reply.id == 2
    assert (answer.reply.text, answer.reply.heard(), answer.reply.sounds) == ("", "", False)
    assert answer.record(None, None).heard == ""


def test_who_goes_on_is_answered_to_all_that_was_said():
    first = tone(SECOND)
    answer = answered(2, frames_of(5), earlier=first)

    earlier = answer.go_on()

    assert answer.continued
    assert len(earlier) == SECOND + 5 * FRAME
    assert np.array_equal(earlier[:SECOND], first)
    assert np.array_equal(answered(3, frames_of(0), earlier=earlier).speech, earlier)


def test_who_goes_on_for_longer_than_anybody_talks_is_not_answered_to_all_of_it():
    answer = answered(2, frames_of(5), earlier=np.zeros(EARLIER_SAMPLES, np.int16))

    assert answer.go_on() is None
    assert not answer.continued
