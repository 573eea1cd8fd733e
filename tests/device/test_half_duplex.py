"""A ring that can't listen and speak at once: listening goes first, and what is cut off is told."""

import pytest

from mynah_device import actions, talk
from mynah_device.playback import FRAME_MS
from mynah_wire.downlink import Duck, Resume
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, SAID, End
from tests.device.rings import connected
from tests.device.speakers import LATENCY_MS, Speaker
from tests.device.test_ring import of, reply

SAMPLES_A_MS = 16
UNHEARD_MS = 48
TAP_MS = 100


def sounding(frames=10, *, finish=False):
    """A reply of which all but one frame, or all, was taken."""
    speaker = Speaker()
    speaker.load(7, frames, finish=finish)
    speaker.playback.go(7)
    for _ in range(frames - 1 + finish):
        speaker.take()
    speaker.reports()
    return speaker


def test_what_was_paused_and_cut_off_is_told_without_what_nobody_heard():
    speaker = sounding()
    speaker.playback.pause(7)

    speaker.playback.cut(UNHEARD_MS)

    heard = (9 * FRAME_MS - UNHEARD_MS) * SAMPLES_A_MS
    assert speaker.reports() == [(7, PAUSED, heard, 0)]
    assert not speaker.playback.wanted  # no frame is owed that fades


def test_what_was_cut_off_goes_on_with_the_next_frame():
    speaker = sounding()
    speaker.playback.pause(7)
    speaker.playback.cut(UNHEARD_MS)

    speaker.push(7, 10)
    speaker.push(7, 11)
    speaker.push(7, 12)
    assert speaker.playback.resume(7)

    assert speaker.take() == (7, 9)


def test_what_was_flushed_and_cut_off_is_over():
    speaker = sounding()
    speaker.playback.flush(7)

    speaker.playback.cut(UNHEARD_MS)

    assert [report[1] for report in speaker.reports()] == [FLUSHED]
    assert not speaker.playback.active


def test_a_reply_whose_last_frames_were_cut_off_is_done_by_what_was_heard():
    speaker = sounding(finish=True)
    speaker.take()
    speaker.reports()

    speaker.playback.cut(UNHEARD_MS)

    heard = (10 * FRAME_MS - UNHEARD_MS) * SAMPLES_A_MS
    assert speaker.reports() == [(7, DONE, heard, 0)]
    assert not speaker.playback.active


@pytest.mark.parametrize("unheard_ms", [0, LATENCY_MS, 10_000])
def test_nothing_is_told_twice_and_never_less_than_nothing(unheard_ms):
    speaker = sounding()
    speaker.playback.pause(7)
    speaker.take()  # it faded
    speaker.reports()

    speaker.playback.cut(unheard_ms)
    assert speaker.reports() == []

    speaker.playback.flush(7)
    assert [report[1] for report in speaker.reports()] == [FLUSHED]


@pytest.mark.parametrize("half", [True, False])
def test_a_reply_closes_the_microphone_that_a_tap_opened_where_they_share(half):
    shell, host = connected()
    shell.ring.half_duplex = half
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.now_ms += TAP_MS
    shell.event(actions.RELEASED)
    assert shell.ring.talk.state == talk.OPEN

    reply(host, 50)

    assert shell.ring.talk.state == (talk.CLOSING if half else talk.OPEN)
    if half:
        shell.microphone_stops()
        assert of(End, host.listen())[0].verdict == SAID


def test_a_finger_on_the_button_goes_before_a_reply():
    shell, host = connected()
    shell.ring.half_duplex = True
    shell.event(actions.PRESSED)
    shell.microphone_starts()

    reply(host, 50)
    host.tell(Duck(1), Resume(1))

    assert shell.ring.talk.state == talk.HELD
