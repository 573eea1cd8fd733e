"""What every link promises, asked of each: in memory, over the emulated radio, over a cable."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mynah.emulator.emulated import emulated
from mynah.emulator.pty import PseudoTerminal
from mynah.emulator.ring import EmulatedRing
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.link.aead import Ccm
from mynah.link.base import Link
from mynah.link.ble import BleLink
from mynah.link.delay_line import DelayLine, some
from mynah.link.fake_radio import FakeRadio
from mynah.link.keys import RingKey
from mynah.link.memory import MemoryLink
from mynah.link.serial import SerialLink
from mynah_wire.channel import OPEN, Channel
from mynah_wire.downlink import Ping
from mynah_wire.gatt import AUDIO_MTU, record_limit
from mynah_wire.handshake import HOST
from mynah_wire.message import encode
from mynah_wire.uplink import Pong, Ready
from tests.bridge.virtual_time import in_virtual_time

KEY = bytes(range(32))
DEADLINE_S = 10
PINGS = 25  # fewer than a ring keeps answers waiting


@dataclass
class Reach:
    """A link and what ends it from outside."""

    link: Link
    cut: object


@asynccontextmanager
async def in_memory():
    link = MemoryLink(SimulatedRing(KEY), KEY)
    yield Reach(link, link.cut)


@asynccontextmanager
async def over_a_fake_radio():
    radio, key = FakeRadio(0.0, 0.01, 0.0), RingKey("0102030405060708", KEY)
    ring = radio.add(SimulatedRing(KEY), key)
    yield Reach(BleLink([key], backends=radio.backends), lambda: radio.cut(ring))


@asynccontextmanager
async def over_the_radio():
    async with emulated("emulator:contract?interval=7.5&supervision=100") as on:
        yield Reach(on.link, on.ring.air.silence)


@asynccontextmanager
async def over_a_cable():
    async with EmulatedRing() as ring, PseudoTerminal(ring) as port:
        yield Reach(SerialLink(port.name), port.unplug)


LINKS = [in_memory, over_a_fake_radio, over_the_radio, over_a_cable]


@pytest.fixture(params=LINKS, ids=["memory", "fake radio", "radio", "cable"])
async def reach(request):
    async with asyncio.timeout(DEADLINE_S), request.param() as reach:
        yield reach
        await reach.link.close()


async def proven(link, mtu):
    """The handshake over this link; the ring's first sealed message with the channel."""
    channel = Channel(HOST, link.key, Ccm, bytes(16), mtu)
    record = channel.greet()
    while channel.state != OPEN:
        if record:
            await link.send(record)
        record = channel.receive_plain(await link.receive())
    ready = channel.receive(await link.receive())
    assert isinstance(ready, Ready)
    return channel


async def drain(link):
    while True:
        await link.receive()


async def next_pong(link, channel):
    while not isinstance(message := channel.receive(await link.receive()), Pong):
        pass
    return message


async def test_open_tells_the_mtu_and_the_key_of_the_ring_that_was_found(reach):
    mtu = await reach.link.open()

    channel = await proven(reach.link, mtu)

    assert mtu >= channel.mtu >= AUDIO_MTU
    assert len(reach.link.key) == 32
    assert ":" in reach.link.name


async def test_records_come_whole_once_and_in_order_both_ways(reach):
    channel = await proven(reach.link, await reach.link.open())

    for number in range(PINGS):
        await reach.link.send(channel.seal_piece(encode(Ping(number))))
    pongs = [await next_pong(reach.link, channel) for _ in range(PINGS)]

    assert [pong.token for pong in pongs] == list(range(PINGS))
    assert channel.missed == 0


async def test_a_record_of_any_length_up_to_the_limit_is_carried(reach):
    mtu = await reach.link.open()
    channel = await proven(reach.link, mtu)

    padding = bytes(record_limit(channel.mtu) - 17)  # what a newer host might add to a PING
    await reach.link.send(channel.seal_piece(encode(Ping(7)) + padding))

    assert (await next_pong(reach.link, channel)).token == 7


async def test_when_the_link_is_cut_whoever_receives_is_told_and_so_is_whoever_sends(reach):
    channel = await proven(reach.link, await reach.link.open())

    reach.cut()
    for _ in range(2):
        with pytest.raises(LinkError):
            await drain(reach.link)
    with pytest.raises(LinkError):
        await reach.link.send(channel.seal_piece(encode(Ping(1))))


async def listen(link):
    """Whatever comes, until it is over."""
    while True:
        await link.receive()


async def test_what_came_before_the_end_can_still_be_received(reach):
    await proven(reach.link, await reach.link.open())
    await asyncio.sleep(0.1)  # the ring tells its counters

    await reach.link.close()

    assert await reach.link.receive()
    with pytest.raises(LinkError):
        await listen(reach.link)


async def test_a_receiver_that_waits_is_told_of_the_end(reach):
    channel = await proven(reach.link, await reach.link.open())
    channel.receive(await reach.link.receive())
    waiting = asyncio.create_task(listen(reach.link))
    await asyncio.sleep(0)

    await reach.link.close()

    with pytest.raises(LinkError):
        await waiting


async def test_after_closing_nothing_is_sent_and_closing_again_is_nothing(reach):
    await reach.link.open()

    await reach.link.close()
    await reach.link.close()

    with pytest.raises(LinkError, match="not connected"):
        await reach.link.send(b"\0")


async def test_a_link_that_was_never_opened_can_be_closed_and_says_that_it_is_not_open(reach):
    with pytest.raises(LinkError, match="not connected"):
        await reach.link.send(b"\0")
    await reach.link.close()


async def test_it_can_be_opened_again(reach):
    for _ in range(2):
        await proven(reach.link, await reach.link.open())
        await reach.link.close()


@in_virtual_time
async def test_in_memory_records_are_late_or_lost_as_was_asked():
    link = MemoryLink(SimulatedRing(KEY), KEY, delay_ms=50.0)
    loop = asyncio.get_running_loop()
    channel = await proven(link, await link.open())
    assert loop.time() == pytest.approx(0.2, abs=0.01)  # four ways; READY comes with the last

    began_s = loop.time()
    first = link.down.carried
    link.down.loses = lambda number: number == first
    for number in range(2):
        await link.send(channel.seal_piece(encode(Ping(number))))

    assert (await next_pong(link, channel)).token == 1
    assert loop.time() - began_s == pytest.approx(0.1, abs=0.01)
    await link.close()


def test_a_delay_line_keeps_the_order_whatever_its_delay():
    line = DelayLine(100.0)

    line.put(b"slow", 0.0)
    line.delay_ms = 10.0
    line.put(b"fast", 50.0)

    assert (line.deadline_ms(), line.take(99.0)) == (100.0, [])
    assert line.take(100.0) == [b"slow", b"fast"]
    assert line.deadline_ms() is None


def test_what_a_delay_line_loses_is_the_same_for_the_same_seed():
    lost = [[some(0.3, seed)(number) for number in range(5)] for seed in (1, 1, 2)]
    chances = some(0.3, 1)

    assert lost[0] == lost[1]
    assert sum(chances(number) for number in range(1000)) == pytest.approx(300, abs=50)
