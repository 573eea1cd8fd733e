"""`mynah update` against a ring's own logic, over links that are lost and starts that fail."""

import asyncio
import io

import pytest
from rich.console import Console

from mynah.cli import invoke
from mynah.cli.update import bars
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import BluetoothError, DeviceError, LinkError
from mynah.link.client import monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.maker.bundle import source_build
from mynah.maker.update import LOOKING, Progress, UpdateRefusedError, update
from mynah.maker.update_key import find_key, key_store
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


STRANGE = "it hears or speaks[/x] \x1b]0;owned\x07\x1b[2J"


@in_virtual_time
async def test_what_a_ring_says_moves_no_cursor(monkeypatch):
    world = World(monkeypatch, busy=4)
    monkeypatch.setattr(world, "hindrance", iter([STRANGE] * 3 + [""] * 10_000).__next__)

    await world.update()

    assert any("it hears or speaks[/x]" in progress.text for progress in world.shown)
    assert all(progress.text.isprintable() for progress in world.shown)


def test_a_text_is_shown_as_it_is_though_it_looks_like_markup():
    shown = io.StringIO()
    with bars(Console(file=shown, force_terminal=True, width=80)) as progress:
        progress.add_task("speaks[/x] [red]now")
        progress.refresh()

    assert "speaks[/x] [red]now" in shown.getvalue()


class WithoutBluetooth(MemoryLink):
    """A computer that has none."""

    async def open(self):
        raise BluetoothError("there is no Bluetooth on this computer; run mynah doctor")


class OutOfReach(MemoryLink):
    """Nobody is there, the first time."""

    tries = 0

    async def open(self):
        self.tries += 1
        if self.tries == 1:
            raise LinkError("nobody is in reach")
        return await super().open()


@in_virtual_time
async def test_without_bluetooth_it_ends_at_once(monkeypatch):
    world = World(monkeypatch)
    world.link = WithoutBluetooth(world.boot(OLD), KEY)
    before_ms = monotonic_ms()

    with pytest.raises(BluetoothError, match="no Bluetooth on this computer"):
        await world.update()
    assert monotonic_ms() == before_ms


@in_virtual_time
async def test_a_ring_that_is_waited_for_is_said_to_be(monkeypatch):
    world = World(monkeypatch)
    world.link = OutOfReach(world.boot(OLD), KEY, delay_ms=15.0)

    await world.update()

    assert world.shown[0].text == "looking for the ring… (nobody is in reach)"


def test_an_emulated_ring_that_runs_what_is_here_is_up_to_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))

    assert invoke(["update", "--link", "emulator:"]) == 0
    told = capsys.readouterr()
    assert told.out == f"up to date: build {source_build()}\n"
    assert told.err == f"{LOOKING}\n"


def test_an_emulated_ring_is_not_to_be_connected_by_usb():
    error = UpdateRefusedError("build 1 is older than 2")

    assert "USB" in error.told()
    assert "USB" not in error.told(has_cable=False)
    assert "--build with a higher number" in error.told(has_cable=False)


def test_a_new_key_is_not_made_unasked(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))
    assert invoke(["update", "--make-key"]) == 0  # the first one: nobody trusts another
    first = find_key(key_store())

    assert invoke(["update", "--make-key"]) == 2
    assert find_key(key_store()) == first
    assert "take no update until `mynah flash --app`" in capsys.readouterr().err

    assert invoke(["update", "--make-key", "--yes"]) == 0
    assert find_key(key_store()) != first


@in_virtual_time
async def test_a_ring_that_stays_away_ends_it(monkeypatch):
    world = World(monkeypatch, cut_at=[10, *[0] * 1000])

    with pytest.raises(DeviceError, match="run it again: it goes on where it stopped"):
        await world.update()


def test_every_order_of_an_update_is_told_to_the_shell():
    assert {Offer.KIND, Block.KIND, Install.KIND} == {0x70, 0x71, 0x72}
    assert REFUSED != CONFIRMED
