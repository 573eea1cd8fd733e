"""Every task of the firmware blocked in turn: `python -m tests.end_to_end.blocking`.

In each case the wearer says something to the bridge, something out of its reach, and something when
the ring is back. Time is real; with 1 as the scale, so is the watchdog's.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from mynah.emulator.emulated import Emulated, emulated
from mynah.emulator.watchdog import SCALE
from mynah.firmware import firmware_folder
from mynah.reliability.stack import OUTAGE_S, Stack, Story, _say

SCRIPT = Path(__file__).with_name("firmware_scripts") / "blocked.py"
WAYS = ("spin", "wait")
RESET_WITHIN_S = 10.0
HOLD_S = 0.6
LOOK_S = 0.05
PATIENCE_S = 40.0
SAVED_S = 0.4
AT_ONCE = 6  # cases; each mostly waits

BEFORE, APART, BLOCKED, AFTER = range(4)


@dataclass
class Case:
    """One task, blocked in one way, and what came of it."""

    name: str
    way: str
    reset_s: float = 0.0
    lost: set[int] = field(default_factory=set)
    twice: list[str] = field(default_factory=list)
    log: str = ""

    @property
    def blamed(self) -> bool:
        """Whether the ring knows who stood still; of one that spins nobody can know."""
        culprit = self.name if self.way == "wait" and self.name != "supervisor" else "firmware"
        return f"fault: {culprit}, starved" in self.log


class Console:
    """What the ring prints."""

    def __init__(self, on: Emulated) -> None:
        self.text = ""
        on.ring.on_console_bytes(self._take)

    def _take(self, data: bytes) -> None:
        self.text += data.decode(errors="replace")


async def until(what) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(LOOK_S)


async def block(case: Case, folder: Path) -> Case:
    """Go through one case."""
    story = Story()
    async with emulated(f"emulator:{case.name}-{case.way}", firmware=wrapped(folder)) as on:
        flash = on.ring._flash
        console, bridge = Console(on), Stack(on, folder / "inbox", story)
        bridge.start()
        await _say(on, BEFORE, HOLD_S, 0.0)
        await until(lambda: story.told[BEFORE])
        on.ring.air.silence()
        await asyncio.sleep(OUTAGE_S)
        await _say(on, APART, HOLD_S, 0.0)
        await saved(flash / "said")
        (flash / "block").write_text(f"{case.name} {case.way}")
        case.reset_s = await reset(on, console, case)
        on.ring.air.restore()
        await until(lambda: story.told[APART])
        await _say(on, AFTER, HOLD_S, 0.0)
        await until(lambda: story.told[AFTER])
        await on.ring.ask("mynah log")
        await bridge.stop()
        case.log = console.text
    case.lost = {BEFORE, APART, AFTER} - set(story.told)
    case.twice = story.twice
    return case


async def reset(on: Emulated, console: Console, case: Case) -> float:
    """Until the ring starts anew, from the moment in which it was told to block."""
    await until(lambda: "blocked: " in console.text)
    begun_s = time.monotonic()
    if case.name == "microphone":
        await _say(on, BLOCKED, HOLD_S, 0.0)
    await until(lambda: on.ring.boots > 1)
    return time.monotonic() - begun_s


async def saved(folder: Path) -> None:
    """What was said is in flash, and no more is written."""
    size, since_s = -1, 0.0
    while time.monotonic() - since_s < SAVED_S or size <= 0:
        now = size_of(folder)
        if now != size:
            size, since_s = now, time.monotonic()
        await asyncio.sleep(LOOK_S)


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def wrapped(folder: Path) -> Path:
    """The firmware, with a loader that can block it."""
    wrap = folder / "firmware"
    wrap.mkdir(parents=True)
    for name in ("app.py", "lib", "boards"):
        (wrap / name).symlink_to(firmware_folder() / name)
    (wrap / "main.py").symlink_to(SCRIPT)
    return wrap


async def tasks(folder: Path) -> list[str]:
    """What the standard board has to block."""
    async with emulated("emulator:tasks", firmware=wrapped(folder)) as on:
        return (on.ring._flash / "tasks").read_text().split()


async def block_all(names: Iterable[str], folder: Path, on_case) -> None:
    """Each in both ways, a few at a time; `on_case` gets each when it is over."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, way: str) -> None:
        async with room:
            on_case(await block(Case(name, way), folder / f"{name}-{way}"))

    async with asyncio.TaskGroup() as group:
        for name in names:
            for way in WAYS:
                group.create_task(one(name, way))


def main() -> None:
    """A table; exit code 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1", help="of the watchdog's time")
    options = parser.parse_args()
    cases: list[Case] = []

    def show(case: Case) -> None:
        cases.append(case)
        verdict = "ok" if not case.lost and not case.twice and case.blamed else "BROKEN"
        typer.echo(f"{case.name:12} {case.way:5} reset after {case.reset_s:5.2f} s  {verdict}")

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ.update({SCALE: options.scale, "MYNAH_DATA": str(folder / "data")})
        names = asyncio.run(tasks(folder / "tasks"))
        asyncio.run(block_all(names, folder, show))
    worst = max(case.reset_s for case in cases)
    broken = [case for case in cases if case.lost or case.twice or not case.blamed]
    typer.echo(
        f"{len(cases)} cases, {len(broken)} broken, the longest until the reset {worst:.2f} s"
    )
    raise SystemExit(bool(broken) or worst > RESET_WITHIN_S)


if __name__ == "__main__":
    main()
