"""A microphone that a tap opened, while the host goes on listening and speaks."""

import pytest

from mynah_device import actions, talk
from mynah_wire import uplink
from mynah_wire.downlink import Keep
from mynah_wire.uplink import Cursor, End
from tests.device.rings import connected
from tests.device.test_ring import of, reply


def tapped():
    """A ring whose microphone a tap opened, and its host."""
    shell, host = connected()
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.now_ms = 100
    shell.event(actions.RELEASED)
    assert shell.ring.talk.state == talk.OPEN
    return shell, host


@pytest.mark.parametrize(("stream", "open_for_ms"), [(1, 50_000), (2, 0)])
def test_a_host_that_says_keep_leaves_a_tapped_microphone_open_for_longer(stream, open_for_ms):
    shell, host = tapped()
    shell.pass_time(50_000)
    host.tell(Keep(stream))
    shell.pass_time(talk.OPEN_LIMIT_MS - 50_101 + open_for_ms)

    assert shell.ring.talk.state == talk.OPEN
    shell.pass_time(101)
    assert shell.ring.talk.state == talk.CLOSING


def test_a_reply_sounds_while_the_microphone_is_open_and_the_light_says_that_it_is():
    shell, host = tapped()
    reply(host, 10)
    lights = set()
    while shell.ring.playback.active:
        shell.speaks()
        lights.add(shell.ring.light)

    assert lights == {"hearing"}
    assert [cursor.state for cursor in of(Cursor, host.listen())][-1] == uplink.DONE
    assert shell.ring.talk.state == talk.OPEN


def test_a_press_stops_the_reply_and_closes_the_microphone_that_a_tap_opened():
    shell, host = tapped()
    shell.pass_time(talk.AGAIN_MS)
    reply(host, 50)
    shell.speaks()

    assert shell.event(actions.PRESSED) == []
    assert not shell.ring.playback.sounds
    assert actions.CLOSE_MICROPHONE in shell.event(actions.RELEASED)
    shell.microphone_stops()
    shell.speaks()

    heard = host.listen()
    assert of(Cursor, heard)[-1].state == uplink.FLUSHED
    assert [end.verdict for end in of(End, heard)] == [uplink.SAID]
    assert shell.ring.talk.state == talk.QUIET
    assert not shell.ring.playback.active
