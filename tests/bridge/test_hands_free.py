import numpy as np
import pytest

from mynah.errors import DeviceError
from mynah.turn.endpoint import PATIENCE_MS, SILENCE_MS
from mynah.turn.hands_free import (
    BEFORE_VOICE_MS,
    FIRST_OWN_STREAM,
    KEEP_MS,
    LISTENING_MS,
    LONGEST_MS,
    VOICE_MS,
    VOICE_OVER_REPLY_MS,
    HandsFree,
    Hear,
    State,
    Tell,
    ring_stream,
)
from mynah_device.talk import OPEN_LIMIT_MS
from mynah_wire.clock import PERIOD_MS
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Close, Keep
from mynah_wire.uplink import CANCELLED, CUT, HOLD, SAID, TAP, Audio, Button, Cursor, End, Start
from tests.bridge.listening import (
    EARLY,
    EDGE_MS,
    FRAME_MS,
    JUDGED_MS,
    SILENCE,
    STREAM,
    VOICE,
    WORD_MS,
    Listening,
    Loud,
)


def heard(*messages):
    return [Hear(message) for message in messages]


def test_a_stream_whose_button_is_held_passes_unchanged():
    hands_free = HandsFree(Loud)
    start, end = Start(STREAM, IMA_ADPCM, HOLD, 5), End(STREAM, SAID, 400, 0, 8005)
    said = [start, *[Audio(STREAM, n, (VOICE, SILENCE)[n // 100 % 2]) for n in range(400)], end]

    passed = [hands_free.hear(message, speaking=False) for message in said]

    assert passed == [heard(message) for message in said]
    assert hands_free.state is State.CLOSED


def test_everything_else_passes():
    ring = Listening().tap()
    cursor, other = Cursor(1, 2, 3, 4), Audio(STREAM + 1, 0, VOICE)

    assert ring.says(cursor) == heard(cursor)
    assert ring.says(other) == heard(other)
    assert ring.says(End(STREAM + 1, SAID, 0, 0, 0)) == heard(End(STREAM + 1, SAID, 0, 0, 0))


def test_a_tap_opens_for_many_turns_and_each_is_a_stream_of_its_own():
    ring = Listening().tap()
    for _ in range(3):
        ring.voice(WORD_MS)
        assert ring.hands_free.state is State.HEARING
        ring.silence(2000)
        assert ring.hands_free.state is State.LISTENING
    first, *others = ring.segments

    assert [each.end.verdict for each in ring.segments] == [SAID] * 3
    assert first.start == Start(STREAM, IMA_ADPCM, HOLD, ring.opened_ms)
    assert [each.start.stream for each in others] == [
        FIRST_OWN_STREAM + STREAM,
        2 * FIRST_OWN_STREAM + STREAM,
    ]
    assert {ring_stream(each.start.stream) for each in others} == {STREAM}
    assert {each.start.cause for each in others} == {TAP}
    assert FIRST_OWN_STREAM > 0xFFFF
    assert ring.told == []


def test_a_turn_ends_after_silence_and_is_dated_where_the_voice_ended():
    ring = Listening().tap()
    ring.silence(500)
    ring.voice(WORD_MS)
    done_ms = ring.frame * FRAME_MS
    ring.silence(2000)
    (segment,) = ring.segments

    assert segment.done_ms == pytest.approx(done_ms, abs=JUDGED_MS)
    assert segment.end.frames * FRAME_MS == pytest.approx(done_ms + SILENCE_MS, abs=EDGE_MS)


def test_a_pause_that_is_shorter_ends_nothing():
    ring = Listening().tap()
    for _ in range(5):
        ring.voice(WORD_MS)
        ring.silence(SILENCE_MS - EDGE_MS)

    assert [each.end for each in ring.segments] == [None]


def test_a_turn_begins_before_its_voice():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(3000)
    voice = ring.frame
    ring.voice(WORD_MS)
    segment = ring.segments[1]

    assert (voice - segment.first) * FRAME_MS == pytest.approx(BEFORE_VOICE_MS, abs=EDGE_MS)
    assert sorted(segment.audio) == list(range(ring.frame - segment.first))
    assert segment.audio[voice - segment.first - 1] == SILENCE
    assert segment.audio[voice - segment.first] == VOICE


def test_what_is_said_at_once_after_a_turn_is_in_the_next_from_its_first_frame():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    while ring.hands_free.state is State.HEARING:
        ring.silence(FRAME_MS)
    ring.voice(WORD_MS)
    ring.silence(2000)
    first, second = ring.segments

    assert second.first == first.span.stop


@pytest.mark.parametrize(("speaking", "need_ms"), [(False, VOICE_MS), (True, VOICE_OVER_REPLY_MS)])
def test_a_noise_that_is_shorter_begins_no_turn(speaking, need_ms):
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)
    ring.speaking = speaking
    for _ in range(5):
        ring.voice(need_ms - EDGE_MS)
        ring.silence(500)
    assert len(ring.segments) == 1

    ring.voice(need_ms + EDGE_MS)
    assert len(ring.segments) == 2


def test_speech_over_a_reply_is_heard_from_its_beginning():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(1000)
    ring.speaking = True
    ring.silence(5000)
    voice = ring.frame
    ring.voice(WORD_MS)
    ring.speaking = False  # it was stopped
    ring.silence(2000)
    second = ring.segments[1]

    assert second.first < voice
    assert voice + WORD_MS // FRAME_MS in second.span
    assert second.end.verdict == SAID


def test_a_word_with_a_doubtful_syllable_is_one_voice():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)
    begin = ring.frame
    for _ in range(3):
        ring.voice(20)
        ring.silence(80)

    assert ring.segments[1].first * FRAME_MS <= begin * FRAME_MS - BEFORE_VOICE_MS + EDGE_MS


def test_who_says_nothing_after_the_tap_is_waited_for_and_the_microphone_stays_open():
    ring = Listening().tap()
    ring.silence(PATIENCE_MS)
    (segment,) = ring.segments
    assert segment.end.verdict == CANCELLED
    assert segment.end.frames * FRAME_MS == pytest.approx(PATIENCE_MS, abs=EDGE_MS)

    ring.voice(WORD_MS)
    ring.silence(1000)
    assert [each.end.verdict for each in ring.segments] == [CANCELLED, SAID]


def test_a_word_that_begins_when_patience_ends_is_not_cut():
    ring = Listening().tap()
    ring.silence(PATIENCE_MS - EARLY * FRAME_MS - 40)
    voice = ring.frame
    ring.voice(WORD_MS)
    ring.silence(1000)
    (segment,) = ring.segments

    assert voice in segment.span
    assert segment.end.verdict == SAID


def test_a_word_said_while_the_finger_still_taps_counts():
    ring = Listening()
    ring.says(Start(STREAM, IMA_ADPCM, HOLD, ring.opened_ms))
    ring.voice(200)
    ring.says(Button(TAP, ring.now_ms))
    ring.silence(1000)

    assert [each.end.verdict for each in ring.segments] == [SAID]


def test_long_silence_closes_the_microphone():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(SILENCE_MS + LISTENING_MS - 200)
    assert Close(STREAM) not in ring.told

    ring.silence(400)
    assert ring.told.count(Close(STREAM)) == 1
    ring.end()
    assert ring.hands_free.state is State.CLOSED
    assert len(ring.segments) == 1


def test_a_word_that_begins_when_the_microphone_would_be_closed_leaves_it_open():
    ring = Listening().tap()
    ring.silence(PATIENCE_MS + LISTENING_MS - EARLY * FRAME_MS - 40)
    ring.voice(WORD_MS)
    ring.silence(1000)

    assert Tell(Close(STREAM)) not in ring.actions
    assert [each.end.verdict for each in ring.segments] == [CANCELLED, SAID]


def test_a_knock_now_and_then_does_not_keep_the_microphone_open():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    for _ in range(8):
        ring.silence(LISTENING_MS // 8)
        ring.voice(20)
    ring.silence(1000)

    assert ring.told.count(Close(STREAM)) == 1


def test_the_microphone_is_not_closed_while_a_reply_sounds_nor_soon_after():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(1000)
    ring.speaking = True
    ring.silence(LISTENING_MS + 1000)
    ring.speaking = False
    ring.silence(LISTENING_MS - 100)
    assert Close(STREAM) not in ring.told

    ring.silence(200)
    assert Close(STREAM) in ring.told


def test_what_is_said_while_the_microphone_closes_is_a_turn():
    ring = Listening().tap()
    ring.silence(PATIENCE_MS + LISTENING_MS)
    assert Close(STREAM) in ring.told
    ring.voice(200)
    ring.end()

    assert [each.end.verdict for each in ring.segments] == [CANCELLED, SAID]


def test_the_ring_is_told_in_time_that_it_is_still_listened_to():
    ring = Listening().tap()
    kept_s = [second for second in range(70) if Tell(Keep(STREAM)) in ring.voice(1000)]

    assert np.diff([0, *kept_s]) == pytest.approx(KEEP_MS / 1000, abs=1)
    assert 2 * KEEP_MS < OPEN_LIMIT_MS


def test_a_press_in_mid_speech_ends_the_turn_as_said():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    done_ms = ring.frame * FRAME_MS
    ring.silence(100)

    ring.end()
    (segment,) = ring.segments
    assert (segment.end.verdict, segment.end.frames) == (SAID, ring.frame)
    assert segment.done_ms == pytest.approx(done_ms, abs=JUDGED_MS)
    assert ring.hands_free.state is State.CLOSED


@pytest.mark.parametrize("verdict", [SAID, CUT])
def test_a_stream_that_ends_without_speech_is_no_turn(verdict):
    ring = Listening().tap()
    ring.silence(1000)
    ring.end(verdict)

    assert [each.end.verdict for each in ring.segments] == [CANCELLED]


def test_a_press_between_two_turns_ends_nothing_twice():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)

    assert ring.end() == []
    assert ring.hands_free.state is State.CLOSED


def test_the_next_tap_begins_anew_with_another_detector():
    detectors = []

    def new_detector():
        detectors.append(Loud())
        return detectors[-1]

    ring = Listening(new_detector).tap()
    ring.voice(WORD_MS)
    ring.end()
    following = STREAM + 1
    ring.says(Start(following, IMA_ADPCM, HOLD, 90_000))
    ring.says(Button(TAP, 90_100))
    for number in range(120):
        ring.says(Audio(following, number, VOICE if number < 20 else SILENCE))

    assert [each.start.stream for each in ring.segments] == [STREAM, following]
    assert [each.end.verdict for each in ring.segments] == [SAID, SAID]
    assert len(detectors) == 2


def test_a_television_is_cut_into_turns_without_a_gap():
    ring = Listening().tap()
    ring.voice(LONGEST_MS + 3000)
    ring.silence(1000)
    first, second = ring.segments

    assert first.end.verdict == second.end.verdict == SAID
    assert first.end.frames * FRAME_MS == pytest.approx(LONGEST_MS, abs=EDGE_MS)
    assert second.first == first.span.stop
    assert sorted(second.audio) == list(range(second.end.frames))


def test_listening_for_long_keeps_no_more_than_may_begin_a_turn():
    ring = Listening().tap()
    most = 0
    for _ in range(20):
        ring.silence(1000)
        ring.voice(20)
        most = max(most, len(ring.hands_free._tapped._waiting))

    assert most * FRAME_MS <= BEFORE_VOICE_MS + EDGE_MS


def test_turns_are_dated_right_when_the_rings_clock_turns_over():
    ring = Listening(opened_ms=PERIOD_MS - 2000).tap()
    ring.voice(WORD_MS)
    ring.silence(3000)
    ring.voice(WORD_MS)
    ring.silence(1000)
    begin, end = ring.segments[1].start.device_ms, ring.segments[1].end.device_ms

    assert 0 <= begin < end < 3000


def test_a_stream_whose_end_never_came_ends_where_the_next_begins():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.says(Start(STREAM + 1, IMA_ADPCM, HOLD, 9000))
    first, second = ring.segments

    assert (first.end.verdict, second.end) == (SAID, None)
    assert ring.hands_free.state is State.PASSING


def test_the_rest_of_an_earlier_connections_stream_passes():
    ring = Listening()
    rest = [Button(TAP, 1), Audio(STREAM, 70, VOICE), End(STREAM, SAID, 71, 0, 0)]

    assert [ring.says(message) for message in rest] == [heard(message) for message in rest]
    assert ring.hands_free.state is State.CLOSED


@pytest.mark.parametrize("state", [State.HEARING, State.LISTENING])
def test_a_tap_of_a_microphone_that_a_tap_opened_is_an_error(state):
    ring = Listening().tap()
    if state is State.LISTENING:
        ring.silence(PATIENCE_MS)

    with pytest.raises(DeviceError, match=f"a tap in state {state}"):
        ring.says(Button(TAP, 0))
