import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.link.downlink import CODEC, Downlink
from mynah_wire.downlink import (
    PRELOAD_LIMIT_MS,
    Drop,
    Duck,
    Finish,
    Flush,
    Go,
    Pause,
    Preload,
    Resume,
)
from mynah_wire.uplink import DONE, PLAYING, STARTED, Audio, Cursor

FRAME = CODEC.frame_samples
MS = CODEC.frame_ms
PLENTY_MS = 1_000_000


def sound(samples, seed=1):
    return np.random.default_rng(seed).normal(0, 3000, samples).astype(np.int16)


def released(reply=1, credit_ms=PLENTY_MS):
    downlink = Downlink()
    downlink.credit(credit_ms)
    downlink.begin(reply)
    downlink.go(reply)
    return downlink


def held(reply=1):
    downlink = Downlink()
    downlink.credit(PLENTY_MS)
    downlink.begin(reply)
    return downlink


def everything(downlink):
    messages = []
    while (message := downlink.next()) is not None:
        messages.append(message)
    return messages


def frames(messages):
    return [message for message in messages if isinstance(message, Audio)]


def decoded(messages):
    pcm = bytearray(CODEC.pcm_bytes)
    pieces = []
    for frame in frames(messages):
        CODEC.decode_frame(frame.data, 0, pcm, 0)
        pieces.append(np.frombuffer(bytes(pcm), "<i2"))
    return np.concatenate(pieces)


def test_a_reply_goes_out_whole_and_in_order():
    downlink = released(reply=7)
    speech = sound(10 * FRAME)

    downlink.push(7, speech)
    downlink.finish(7)
    messages = everything(downlink)

    assert messages[:2] == [Preload(7, CODEC.id, 0), Go(7)]
    assert [(frame.stream, frame.frame) for frame in frames(messages)] == [
        (7, number) for number in range(10)
    ]
    assert messages[-1] == Finish(7, 10)
    assert np.corrcoef(decoded(messages), speech)[0, 1] > 0.95


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_it_does_not_matter_how_the_sound_arrives(lengths):
    speech = sound(sum(lengths))
    whole, pieces = released(), released()

    whole.push(1, speech)
    for end, length in zip(np.cumsum(lengths), lengths, strict=True):
        pieces.push(1, speech[end - length : end])
    for downlink in (whole, pieces):
        downlink.finish(1)

    assert everything(pieces) == everything(whole)


def test_what_does_not_fill_a_frame_is_filled_with_silence_at_the_end():
    downlink = released()

    downlink.push(1, sound(FRAME + 1))
    assert len(frames(everything(downlink))) == 1
    downlink.finish(1)

    last, finish = everything(downlink)
    assert finish == Finish(1, 2)
    assert last.frame == 1


def test_without_credit_nothing_is_sent_and_the_end_waits_for_its_sound():
    downlink = released(credit_ms=2 * MS)

    downlink.push(1, sound(3 * FRAME))
    downlink.finish(1)

    assert len(frames(everything(downlink))) == 2
    assert downlink.queued_ms == MS
    downlink.credit(3 * MS)
    assert [type(message) for message in everything(downlink)] == [Audio, Finish]


def test_credit_that_came_late_takes_nothing_back():
    downlink = released(credit_ms=3 * MS)
    downlink.credit(2 * MS)

    downlink.push(1, sound(4 * FRAME))

    assert len(frames(everything(downlink))) == 3


def test_a_reply_that_is_not_released_is_held_short():
    downlink = held()

    downlink.push(1, sound(100 * FRAME))

    assert len(frames(everything(downlink))) == PRELOAD_LIMIT_MS // MS
    downlink.go(1)
    assert len(frames(everything(downlink))) == 100 - PRELOAD_LIMIT_MS // MS


@pytest.mark.parametrize(("end", "told"), [("flush", Flush), ("drop", Drop)])
def test_what_was_not_sent_of_a_reply_that_is_over_is_never_sent(end, told):
    downlink = released() if end == "flush" else held()
    downlink.push(1, sound(5 * FRAME + 7))
    while not isinstance(downlink.next(), Audio):
        pass

    getattr(downlink, end)(1)
    downlink.push(1, sound(FRAME))
    downlink.finish(1)
    downlink.go(1)

    assert everything(downlink) == [told(1)]


def test_what_was_released_is_not_dropped():
    downlink = released()
    downlink.push(1, sound(2 * FRAME))
    downlink.drop(1)

    assert [type(message) for message in everything(downlink)] == [Preload, Go, Audio, Audio]


