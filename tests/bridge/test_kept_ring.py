"""A ring over bleak is kept in conversation through all that radios and BlueZ do."""

import asyncio
import random
from contextlib import asynccontextmanager

import pytest
from bleak.exc import BleakDBusError

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.keeping import Keeper, Telling
from mynah.link.ble import BleLink
from mynah.link.client import monotonic_ms
from mynah.link.fake_radio import STALL, FakeRadio
from mynah.link.keys import RingKey
from mynah.link.place import Place
from mynah.link.scanner import Scanner
from mynah.link.supervisor import State
from mynah.link.trouble import Kind, told
from mynah.view import View
from tests.bridge.scene import stages
from tests.bridge.virtual_time import in_virtual_time

PROMISED_MS = 5000
IN_PROGRESS = BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"])


async def never():
    await asyncio.Event().wait()


class Watcher(View):
    def __init__(self):
        self.troubles = []

    def trouble(self, text):
        self.troubles.append(text)


def ring_of(key):
    return SimulatedRing(key.secret, device_id=bytes.fromhex(key.device_id))


class Bench:
    """Some rings, one radio, one scanner, and a keeper for each ring."""

    def __init__(self, rings=1):
        self.radio = FakeRadio()
        self.scanner = Scanner(self.radio.backends)
        self.view = Watcher()
        self.records = []
        self.keys = {}
        self.keepers = [self._keeper(number) for number in range(rings)]

    def _keeper(self, number):
        key = RingKey(f"{number:016x}", bytes([number] * 32))
        self.radio.add(ring_of(key), key)
        self.keys = {number: key, **self.keys}
        link = BleLink(lambda: [self.keys[number]], scanner=self.scanner)
        place = Place(f"ring {number}", link, lambda _glimpse: "", never)
        telling = Telling(self.view, self.records.append)
        return Keeper(place, stages("yes"), telling, random.Random(number).random)

    @property
    def keeper(self):
        return self.keepers[0]

    async def until(self, state=State.RUN, limit_s=600):
        async with asyncio.timeout(limit_s):
            while any(keeper.state is not state for keeper in self.keepers):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def bench(rings=1):
    it = Bench(rings)
    tasks = [asyncio.create_task(keeper.run(), name="kept") for keeper in it.keepers]
    try:
        yield it
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@in_virtual_time
async def test_a_ring_is_reached_with_a_new_client_each_time_and_never_while_scanning():
    async with bench() as it:
        for attempt in range(1, 4):
            await it.until()
            assert (it.radio.clients, it.radio.scanning) == (attempt, 0)
            it.radio.cut(it.radio.rings[0])
            await it.until(State.SCAN)

    assert (it.radio.scanning, it.radio.connected_amid_scans) == (0, 0)
    assert it.radio.rings[0].wire is None


@in_virtual_time
async def test_after_an_absence_of_any_length_it_is_back_within_five_seconds():
    chance = random.Random(1)
    took_ms = []
    async with bench() as it:
        for _ in range(30):
            await it.until()
            await asyncio.sleep(chance.uniform(0, 3))
            it.radio.reach(well=False)
            await asyncio.sleep(chance.choice([0.05, 0.5, 5, 60, 600]) * chance.uniform(0.5, 1.5))
            it.radio.reach(well=True)
            back_ms = monotonic_ms()
            await it.until()
            took_ms.append(monotonic_ms() - back_ms)

    assert max(took_ms) < PROMISED_MS / 2
    assert set(it.view.troubles) <= {told(Kind.AWAY), told(Kind.ASLEEP)}


@in_virtual_time
async def test_an_adapter_that_was_off_is_noticed_by_who_tries_and_by_who_is_told():
    async with bench() as it:
        await it.until()
        it.radio.power(on=False)
        await it.until(State.IDLE)
        await asyncio.sleep(100)
        it.radio.power(on=True)
        on_ms = monotonic_ms()
        await it.until()
        tried_ms = monotonic_ms() - on_ms

        it.radio.power(on=False)
        it.keeper.adapter(on=False)
        await it.until(State.IDLE)
        await asyncio.sleep(0.5)
        it.radio.power(on=True)
        it.keeper.adapter(on=True)
        on_ms = monotonic_ms()
        await it.until()

    assert tried_ms < PROMISED_MS
    assert monotonic_ms() - on_ms < 1500
    assert told(Kind.ADAPTER_OFF) in it.view.troubles


@pytest.mark.parametrize(
    ("step", "trouble", "kind", "limit_s"),
    [
        ("connect", IN_PROGRESS, Kind.IN_PROGRESS, 5),
        ("connect", STALL, None, 40),
        ("notify", STALL, None, 20),
        ("scan", STALL, Kind.STALLED, 20),
        ("scan", BleakDBusError("org.bluez.Error.InProgress", []), Kind.IN_PROGRESS, 5),
        ("services", None, Kind.STALE_CACHE, 5),
    ],
)
@in_virtual_time
async def test_what_fails_or_stalls_once_is_got_over(step, trouble, kind, limit_s):
    async with bench() as it:
        it.radio.troubles[step].append(trouble)
        await it.until(limit_s=limit_s)

    assert kind is None or it.view.troubles == [told(kind)]
    assert it.radio.scanning == 0


@in_virtual_time
async def test_a_disconnect_that_stalls_holds_nobody_up():
    async with bench() as it:
        await it.until()
        it.radio.troubles["disconnect"].append(STALL)
        it.radio.cut(it.radio.rings[0])
        await it.until(State.SCAN)
        await it.until(limit_s=10)


@in_virtual_time
async def test_a_ring_with_another_key_is_not_tried_in_a_storm():
    async with bench() as it:
        it.radio.rings[0].peer = SimulatedRing(bytes([9] * 32))
        await asyncio.sleep(600)

    assert it.radio.clients <= 14
    assert it.view.troubles[0] == told(Kind.WRONG_KEY)
    assert len(it.view.troubles) == 4


@in_virtual_time
async def test_a_ring_that_is_paired_again_meanwhile_is_known_without_a_restart():
    async with bench() as it:
        (ring,) = it.radio.rings
        new = RingKey(ring.key.device_id, bytes([9] * 32))
        ring.peer = ring_of(new)
        await asyncio.sleep(30)
        ring.key = it.keys[0] = new
        await it.until(limit_s=120)


@in_virtual_time
async def test_several_rings_share_one_scan_and_one_that_is_away_does_not_hold_the_others():
    async with bench(rings=3) as it:
        it.radio.rings[1].in_reach = False
        here = [it.keepers[0], it.keepers[2]]
        async with asyncio.timeout(5):
            while any(keeper.state is not State.RUN for keeper in here):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert it.radio.scanning == 1
        it.radio.rings[1].in_reach = True
        await it.until(limit_s=5)

        assert (it.radio.scanning, it.radio.connected_amid_scans) == (0, 0)
