import asyncio
from contextlib import aclosing

import numpy as np
import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import DeviceError, LinkError
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.downlink import CODEC
from mynah.link.memory import MemoryLink
from mynah.link.session import ANSWER_MS, HANDSHAKE_MS
from mynah_wire.uplink import Counters, Ready
from tests.bridge.virtual_time import in_virtual_time

KEY = bytes(range(32))


class Stuck:
    """A ring that was there, and says nothing."""

    hung_up = False

    def connected(self, mtu, now_ms):
        pass

    def disconnected(self, now_ms):
        pass

    def receive(self, record, now_ms):
        pass

    def advance(self, now_ms):
        return []

    def deadline_ms(self):
        return None


class Breaking(MemoryLink):
    """Takes a few records, then breaks, while nothing is received."""

    async def send(self, record):
        if self.down.carried == 3:
            raise LinkError("the cable came out")
        await super().send(record)


def link(ring=None, **options):
    return MemoryLink(ring or SimulatedRing(KEY), KEY, **options)


async def everything(client):
    async with aclosing(client.messages()) as messages:
        return [message async for message in messages]


async def first(client, count):
    async with aclosing(client.messages()) as messages:
        return [await anext(messages) for _ in range(count)]


@in_virtual_time
async def test_a_ring_that_is_reached_says_who_it_is_and_what_it_counted():
    async with RingClient(link(delay_ms=20.0)) as client:
        told = await first(client, 2)

    assert [type(message) for message in told] == [Ready, Counters]


def test_there_is_no_session_before_there_is_a_connection():
    with pytest.raises(LinkError, match="not connected"):
        _ = RingClient(link()).session


@in_virtual_time
async def test_leaving_early_leaves_nothing_running():
    async with RingClient(link()) as client:
        await first(client, 1)

        assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_a_ring_that_never_answers_is_given_up_in_time():
    async with RingClient(link(Stuck())) as client:
        with pytest.raises(DeviceError, match="did not answer"):
            await everything(client)

    assert monotonic_ms() == pytest.approx(HANDSHAKE_MS, abs=1)


@in_virtual_time
async def test_a_ring_that_falls_silent_is_given_up_in_time():
    async with RingClient(link()) as client:
        await first(client, 2)
        began_ms = monotonic_ms()
        client._link.up.loses = lambda _number: True
        with pytest.raises(DeviceError, match="fell silent"):
            await everything(client)

    assert monotonic_ms() - began_ms == pytest.approx(ANSWER_MS, abs=1)


@in_virtual_time
async def test_a_link_that_is_cut_ends_the_messages():
    there = link()
    async with RingClient(there) as client:
        await first(client, 2)
        there.cut("a wall")
        with pytest.raises(LinkError, match="a wall"):
            await everything(client)


@in_virtual_time
async def test_a_link_that_breaks_while_sending_ends_the_messages():
    async with RingClient(Breaking(SimulatedRing(KEY), KEY)) as client:
        with pytest.raises(LinkError, match="the cable came out"):
            await everything(client)


@in_virtual_time
async def test_one_can_wait_until_the_ring_has_taken_enough():
    async with RingClient(link(delay_ms=20.0)) as client:
        reading = asyncio.create_task(everything(client))
        await asyncio.sleep(1)
        downlink = client.session.downlink
        await client.drained(0)

        downlink.begin(1)
        downlink.go(1)
        downlink.push(1, np.zeros(200 * CODEC.frame_samples, np.int16))
        client.wake()
        began_ms = monotonic_ms()
        await client.drained(1000)

        assert 960 <= downlink.queued_ms <= 1000
        assert monotonic_ms() - began_ms == pytest.approx(1000, abs=250)  # 2 s fit, 1 s was played
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
