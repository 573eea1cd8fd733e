"""An emulated chip starts again by itself, and knows why."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mynah.emulator.ring import RESTARTS_IN_A_ROW, EmulatedRing
from mynah.emulator.watchdog import SCALE
from mynah.errors import EmulatorError
from mynah.firmware import firmware_folder

SCRIPT = Path(__file__).with_name("firmware_scripts") / "restarts.py"


@asynccontextmanager
async def ending(folder, *ends, board=""):
    """A ring whose runs end so, one after another; and what it prints."""
    (folder / "lib").symlink_to(firmware_folder() / "lib")
    (folder / "boards").mkdir()
    (folder / "boards" / "small.py").write_text('CHIP = "esp32c3"\nBUTTON_PIN = 3\n')
    shutil.copy(SCRIPT, folder / "main.py")
    flash = folder / "flash"
    flash.mkdir()
    (flash / "ends").write_text(" ".join(ends))
    console = bytearray()
    ring = EmulatedRing(firmware=folder, flash=flash, storage=folder / "nvs", board=board)
    ring.sleeps = asyncio.Event()
    ring.trace.listen(lambda event: event["event"] == "asleep" and ring.sleeps.set())
    ring.on_console_bytes(console.extend)
    async with asyncio.timeout(20), ring:
        yield ring, console


def starts(console):
    return [line for line in console.decode().splitlines() if line.startswith("start")]


async def test_a_reset_keeps_rtc_memory_and_runs_nothing_more(tmp_path):
    async with ending(tmp_path, "reset", "reset", "end") as (ring, console):
        await ring.wait()

    assert starts(console) == [
        "start 0 cause 1 wake 0 pins () button 1",
        "start 1 cause 2 wake 0 pins () button 1",
        "start 2 cause 2 wake 0 pins () button 1",
    ]
    assert "a chip would not print this" not in console.decode()
    assert ring.boots == 3


async def test_it_wakes_from_deep_sleep_when_its_time_is_up(tmp_path):
    async with ending(tmp_path, "nap", "end") as (ring, console):
        await ring.wait()

    assert starts(console)[1] == "start 1 cause 4 wake 4 pins () button 1"


@pytest.mark.parametrize(
    ("board", "woken"),
    [("", "wake 2 pins () button 0"), ("small", "wake 7 pins (3,) button 1")],
)
async def test_it_sleeps_until_its_button_is_pressed_and_reads_it_pressed(tmp_path, board, woken):
    async with ending(tmp_path, "sleep", "end", board=board) as (ring, console):
        await ring.sleeps.wait()
        ring.world.press()
        await ring.wait()

    assert starts(console)[1] == f"start 1 cause 4 {woken}"


async def test_a_button_that_is_stuck_does_not_wake_it_again_and_again(tmp_path):
    async with ending(tmp_path, "nap", "sleep", "end") as (ring, _):
        told = []
        ring.trace.listen(lambda event: event["event"] == "deepsleep" and told.append(event))
        ring.world.press()
        for _ in range(2):
            await ring.sleeps.wait()
            ring.sleeps.clear()

    assert [(event["ms"], event["wake"]) for event in told] == [(50, []), (600_000, [])]


async def test_a_power_cut_in_deep_sleep_forgets_rtc_memory(tmp_path):
    async with ending(tmp_path, "sleep", "end") as (ring, console):
        await ring.sleeps.wait()
        (tmp_path / "flash" / "ends").write_text("end")
        ring.cut_power()
        await ring.wait()

    assert starts(console)[1] == "start 0 cause 1 wake 0 pins () button 1"


@pytest.mark.parametrize("end", ["spin", "crash"])
async def test_the_watchdog_bites_whoever_does_not_feed_it(tmp_path, monkeypatch, end):
    monkeypatch.setenv(SCALE, "0.2")
    async with ending(tmp_path, end, "end") as (ring, console):
        await ring.wait()

    assert starts(console)[1] == "start 1 cause 3 wake 0 pins () button 1"


async def test_a_ring_that_only_resets_is_broken(tmp_path):
    ends = ["reset"] * (RESTARTS_IN_A_ROW + 1)
    async with ending(tmp_path, *ends) as (ring, _):
        with pytest.raises(EmulatorError, match="reset itself, 20 times in a row"):
            await ring.wait()
