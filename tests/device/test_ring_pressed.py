"""A press while the ring speaks: what is said then decides whether the reply goes on."""

import pytest

from mynah_device import actions
from mynah_wire import uplink
from mynah_wire.downlink import Duck, Pause, Resume
from mynah_wire.uplink import Cursor, End
from tests.device.rings import connected
from tests.device.test_ring import of, reply


def press_while_it_speaks(*before):
    """The host said more about the reply before the press."""
    shell, host = connected()
    reply(host, 50)
    shell.speaks()
    assert shell.ring.light == "speaking"
    host.tell(*before)
    shell.speaks()
    shell.event(actions.PRESSED)
    assert shell.ring.light == "hearing"
    shell.microphone_starts()
    shell.speaks()
    assert shell.speaks() == bytes(640)
    return shell, host


@pytest.mark.parametrize("before", [(), (Duck(1),), (Pause(1),)])
def test_a_press_while_it_speaks_pauses_the_reply_and_the_words_decide(before):
    shell, host = press_while_it_speaks(*before)
    shell.now_ms += 1000
    shell.event(actions.RELEASED)
    shell.microphone_stops()
    heard = host.listen()
    assert of(Cursor, host.heard)[-1].state == uplink.PAUSED
    assert of(End, heard)[0].verdict == uplink.SAID

    host.tell(Resume(1))
    assert shell.done[-1] == (actions.WAKE_SPEAKER, None)
    assert shell.speaks() != bytes(640)
    assert shell.ring.light == "speaking"


@pytest.mark.parametrize("before", [(), (Duck(1),), (Pause(1),)])
def test_a_touch_while_it_speaks_ends_the_reply(before):
    shell, host = press_while_it_speaks(*before)
    last_ms = of(Cursor, host.listen())[-1].device_ms
    shell.event(actions.RELEASED)
    shell.microphone_stops()
    shell.speaks()

    heard = host.listen()
    assert of(End, heard)[0].verdict == uplink.CANCELLED
    flushed = of(Cursor, heard)[-1]
    assert flushed.state == uplink.FLUSHED
    assert flushed.device_ms == pytest.approx(last_ms, abs=20)
    assert not shell.ring.playback.active


def test_a_press_while_the_microphone_is_not_free_ends_the_reply():
    shell, host = connected()
    shell.event(actions.PRESSED)
    shell.now_ms += 500
    shell.event(actions.RELEASED)
    reply(host, 50)
    shell.speaks()
    shell.event(actions.PRESSED)  # the microphone still closes: no stream may come of this
    shell.event(actions.RELEASED)
    shell.speaks()

    assert of(Cursor, host.listen())[-1].state == uplink.FLUSHED
