"""Chaos in real time: the real MicroPython on the firmware, the real Bluetooth stack, the bridge.

Without models: an utterance is a chord that says its number, and the bridge's ears count.
"""

import asyncio
import random
import tempfile
from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mynah.audio import SPEECH_HZ
from mynah.companions.guest import Guest
from mynah.emulator.emulated import SCHEME, Emulated, emulated, forget_said
from mynah.emulator.trace import Event
from mynah.emulator.wearer import LEAD_MS
from mynah.inbox.disk import Disk
from mynah.inbox.inboxes import Inboxes
from mynah.link.place import Place
from mynah.live import Live
from mynah.reliability.counting import Brief, Counter, Loud, counted
from mynah.reliability.mortal import MortalDisk
from mynah.reliability.tones import LARGEST, chord
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah.view import View

KINDS: Final = ("disconnect", "host_kill", "power_cut")

RING: Final = "chaos"

HOLD_S: Final = (0.45, 0.9)
"""Longer than a tap."""

FAULT_S: Final = (-0.2, 1.0)
"""When a fault comes, from the press on: before it, in it, or while the answer is made."""

OUTAGE_S: Final = 0.7
"""Longer than the supervision timeout of 0.42 s."""

AGAIN_S: Final = 1.2
"""From a fault to the next press: the ring boots in half a second."""

DRAIN_S: Final = 60.0
"""After the last fault, for all that is still held; what is gone is given up after 20 s."""

QUIET_S: Final = 8.0
"""And so long nothing more may come."""

KILLED_S: Final = 1.0
"""Whoever is killed so soon after a turn may not have noted that it is over."""


@dataclass(slots=True)
class Story:
    """What the wearer knows of each utterance, by its number, and what came of it."""

    opened: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)
    """Released while the ring had power: promised."""
    told: Tally[int] = field(default_factory=Tally)
    lost: Tally[str] = field(default_factory=Tally)
    kills_s: list[float] = field(default_factory=list)
    told_s: dict[int, float] = field(default_factory=dict)
    again: int = 0
    twice: list[str] = field(default_factory=list)
    """What came once more, after how long, and how long before that the host was killed."""
    current: int = 0
    hears: bool = False

    def ring(self, event: Event) -> None:
        """What the chip saw of the button and the microphone."""
        if event["event"] == "microphone" and event["on"]:
            self.opened.add(self.current)
            self.hears = True
        elif event["event"] == "input" and event["value"] and self.hears:
            self.over.add(self.current)
            self.hears = False
        elif event["event"] == "power_cut":
            self.hears = False

    def turn(self, record: TurnRecord, now_s: float) -> None:
        """The bridge told of a turn, or that something is lost."""
        if record.kept:
            return
        numbers = counted([record.transcript])
        if record.error is not None and not numbers:
            self.lost[record.error] += 1
        for number in numbers:
            before_s = self.told_s.get(number)
            if before_s is not None and any(
                0 <= kill_s - before_s <= KILLED_S for kill_s in self.kills_s
            ):
                self.again += 1
                continue
            if before_s is not None:
                since = [round(now_s - kill_s, 2) for kill_s in self.kills_s if kill_s > before_s]
                self.twice.append(f"{number}: again after {now_s - before_s:.2f} s, kills {since}")
            self.told[number] += 1
            self.told_s[number] = now_s

    @property
    def open(self) -> int:
        """Promised, not come; those that were told lost have no number."""
        return max(0, len(self.over - set(self.told)) - sum(self.lost.values()))

    def figures(self) -> dict[str, Any]:
        """Of a result."""
        return {
            "utterances": len(self.over),
            "arrived": len(self.over & set(self.told)),
            "unfinished": len(self.opened - self.over),
            "lost": dict(self.lost),
            "silent": self.open,
            "duplicated": sum(count - 1 for count in self.told.values()),
            "again": self.again,
            "twice": self.twice,
        }


