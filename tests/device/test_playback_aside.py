"""A reply that is ducked or paused while the wearer may be about to speak."""

from mynah_device.playback import DUCKED, FRAME_MS, FULL, PREBUFFER_FRAMES
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, STARTED
from tests.device.speakers import Speaker


def test_a_pause_fades_keeps_the_place_and_tells_it():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.reports()
    speaker.playback.pause(1)

    assert [speaker.take() for _ in range(3)] == [(1, 1), None, None]
    assert speaker.reports() == [(1, PAUSED, 2 * 320, 0)]
    assert speaker.ramps == [(0, FULL), (FULL, 0)]
    assert speaker.playback.resume(1)
    assert speaker.take() == (1, 2)
    assert speaker.ramps[-1] == (0, FULL)
    assert speaker.reports() == []


def test_a_pause_taken_back_at_once_is_not_heard_or_told():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.reports()
    speaker.playback.pause(1)
    speaker.playback.resume(1)

    assert speaker.take() == (1, 1)
    assert speaker.ramps[-1] == (FULL, FULL)
    assert speaker.reports() == []


def test_a_duck_and_its_end_are_ramps():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.duck(1)
    speaker.take()
    speaker.take()
    assert not speaker.playback.resume(1)
    speaker.take()

    assert speaker.ramps == [(0, FULL), (FULL, DUCKED), (DUCKED, DUCKED), (DUCKED, FULL)]


def test_what_comes_while_it_is_paused_is_kept_and_nothing_is_lost_or_repeated():
    speaker = Speaker()
    speaker.load(1, 5)
    speaker.playback.go(1)
    heard = [speaker.take() for _ in range(3)]
    speaker.playback.pause(1)
    heard += [speaker.take() for _ in range(9)]
    for frame in range(5, 9):
        speaker.push(1, frame)
    speaker.playback.finish(1, 9)
    speaker.playback.resume(1)
    heard += [speaker.take() for _ in range(6)]

    assert [sound for sound in heard if sound] == [(1, frame) for frame in range(9)]
    assert speaker.playback.underruns == 0


def test_a_paused_reply_that_is_flushed_ended_when_it_was_paused():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.pause(1)
    for _ in range(1 + 50):
        speaker.take()
    speaker.reports()
    speaker.playback.flush(1)

    assert speaker.reports() == [(1, FLUSHED, 2 * 320, 50 * FRAME_MS)]


def test_a_new_reply_replaces_a_paused_one_and_is_held_until_go():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.duck(1)
    speaker.playback.pause(1)
    speaker.take()
    speaker.take()
    speaker.reports()
    speaker.load(2, PREBUFFER_FRAMES)
    speaker.playback.resume(1)

    assert speaker.reports() == [(1, FLUSHED, 2 * 320, FRAME_MS)]
    assert [speaker.take(), speaker.playback.sounds] == [None, False]
    speaker.playback.go(2)
    assert speaker.take() == (2, 0)
    assert speaker.ramps[-1] == (0, FULL)


def test_a_pause_in_the_last_frame_comes_too_late_and_the_reply_is_done():
    speaker = Speaker()
    speaker.load(1, 1, finish=True)
    speaker.playback.go(1)
    speaker.take()
    speaker.take()
    speaker.playback.pause(1)
    while speaker.playback.active:
        assert speaker.take() is None

    assert [report[1] for report in speaker.reports()] == [STARTED, DONE]
