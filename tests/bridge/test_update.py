"""`mynah update` against a ring's own logic, over links that are lost and starts that fail."""

import asyncio

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import DeviceError
from mynah.link.client import monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.maker.update import Progress, update
from mynah_device import about, actions
from mynah_wire.making import CONFIRMED, REFUSED, Block, Install, Offer
from tests.bridge.virtual_time import in_virtual_time
from tests.device.chips import FILES, Chip, made

KEY = bytes(range(32))
OLD, NEW = 1, 2
STARTS_MS = 1500
LARGE = FILES | {"lib/larger.py": bytes(range(256)) * 120}


class Ring(SimulatedRing):
    """One that takes updates."""

    def __init__(self, chip, world, seed):
        super().__init__(KEY, seed=seed)
        self.chip = chip
        self.world = world

    def _carry_out(self, action, value):
        if action != actions.UPDATE:
            super()._carry_out(action, value)
            return
        self.world.saw(value)
        for told in self.chip.take(value, self.world.hindrance()):
            self._event(actions.UPDATED, self._now_ms, told)
        if self.chip.restarted:
            self.chip.restarted = False
            asyncio.get_running_loop().call_later(0.5, self.world.restarts)


class World:
    """A ring, its flash, its link, and what befalls them."""

    def __init__(self, monkeypatch, *, stays=True, cut_at=(), powerless=False, busy=0, of=None):
        self.bundle = of or made(NEW, LARGE)
        self.monkeypatch = monkeypatch
        self.stays = stays
        self.cut_at = list(cut_at)  # numbers of blocks at which the link goes
        self.powerless = powerless  # what goes then is the power
        self.busy = busy  # offers that come at a bad moment
        self.blocks = 0
        self.offers = 0
        self.boots = 0
        self.files = {}
        self.shown = []
        self.link = MemoryLink(self.boot(OLD), KEY, delay_ms=15.0)

    def boot(self, build):
        self.monkeypatch.setattr(about, "BUILD", build)
        self.boots += 1
        return Ring(Chip(self.files, build), self, self.boots)

    def restarts(self):
        self.link.cut()
        build = NEW if self.stays else OLD
        if self.stays:
            self.files["a/head"] = self.bundle.sha256
        self.link._peer = self.boot(build)

    def hindrance(self):
        self.busy -= self.busy > 0
        return "it hears or speaks: a moment later" if self.busy else ""

    def saw(self, order):
        self.offers += isinstance(order, Offer)
        self.blocks += isinstance(order, Block)
        if self.cut_at and self.blocks >= self.cut_at[0]:
            self.cut_at.pop(0)
            asyncio.get_running_loop().call_soon(self.goes)

    def goes(self):
        self.link.cut()
        if self.powerless:
            self.link._peer = self.boot(OLD)

    async def update(self):
        async def bundle_for(ready):
            assert ready.build == OLD
            return self.bundle

        return await update(self.link, bundle_for, self.shown.append)


@in_virtual_time
async def test_it_is_sent_tried_and_confirmed(monkeypatch):
    world = World(monkeypatch)

    done = await world.update()

    assert (done.before, done.after, done.board, done.resumed) == (OLD, NEW, "simulation", 0)
    assert world.boots == 2
    sent = [progress.sent for progress in world.shown if progress.text == "sending"]
    assert sent == sorted(sent)
    assert world.shown[-1] == Progress("confirmed", len(world.bundle.data), len(world.bundle.data))


@in_virtual_time
async def test_a_link_that_is_lost_is_opened_again_and_it_goes_on(monkeypatch):
    world = World(monkeypatch, cut_at=[5, 60, 120])

    done = await world.update()

    assert done.resumed == 3
    step = 230
    assert world.blocks < len(world.bundle.data) / step + 3 * 8192 / step + 10


@in_virtual_time
async def test_a_ring_whose_power_went_is_sent_what_is_missing(monkeypatch):
    world = World(monkeypatch, cut_at=[100], powerless=True)

    done = await world.update()

    assert (done.after, world.boots) == (NEW, 3)
    assert world.blocks < len(world.bundle.data) / 200 + 100


@in_virtual_time
async def test_a_ring_that_speaks_is_asked_again(monkeypatch):
    world = World(monkeypatch, busy=4)
    before_ms = monotonic_ms()

    await world.update()

    assert world.offers >= 4
    assert monotonic_ms() - before_ms > 4000


@in_virtual_time
async def test_a_build_that_does_not_stay_is_told(monkeypatch):
    world = World(monkeypatch, stays=False)

    with pytest.raises(DeviceError, match=r"build 2 did not stay, 1 runs again; .*mynah logs"):
        await world.update()


@in_virtual_time
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (made(NEW, architecture="rv32imc-6.3"), "made for rv32imc-6.3, .*leave out --bundle"),
        (made(OLD), "build 1 runs already; .*--build"),
        (made(0), "build 0 is older than 1; .*--build"),
    ],
)
async def test_a_refusal_comes_with_its_next_step(bad, says, monkeypatch):
    world = World(monkeypatch, of=bad)

    with pytest.raises(DeviceError, match=f"the ring refused the update: {says}"):
        await world.update()


@in_virtual_time
async def test_a_ring_that_stays_away_ends_it(monkeypatch):
    world = World(monkeypatch, cut_at=[10, *[0] * 1000])

    with pytest.raises(DeviceError, match="run it again: it goes on where it stopped"):
        await world.update()


def test_every_order_of_an_update_is_told_to_the_shell():
    assert {Offer.KIND, Block.KIND, Install.KIND} == {0x70, 0x71, 0x72}
    assert REFUSED != CONFIRMED
