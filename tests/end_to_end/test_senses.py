"""What an emulated ring's sensors feel reaches the host, and so does what is wrong with them."""

import asyncio
import contextlib
import json
from dataclasses import replace

import numpy as np
import pytest

from mynah.emulator.emulated import NoFate, emulated
from mynah.errors import LinkError
from mynah_wire.making import ABSENT, SILENT, Fault
from mynah_wire.uplink import DOUBLE_TAPPED, MOTION, Battery, Ready, Touch
from tests.end_to_end.conversing import Ears
from tests.hardware import traces

TAP_G = 8.0
REST_S = 3.0  # it is picked up from the table first
DIES_MS = 5000


class Ailing(NoFate):
    """Its accelerometer."""

    def __init__(self, fault, after_ms=0):
        self._fault = {"lsm6ds3": {"fault": fault, "after_ms": after_ms}}

    def before_boot(self, settings):
        return replace(settings, i2c_faults=json.dumps(self._fault))


@contextlib.asynccontextmanager
async def met(name, fate=None):
    """A ring, and a host that it has told of itself."""
    async with emulated(f"emulator:{name}", fate=fate) as on, Ears(on.link) as client:
        listening = asyncio.create_task(client.listen())
        try:
            yield on.ring, client, await client.until(Ready)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, LinkError):
                await listening


async def feel():
    """A double tap: what the host hears of it, and of the battery, and whether the motor ran."""
    async with met("felt") as (ring, client, ready):
        hand = traces.Hand(1)
        trace = np.concatenate([hand.at_rest(REST_S), traces.tapped(hand, TAP_G, 2)])
        ring.world.surroundings.accelerate(traces.as_samples(trace), traces.RATE_HZ)
        touch = await client.until(Touch)
        battery = await client.until(Battery)
        ran = any(change.strength > 0 for change in ring.world.motor.changes)
        return ready, touch, battery, ran


async def ail(fault, after_ms=0):
    """What a ring with that fault says, and whether it still answers."""
    fate = Ailing(fault, after_ms)
    async with met(f"ailing{after_ms}", fate) as (ring, client, ready):
        return ready, await client.until(Fault), await ring.ask("mynah id")


@pytest.fixture(scope="module")
def lived(folder):
    """A well ring's, one's without its sensor, one's whose sensor dies: all at once."""

    async def all_of_them():
        return await asyncio.gather(feel(), ail("absent"), ail("absent", DIES_MS))

    return asyncio.run(all_of_them())


def test_a_double_tap_on_the_sensor_is_told_as_a_touch(lived):
    ready, touch, _, _ = lived[0]

    assert ready.capabilities & MOTION
    assert (touch.pattern, touch.stream) == (DOUBLE_TAPPED, 0)


def test_the_motor_answers_it(lived):
    assert lived[0][-1]


def test_the_battery_is_told(lived):
    _, _, battery, _ = lived[0]

    assert abs(battery.millivolts - 3900) < 20
    assert 55 <= battery.percent <= 75
    assert not battery.charging


def test_a_ring_whose_sensor_is_not_there_says_so_and_does_without(lived):
    ready, fault, answer = lived[1]

    assert (fault.fault, fault.text) == (ABSENT, b"motion: nobody answers at 0x6a")
    assert not ready.capabilities & MOTION
    assert answer.startswith("mynah")


def test_a_sensor_that_dies_in_mid_run_is_told_and_the_ring_goes_on(lived):
    ready, fault, answer = lived[2]

    assert ready.capabilities & MOTION
    assert fault.fault == SILENT
    assert answer.startswith("mynah")
