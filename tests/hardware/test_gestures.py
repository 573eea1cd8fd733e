"""What the ring makes of synthesised traces, held: `python -m tests.hardware.gestures` has more."""

import pytest

from mynah_wire import uplink
from tests.hardware import gestures
from tests.hardware.traces import Hand

HOURS = 0.25
EACH = 40
LEAST_FELT = {
    "tap, soft (4 g)": 0.4,
    "double tap, hard, walking": 0.0,  # a hand that swings is not held still
    "shake, gentle (4 Hz, 1.8 g)": 0.5,
    "shake, hard (6 Hz, 4 g)": 0.8,
}
OTHERWISE_FELT = 0.9
# A wearer is wrongly said to have tapped or shaken so often in an hour of each.
MOST_FALSE = {"typing": 4, "in the kitchen": 4, "brushing teeth": 8}


@pytest.fixture(scope="module")
def felt():
    return gestures.meant(EACH)


@pytest.fixture(scope="module")
def everyday():
    return gestures.everyday(HOURS)


@pytest.mark.parametrize("name", gestures.MEANT)
def test_what_is_meant_is_felt(felt, name):
    pattern, _ = gestures.MEANT[name]

    assert felt[name][pattern] / EACH >= LEAST_FELT.get(name, OTHERWISE_FELT)


@pytest.mark.parametrize("name", gestures.MEANT)
def test_what_is_meant_is_hardly_ever_taken_for_something_else(felt, name):
    pattern, _ = gestures.MEANT[name]
    others = sum(count for found, count in felt[name].items() if found not in (pattern, 0))

    assert others / EACH <= 0.05


@pytest.mark.parametrize("name", gestures.EVERYDAY)
def test_what_is_not_meant_is_seldom_felt(everyday, name):
    moments = sum(everyday[name][pattern] for pattern in gestures.MOMENTS)

    assert moments / HOURS <= MOST_FALSE.get(name, 0)


def test_a_day_is_told_as_it_was():
    told = gestures.worn_and_slept()

    assert told[:2] == [uplink.TAKEN_OFF, uplink.PUT_ON]
    assert told[-1] == uplink.TAKEN_OFF
    assert uplink.ASLEEP in told


def test_the_same_seed_is_the_same_trace():
    first, again = (gestures.traces.typing(Hand(7), 0.5) for _ in range(2))

    assert (first == again).all()