class Stack:
    """One emulated ring that stays, and one bridge after another."""

    def __init__(self, on: Emulated, folder: Path, story: Story) -> None:
        self._on = on
        self._folder = folder
        self._story = story
        self._disks: list[MortalDisk] = []
        self._view = Onlooker(story)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """A bridge begins."""
        self._disks.clear()
        stages = Stages(
            Counter(),
            Guest("brief", Brief()),
            ToneSynthesizer(),
            new_detector=Loud,
            profile=None,
            inboxes=Inboxes(self._disk),
        )
        self._view = Onlooker(self._story)
        live = Live(stages, "brief", self._view, self._place)
        self._running = asyncio.create_task(live.run(), name="bridge")

    async def kill(self) -> None:
        """It is gone: its disk has what it had in this moment, and it tells nothing more."""
        self._story.kills_s.append(asyncio.get_running_loop().time())
        self._view.die()
        for disk in self._disks:
            disk.die()
        await self.stop()

    async def stop(self) -> None:
        """It ends."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _disk(self, device_id: str) -> Disk:
        self._disks.append(MortalDisk(self._folder / device_id))
        return self._disks[-1]

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[Place]:
        yield self._on.place()


async def stack(cuts: int, seed: int, on_cycle: Callable[[Story], None]) -> dict[str, Any]:
    """So many faults of each kind, one an utterance; the figures of a result."""
    chance, story, happened = random.Random(seed), Story(), Tally[str]()
    kinds = [kind for kind in KINDS for _ in range(cuts)]
    chance.shuffle(kinds)
    forget_said(RING)  # of a run that was broken off: its numbers would come in this one
    with tempfile.TemporaryDirectory() as folder:
        async with emulated(f"{SCHEME}{RING}?seed={seed}") as on:
            on.ring.trace.listen(story.ring)
            bridge = Stack(on, Path(folder), story)
            bridge.start()
            await asyncio.sleep(AGAIN_S)
            for number, kind in enumerate(kinds):
                story.current = number % (LARGEST + 1)
                await _cycle(on, bridge, story.current, kind, chance)
                happened[kind] += 1
                on_cycle(story)
            await _drain(story)
            await bridge.stop()
    return story.figures() | {"happened": dict(happened)}


async def _cycle(
    on: Emulated, bridge: Stack, number: int, kind: str, chance: random.Random
) -> None:
    fault_s = chance.uniform(*FAULT_S)
    hold_s = chance.uniform(*HOLD_S)
    async with asyncio.TaskGroup() as group:
        group.create_task(_say(on, number, hold_s, max(0.0, -fault_s)), name="wearer")
        group.create_task(_befall(on, bridge, kind, max(0.0, fault_s)), name="fault")
    await asyncio.sleep(AGAIN_S)


async def _say(on: Emulated, number: int, hold_s: float, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    world, sound = on.ring.world, chord(number, round(hold_s * SPEECH_HZ))
    start_ms = world.now_ms + LEAD_MS
    world.press(start_ms)
    world.say(sound, start_ms)
    await asyncio.sleep(hold_s)
    world.release(start_ms + hold_s * 1000)
    await asyncio.sleep(LEAD_MS / 1000)


async def _befall(on: Emulated, bridge: Stack, kind: str, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    if kind == "disconnect":
        on.ring.air.silence()
        await asyncio.sleep(OUTAGE_S)
        on.ring.air.restore()
    elif kind == "host_kill":
        await bridge.kill()
        bridge.start()
    else:
        on.ring.cut_power()


async def _drain(story: Story) -> None:
    loop = asyncio.get_running_loop()
    limit_s = loop.time() + DRAIN_S
    while story.open and loop.time() < limit_s:  # noqa: ASYNC110 - a look a second, for a minute
        await asyncio.sleep(1.0)
    await asyncio.sleep(QUIET_S)


class Onlooker(View):
    """Passes on what a bridge tells, as long as it lives."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._dead = False

    def die(self) -> None:
        """A task that is cancelled tidies up and tells its turn; a program that is killed can't."""
        self._dead = True

    def turn(self, record: TurnRecord, companion: str) -> None:
        del companion
        if not self._dead:
            self._story.turn(record, asyncio.get_running_loop().time())
