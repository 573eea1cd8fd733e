"""A touch is answered by the ring itself, and told to the host once it is sure what it was."""

import pytest

from mynah_device import actions, talk
from mynah_device.actions import OPEN_MICROPHONE, VIBRATE
from mynah_device.gestures import SQUEEZE_MS
from mynah_device.said import LOUD_STEP
from mynah_wire import uplink
from mynah_wire.downlink import Act, Program, Reflex
from mynah_wire.programs import BUILT_IN, NO_PROGRAM, SQUEEZE, TICK
from mynah_wire.uplink import DOUBLE_TAPPED, SQUEEZED, TAPPED, Button, End, Touch
from tests.device.rings import Host, Shell
from tests.device.test_ring import of, reply

STRONG = 220  # of the built-in tick
PULSE_MS = 60


def worn(**stored):
    """A ring with a motor, and its host."""
    shell = Shell(acts=stored)
    shell.pass_time(0)
    shell.connect()
    return shell, Host(shell).shake_hands()


def alone(**stored):
    shell = Shell(acts=stored)
    shell.pass_time(0)
    return shell


def press(shell, held_ms, *, loudest=0):
    """What the ring did at the release."""
    opened = shell.event(actions.PRESSED)
    if OPEN_MICROPHONE in opened:
        shell.microphone_starts()
        shell.microphone_hears(1)
        shell.ring.said._loudest = loudest
    shell.pass_time(held_ms)
    before = len(shell.done)
    shell.event(actions.RELEASED)
    done = shell.done[before:]
    if shell.ring.talk.state == talk.CLOSING:
        shell.microphone_stops(1)
    return done


def vibrated(done):
    return [value for name, value in done if name == VIBRATE]


@pytest.mark.parametrize("host", [True, False], ids=["host", "no host"])
def test_a_tap_is_answered_at_the_release_whether_a_host_is_there_or_not(host):
    shell = worn()[0] if host else alone()

    assert vibrated(press(shell, 100)) == [STRONG]
    shell.pass_time(PULSE_MS)
    assert vibrated(shell.done) == [STRONG, 0]


def test_a_tap_is_told_when_no_second_one_came_and_names_the_stream_that_it_opened():
    shell, host = worn()
    press(shell, 100)
    shell.pass_time(talk.AGAIN_MS - 1)
    assert of(Touch, host.listen()) == []

    shell.pass_time(1)
    assert of(Touch, host.listen()) == [Touch(TAPPED, 1, 1, 100)]
    assert shell.ring.talk.state == talk.OPEN


def test_two_taps_are_a_touch_and_the_stream_between_them_is_cancelled():
    shell, host = worn()
    press(shell, 80)
    shell.pass_time(120)
    press(shell, 90)
    shell.pass_time(talk.AGAIN_MS)
    heard = host.listen()

    assert [end.verdict for end in of(End, heard)] == [uplink.CANCELLED]
    assert of(Touch, heard) == [Touch(DOUBLE_TAPPED, 2, 0, 290)]
    assert shell.ring.talk.state == talk.QUIET
    assert vibrated(shell.done)[:2] == [STRONG, 0]


def test_a_second_tap_later_on_says_what_was_said_as_it_always_did():
    shell, host = worn()
    press(shell, 100)
    shell.pass_time(2000)
    press(shell, 100)
    shell.pass_time(2000)
    heard = host.listen()

    assert [end.verdict for end in of(End, heard)] == [uplink.SAID]
    assert [touch.amount for touch in of(Touch, heard)] == [1]


@pytest.mark.parametrize("before_ms", [None, 400, 5000])
def test_no_press_waits_for_a_second_one_to_open_the_microphone(before_ms):
    shell, host = worn()
    if before_ms is not None:
        press(shell, 100)
        shell.pass_time(before_ms)
        press(shell, 100)
        shell.pass_time(1)

    assert shell.event(actions.PRESSED)[0] == OPEN_MICROPHONE
    assert Button(uplink.PRESS, shell.now_ms) in host.listen()


@pytest.mark.parametrize(
    ("held_ms", "loudest", "answers", "told"),
    [
        (SQUEEZE_MS, 0, True, True),
        (SQUEEZE_MS, LOUD_STEP - 1, True, True),
        (SQUEEZE_MS, LOUD_STEP, False, True),
        (SQUEEZE_MS - 1, 0, False, False),
    ],
    ids=["silent", "nearly silent", "spoken", "short"],
)
def test_a_long_silent_squeeze_is_answered_and_every_long_one_is_told(
    held_ms, loudest, answers, told
):
    shell, host = worn()
    answered = vibrated(press(shell, held_ms, loudest=loudest))
    heard = host.listen()

    assert answered == ([BUILT_IN[SQUEEZE][0]] if answers else [])
    assert of(Touch, heard) == ([Touch(SQUEEZED, held_ms, 1, held_ms)] if told else [])
    assert [end.verdict for end in of(End, heard)] == [uplink.SAID]  # no word is lost to a guess


