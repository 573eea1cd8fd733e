"""The check of a trace for a light that lies, on traces that were made up."""

import pytest

from mynah.emulator.light_truth import Lamp, lies

PIN, PIXEL = Lamp("active low", 21), Lamp("pixel", 48)
RED, DARK = [[12, 0, 0]], [[0, 0, 0]]


def ring(us, event, **fields):
    return {"us": us, "source": "ring", "event": event, **fields}


def opened(us):
    return ring(us, "microphone", on=True)


def closed(us):
    return ring(us, "microphone", on=False)


def led(us, level):
    return ring(us, "pin", pin=21, value=level)


def pixel(us, rgb):
    return ring(us, "light", pin=48, rgb=rgb)


@pytest.mark.parametrize(
    ("lamp", "events"),
    [
        (PIN, [led(1, 0), opened(2), closed(3), led(4, 1)]),
        (PIN, [led(1, 0), opened(2), ring(3, "pin", pin=7, value=1), closed(4)]),
        (PIXEL, [pixel(1, RED), opened(2), pixel(3, RED), closed(4), pixel(5, DARK)]),
        (PIN, [led(1, 0), opened(2), ring(3, "deepsleep"), led(4, 1)]),
        (PIN, [opened(2), led(1, 0)]),  # told late
    ],
)
def test_a_true_light_is_believed(lamp, events):
    assert lies(events, lamp) == []


@pytest.mark.parametrize(
    ("lamp", "events", "at_us"),
    [
        (PIN, [opened(2), led(3, 0), closed(4)], 2),
        (PIN, [led(1, 0), opened(2), led(3, 1), closed(4)], 3),
        (PIXEL, [pixel(1, RED), opened(2), pixel(3, DARK), pixel(4, RED), closed(5)], 3),
        (PIN, [led(1, 0), ring(2, "reset"), opened(3), closed(4)], 3),
        (PIXEL, [led(1, 0), opened(2), closed(3)], 2),
    ],
)
def test_a_light_that_lies_is_found_out_once(lamp, events, at_us):
    assert [event["us"] for event in lies(events, lamp)] == [at_us]