def test_a_duck_a_pause_and_their_end_overtake_the_sound_that_waits():
    downlink = released()
    downlink.push(1, sound(9 * FRAME))
    for _ in range(3):
        downlink.next()
    for command in ("duck", "pause", "resume"):
        getattr(downlink, command)(1)
    messages = everything(downlink)

    assert messages[:3] == [Duck(1), Pause(1), Resume(1)]
    assert len(frames(messages)) == 8


def test_ending_a_reply_that_is_not_the_present_one_does_nothing():
    downlink = released(reply=2)
    everything(downlink)

    for command in ("flush", "drop", "duck", "pause", "resume"):
        getattr(downlink, command)(1)
    downlink.push(1, sound(FRAME))
    downlink.finish(1)

    assert everything(downlink) == []


def test_a_new_reply_begins_its_frames_and_its_codec_anew_and_tells_what_was_sent_before():
    downlink, fresh = released(reply=1), released(reply=2)
    speech = sound(2 * FRAME, seed=2)
    downlink.push(1, sound(3 * FRAME + 5))
    everything(downlink)

    for each in (downlink, fresh):
        each.begin(2)
        each.go(2)
        each.push(2, speech)
    messages = everything(downlink)

    assert messages[0] == Preload(2, CODEC.id, 3 * MS)
    assert frames(messages) == frames(everything(fresh))


def test_preload_counts_what_was_sent_while_it_waited():
    downlink = released(reply=1)
    downlink.push(1, sound(2 * FRAME))
    for _ in range(3):
        downlink.next()
    downlink.begin(2)

    assert downlink.next() == Preload(2, CODEC.id, MS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=20), st.integers(0, 60))
def test_never_more_than_the_credit_is_sent(grants, count):
    downlink = Downlink()
    downlink.begin(1)
    downlink.go(1)
    downlink.push(1, sound(count * FRAME))

    for until_ms in grants:
        downlink.credit(until_ms)
        everything(downlink)
        assert downlink.sent_ms <= max(grants)
        assert downlink.sent_ms + downlink.queued_ms == count * MS


def sounding(reply=1):
    downlink = released(reply)
    downlink.push(reply, sound(20 * FRAME))
    everything(downlink)
    downlink.played(Cursor(reply, STARTED, 0, 0))
    return downlink


def silence(downlink):
    """Two PINGs are answered, and no cursor came: what is sent again."""
    downlink.answered(0.0, 50.0)
    assert everything(downlink) == []
    downlink.answered(2000.0, 2050.0)
    return everything(downlink)


def test_what_is_not_heard_is_sent_again_whole():
    downlink = released()
    downlink.push(1, sound(20 * FRAME))
    downlink.finish(1)
    messages = everything(downlink)

    again = silence(downlink)

    assert again == [Preload(1, CODEC.id, 20 * MS), *messages[1:]]
    downlink.answered(4000.0, 4050.0)
    assert everything(downlink)[1:] == messages[1:]


def test_a_ring_that_has_nothing_to_play_yet_or_is_not_to_is_not_reminded():
    waiting, unreleased = released(), held()
    for downlink, frames_there in [(waiting, 4), (unreleased, 20)]:
        downlink.push(1, sound(frames_there * FRAME))
        everything(downlink)
        assert silence(downlink) == []


@pytest.mark.parametrize(
    ("change", "again"),
    [("resume", [Resume(1)]), ("pause", []), ("duck", []), ("finish", [Finish(1, 20)])],
)
def test_a_reply_that_fell_silent_is_sent_again_what_would_let_it_go_on(change, again):
    downlink = sounding()
    getattr(downlink, change)(1)
    everything(downlink)

    assert silence(downlink) == again


@pytest.mark.parametrize("state", [PLAYING, DONE])
def test_a_cursor_means_that_nothing_was_lost(state):
    downlink = sounding()
    downlink.finish(1)
    everything(downlink)
    downlink.answered(0.0, 50.0)
    downlink.played(Cursor(1, state, 320, 1000))
    downlink.answered(2000.0, 2050.0)

    assert everything(downlink) == []


def test_an_answer_to_what_was_asked_before_means_nothing():
    downlink = released()
    downlink.push(1, sound(20 * FRAME))
    everything(downlink)
    downlink.answered(1000.0, 3000.0)
    downlink.answered(3500.0, 6000.0)

    assert everything(downlink) == []


def test_a_ring_that_was_told_the_end_twice_and_plays_nothing_has_come_to_it():
    downlink = sounding()
    downlink.finish(1)
    everything(downlink)
    silence(downlink)

    assert downlink.answered(4000.0, 4050.0) == [Cursor(1, DONE, 20 * FRAME, 20 * MS)]
    assert downlink.answered(6000.0, 6050.0) == []
    assert everything(downlink) == []