def test_a_touch_that_stops_a_reply_is_answered_by_the_silence():
    shell, host = worn()
    reply(host, 50)
    shell.speaks()

    assert vibrated(press(shell, 100)) == []
    shell.pass_time(1000)
    assert of(Touch, host.listen()) == []


def test_a_press_ends_what_plays_and_what_shines():
    shell, host = worn()
    host.tell(Act(1, TICK, 100, 0xFFFF, 0, 0x02FF0000, 60_000))
    assert shell.ring.light == "glow"

    assert shell.event(actions.PRESSED) == [OPEN_MICROPHONE, VIBRATE]
    assert vibrated(shell.done) == [STRONG, 0]
    shell.now_ms += 300
    shell.event(actions.RELEASED)
    shell.microphone_stops()
    assert shell.ring.light == "idle"


def test_the_open_microphones_light_wins_over_any_that_is_asked_for():
    shell, host = worn()
    shell.event(actions.PRESSED)
    host.tell(Act(1, NO_PROGRAM, 1, 0, 0, 0x0300FF00, 60_000))
    assert shell.ring.light == "hearing"

    shell.now_ms += 500
    shell.event(actions.RELEASED)
    assert shell.ring.light == "hearing"
    shell.microphone_stops()
    assert shell.ring.light == "glow"
    shell.pass_time(60_000)
    assert shell.ring.light == "idle"


def test_while_the_wearer_talks_no_act_moves_the_motor():
    shell, host = worn()
    shell.event(actions.PRESSED)
    host.tell(Act(1, TICK, 1, 0xFFFF, 0, 0, 0))
    shell.pass_time(500)

    assert vibrated(shell.done) == []


def test_the_same_act_again_is_not_played_again_and_another_hosts_first_is():
    shell, host = worn()
    act = Act(7, TICK, 1, 0xFFFF, 0, 0, 0)
    host.tell(act, act)
    shell.pass_time(1000)
    assert vibrated(shell.done) == [STRONG, 0]

    host.tell(act)
    shell.pass_time(1000)
    assert vibrated(shell.done) == [STRONG, 0]

    shell.disconnect()
    shell.pass_time(0)
    shell.connect()
    Host(shell).shake_hands().tell(act)
    assert vibrated(shell.done) == [STRONG, 0, STRONG]


def test_an_act_goes_on_when_the_link_goes():
    shell, host = worn()
    host.tell(Act(1, TICK, 3, 0xFFFF, 0, 0, 0))
    shell.disconnect()
    shell.ring.acting.player.handle(0)
    shell.pass_time(179)

    assert shell.ring.acting.player.plays
    shell.pass_time(1)
    assert vibrated(shell.done) == [STRONG, 0]


def test_a_program_and_a_reflex_are_kept_once_and_found_again_at_boot():
    shell, host = worn()
    program, reflex = Program(3, bytes((99, 20))), Reflex(TAPPED, 3, 255, 0x03FFFFFF, 800)
    host.tell(program, reflex, program, reflex)
    saved = [value for name, value in shell.done if name == actions.SAVE]
    assert [name for name, _ in saved] == ["program3", "reflex1"]

    again = alone(**dict(saved))
    assert vibrated(press(again, 100)) == [99]


@pytest.mark.parametrize(
    "message",
    [
        Program(16, bytes((1, 1))),
        Program(0, bytes((1, 0))),
        Program(0, bytes((1,))),
        Program(0, bytes(22)),
        Reflex(0, 0, 0, 0, 0),
        Reflex(200, 0, 0, 0, 0),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_not_kept(message):
    shell, host = worn()
    host.tell(message)

    assert actions.SAVE not in [name for name, _ in shell.done]


def test_what_is_stored_and_makes_no_sense_is_as_if_it_was_not():
    shell = alone(program0=bytes((9, 0)), reflex1=b"short", reflex2=bytes(9), reflex3=b"\xff" * 9)

    assert vibrated(press(shell, 100)) == [STRONG]


def test_a_reflex_of_nothing_answers_nothing():
    shell, host = worn()
    host.tell(Reflex(TAPPED, NO_PROGRAM, 0, 0, 0))

    assert vibrated(press(shell, 100)) == []


def test_a_ring_without_a_motor_moves_none_and_still_tells_and_shines():
    shell = Shell()
    shell.pass_time(0)
    shell.connect()
    host = Host(shell).shake_hands()
    press(shell, 80)
    shell.pass_time(100)
    press(shell, 80)

    assert shell.ring.light == "glow"
    shell.pass_time(talk.AGAIN_MS)
    assert vibrated(shell.done) == []
    assert of(Touch, host.listen())[0].pattern == DOUBLE_TAPPED
