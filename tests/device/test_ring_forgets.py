"""FORGET: nothing that was said, or that says something about the wearer, is left."""

import pytest

from mynah_device import actions
from mynah_device.flash_jobs import DONE, FAILED, WIPE
from mynah_wire import uplink
from mynah_wire.downlink import BRIGHTNESS, Forget, Ping, Program, Reflex, Setting
from mynah_wire.uplink import End, Forgotten, Held, Pong
from tests.device.rings import KEY, Host, Shell
from tests.device.test_ring import hold, of

TOKEN = 99


def ring(**memory):
    shell = Shell(acts={}, **memory)
    shell.pass_time(0)
    shell.connect()
    return shell, Host(shell).shake_hands()


def wipe(shell, result):
    """Do what the flash is to do; each job's kind."""
    kinds = []
    while (job := shell.ring.flash_job()) is not None:
        kinds.append(job.kind)
        shell.ring.flash_done(result if job.kind == WIPE else DONE, shell.now_ms)
    return kinds


def test_it_is_confirmed_when_the_flash_is_empty_and_not_before():
    shell, host = ring(flash_bytes=1_000_000)
    hold(shell)

    assert of(Forgotten, host.tell(Forget(TOKEN))) == []
    assert WIPE in wipe(shell, DONE)
    assert of(Forgotten, host.listen()) == [Forgotten(TOKEN, uplink.FORGOTTEN)]


def test_a_flash_that_fails_is_told_and_may_be_asked_again():
    shell, host = ring(flash_bytes=1_000_000)
    for result, verdict in ((FAILED, uplink.NOT_FORGOTTEN), (DONE, uplink.FORGOTTEN)):
        host.tell(Forget(TOKEN))
        wipe(shell, result)

        assert of(Forgotten, host.listen()) == [Forgotten(TOKEN, verdict)]


def test_a_ring_without_flash_confirms_at_once():
    _, host = ring()

    assert of(Forgotten, host.tell(Forget(TOKEN))) == [Forgotten(TOKEN, uplink.FORGOTTEN)]


def test_nothing_that_was_said_is_left_in_memory_or_told():
    shell, host = ring()
    shell.disconnect()
    hold(shell)
    shell.connect()
    host = Host(shell).shake_hands()
    assert of(Held, host.heard)

    host.tell(Forget(TOKEN))
    assert bytes(shell.ring.said.memory.buffer).strip(b"\0") == b""
    shell.disconnect()
    shell.connect()
    assert of(Held, Host(shell).shake_hands().heard) == []


def test_settings_programs_and_reflexes_are_as_when_it_was_new():
    shell, host = ring()
    host.tell(Setting(BRIGHTNESS, 90), Program(0, bytes((9, 9))), Reflex(1, 0, 9, 0, 0))
    host.tell(Forget(TOKEN))

    assert (actions.FORGET, None) in shell.done
    assert shell.ring.settings.get(BRIGHTNESS) == 40
    fresh = ring()[0].ring.acting
    assert shell.ring.acting._programs == fresh._programs
    assert shell.ring.acting._reflexes == fresh._reflexes


def test_the_key_stays_and_the_link_with_it():
    shell, host = ring()
    host.tell(Forget(TOKEN))

    assert shell.ring.session.key == KEY
    assert of(Pong, host.tell(Ping(1))) == [Pong(1, 0)]


@pytest.mark.parametrize("released", [False, True])
def test_what_is_being_said_ends_cancelled_once(released):
    shell, host = ring()
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)
    heard = host.tell(Forget(TOKEN))
    if released:
        shell.now_ms += 1000
        shell.event(actions.RELEASED)
        shell.microphone_stops(50)
        heard += host.listen()

    assert [end.verdict for end in of(End, heard)] == [uplink.CANCELLED]


@pytest.mark.parametrize(("key", "kept"), [(KEY, True), (bytes(32), False), (None, False)])
def test_another_owner_has_a_new_ring_and_the_same_one_his(key, kept):
    shell, host = ring()
    host.tell(Setting(BRIGHTNESS, 90), Reflex(1, 255, 9, 0, 0))
    done = shell.event(actions.PAIRED, key)

    assert (actions.FORGET not in done) == kept
    assert (shell.ring.settings.get(BRIGHTNESS) == 90) == kept
    assert (shell.ring.acting._reflexes[1].program == 255) == kept
