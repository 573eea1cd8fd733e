import asyncio
from contextlib import aclosing

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.link.rest import EARLY_MS, Rest, build_of
from mynah.link.trouble import Kind, kind_of
from mynah_device.power import AWAKE_MS, BY_PRESS, Power
from mynah_wire.uplink import PRESS, Button, Pong
from tests.bridge.virtual_time import in_virtual_time

KEY = bytes(range(32))
RING_MS = AWAKE_MS["ring"][1]


def test_a_ring_that_goes_when_its_time_is_up_sleeps():
    rest = Rest("ring", 1000.0)

    assert not rest.begun(1000.0 + RING_MS - EARLY_MS - 1)
    assert rest.begun(1000.0 + RING_MS)


def test_who_uses_it_keeps_it_awake_and_a_ping_does_not():
    rest = Rest("ring", 0.0)
    rest.heed(Button(PRESS, 0), 20_000.0)
    rest.heed(Pong(1, 0), 40_000.0)

    assert not rest.begun(40_000.0)
    assert rest.begun(20_000.0 + RING_MS)


@pytest.mark.parametrize("build", ["pendant", "desk", ""])
def test_one_that_stays_connected_is_never_taken_for_asleep(build):
    assert not Rest(build, 0.0).begun(1e9)


def test_what_a_board_is_for_is_known_by_its_name():
    assert build_of(b"xiao_esp32c3") == "ring"
    assert build_of(b"\xff of somebody's") == ""


async def _listen(client):
    async with aclosing(client.messages()) as messages:
        async for _ in messages:
            pass


@in_virtual_time
async def test_a_ring_that_hangs_up_to_sleep_is_told_from_one_that_is_out_of_reach():
    ring = SimulatedRing(KEY)
    ring.core.identity.board = b"xiao_esp32c3"
    ring.core.power = Power(AWAKE_MS["ring"], "esp32c3", BY_PRESS, 0)
    asyncio.get_running_loop().call_later(10, ring.press, 10_000)
    asyncio.get_running_loop().call_later(11, ring.release, 11_000)

    async with RingClient(MemoryLink(ring, KEY)) as client:
        with pytest.raises(LinkError) as caught:
            await _listen(client)

    assert kind_of(caught.value) is Kind.ASLEEP
    assert monotonic_ms() == pytest.approx(11_000 + RING_MS, abs=3000)
