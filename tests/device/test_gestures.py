import pytest

from mynah_device.gestures import NONE, SQUEEZE_MS, Gestures
from mynah_device.talk import AGAIN_MS, TAP_MS
from mynah_wire.clock import PERIOD_MS, after_ms
from mynah_wire.uplink import DOUBLE_TAPPED, SQUEEZED, TAPPED, Touch

STREAM = 7


def felt(gestures, press_ms, release_ms, *, counts=True, stream=STREAM):
    gestures.pressed(press_ms, counts)
    return gestures.released(release_ms, stream)


def test_a_tap_is_answered_at_its_end_and_told_when_no_other_can_follow():
    gestures = Gestures()

    assert felt(gestures, 0, 100) == TAPPED
    assert gestures.deadline_ms() == 100 + AGAIN_MS
    assert gestures.settled(99 + AGAIN_MS) is None
    assert gestures.settled(100 + AGAIN_MS) == Touch(TAPPED, 1, STREAM, 100)
    assert gestures.settled(100 + AGAIN_MS) is None
    assert gestures.deadline_ms() is None


@pytest.mark.parametrize("start_ms", [0, PERIOD_MS - 150], ids=["", "clock turns over"])
def test_two_taps_are_one_touch_that_opened_nothing(start_ms):
    gestures = Gestures()
    first = felt(gestures, start_ms, after_ms(start_ms, 80))
    second = felt(gestures, after_ms(start_ms, 200), after_ms(start_ms, 290), stream=0)

    assert (first, second) == (TAPPED, DOUBLE_TAPPED)
    end_ms = after_ms(start_ms, 290)
    told = gestures.settled(after_ms(end_ms, AGAIN_MS))
    assert told == Touch(DOUBLE_TAPPED, 2, 0, end_ms)


def test_more_than_two_are_told_but_not_answered_again():
    gestures = Gestures()

    answers = [felt(gestures, at_ms, at_ms + 60) for at_ms in range(0, 1000, 200)]

    assert answers == [TAPPED, DOUBLE_TAPPED, NONE, NONE, NONE]
    assert gestures.settled(2000).amount == 5


def test_two_taps_far_apart_are_two():
    gestures = Gestures()
    felt(gestures, 0, 100)
    assert not gestures.is_again(100 + AGAIN_MS)
    assert gestures.settled(100 + AGAIN_MS).amount == 1

    assert felt(gestures, 600, 700) == TAPPED


@pytest.mark.parametrize(
    ("held_ms", "pattern"),
    [
        (TAP_MS - 1, TAPPED),
        (TAP_MS, NONE),
        (SQUEEZE_MS - 1, NONE),
        (SQUEEZE_MS, SQUEEZED),
        (600_000, SQUEEZED),
    ],
)
def test_how_long_it_is_held_says_what_it_is(held_ms, pattern):
    assert felt(Gestures(), 50, 50 + held_ms) == pattern


def test_how_long_a_squeeze_was_is_told_as_far_as_it_can_be():
    gestures = Gestures()
    felt(gestures, 0, 600_000)

    assert gestures.squeeze(600_000, STREAM) == Touch(SQUEEZED, 65535, STREAM, 600_000)


def test_what_stops_or_closes_something_is_no_touch():
    gestures = Gestures()

    assert felt(gestures, 0, 100, counts=False) == NONE
    assert gestures.settled(5000) is None


def test_while_the_finger_is_down_nothing_is_sure():
    gestures = Gestures()
    felt(gestures, 0, 100)
    gestures.pressed(200, counts=True)

    assert gestures.deadline_ms() is None
    assert gestures.settled(5000) is None
    assert gestures.released(5100, 0) == SQUEEZED
    assert gestures.settled(5100) == Touch(TAPPED, 1, 0, 100)
