"""A soak in real time: an emulated ring, real models, the parrot, a wearer by the dice, and faults.

What may not grow is looked at every minute; what was said is counted against what came of it.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from mynah.audio import Samples
from mynah.config import Settings
from mynah.emulator.chip import _topics as topics
from mynah.emulator.emulated import SCHEME, Emulated, emulated, forget_said
from mynah.emulator.trace import Event
from mynah.emulator.wearer import Wearer
from mynah.faults.injection import Happened
from mynah.faults.plan import parse
from mynah.faults.scene import FaultyScene
from mynah.heap import Tidy
from mynah.inbox import journal
from mynah.inbox.disk import Disk, RealDisk
from mynah.inbox.files import JOURNAL, SAID
from mynah.inbox.inboxes import Inboxes
from mynah.inbox.journal import OUTCOMES_KEPT
from mynah.inbox.key import Key
from mynah.link.place import Place
from mynah.live import Live
from mynah.reliability.growth import RING_WARM_S, WARM_S, WARM_SHARE, Growth
from mynah.reliability.ledger import ViolationError
from mynah.stages import Stages, stages_of
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord
from mynah.view import View
from mynah_device.talk import TAP_MS

FAULTS: Final = (
    "power_cut@4min power_cut@8min power_cut@12min power_cut@16min power_cut@20min "
    "worker_kill@2min=asr worker_kill@10min=asr worker_kill@5min=tts worker_kill@15min=tts "
    "disconnect~5min outage~3min=2s outage~8min=8s i2s_overrun~12min=200ms drop=0.02% "
    "delay~record=5000=300ms companion~turn=60=500"
)
"""What a soak means unless told otherwise: more in an hour than in a week of wearing it. What ends
a life comes in the first minutes, for who begins anew hides what grows: of a soak of two hours, the
half that is judged is one life of each."""

RING: Final = "soak"

HOUR_S: Final = 3600.0
EVERY_S: Final = 5.0
"""Between two looks at what is held: a turn takes about seven, and no two minutes meet it alike."""
HEAP_LOOKS: Final = 12
"""So seldom the ring is asked for its heap: it collects before it counts, which it should do by
itself the rest of the time."""

OLD_BOOT_ID: Final = 0
"""Of what the inbox remembers from before; no ring's."""

LONGEST_TURN_S: Final = 12.0
"""A turn that takes longer, because the link or a worker is gone, is not waited for."""

PAUSE_S: Final = (0.2, 1.5)
INTO_REPLY_S: Final = (0.2, 1.2)
TOUCH_S: Final = 0.1
DRAIN_S: Final = 60.0
"""When the faults are over, all that is held must have come."""

KINDS: Final = {"held": 15, "interrupted": 3, "hands free": 2}
"""What the wearer does, and how often beside the others."""


@dataclass(slots=True)
class Heard:
    """What the wearer, the ring's chip and the bridge tell."""

    spoken: int = 0
    """Holds that the chip saw from beginning to end: promised."""
    turns: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    heap_bytes: int | None = None
    """None until the ring has told."""
    heard_from_us: int | None = None
    """Ring time at which the microphone opened; None while it is closed."""

    def ring(self, event: Event) -> None:
        """From the ring's trace."""
        now_us = int(str(event["us"]))
        if event["event"] == "microphone":
            self.heard_from_us = now_us if event["on"] else None
        elif event["event"] == "input" and event["value"] and self.heard_from_us is not None:
            # A touch may have stopped a reply, and then nothing was meant to be said.
            self.spoken += now_us - self.heard_from_us >= TAP_MS * 1000
        elif event["event"] == "power_cut":
            self.heard_from_us = None
        elif event["event"] == "heap":
            self.heap_bytes = int(str(event["used"]))


class _View(View):
    """Counts turns, and knows who has the floor."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.state: State | None = None
        self.over = asyncio.Event()

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        del ring, hint
        self.state = None if glimpse is None else glimpse.state

    def turn(self, record: TurnRecord, companion: str) -> None:
        del companion
        if not record.kept:
            self._heard.turns += 1
            self.over.set()
        if record.error is not None:
            self._heard.errors[record.error] += 1


class Soak:
    """One wearer, one ring, one bridge."""

    def __init__(self, on: Emulated, clips: Sequence[Samples], seed: int) -> None:
        self.heard = Heard()
        self.view = _View(self.heard)
        self._on = on
        self._wearer = Wearer(on.ring.world)
        self._chance = random.Random(seed)
        self._clips = _rounds(clips, self._chance)
        on.ring.trace.listen(self.heard.ring)

    async def turn(self) -> None:
        """One touch, or a few, and what comes of it."""
        (kind,) = self._chance.choices(list(KINDS), list(KINDS.values()))
        self.heard.kinds[kind] += 1
        self.view.over.clear()
        if kind == "hands free":
            await self._talk_freely(kind)
        else:
            await self._wearer.say(next(self._clips))
            if kind == "interrupted":
                await self._until_it_speaks()
                await asyncio.sleep(self._chance.uniform(*INTO_REPLY_S))
                await self._wearer.say(next(self._clips))
            self.view.over.clear()  # its press may have ended another one's
            await self._until_over(kind)
        await self._hush()
        await asyncio.sleep(self._chance.uniform(*PAUSE_S))

    def count(self, happened: list[Happened]) -> None:
        """What the emulator remembers for who looks at it later would be what grows."""
        self.heard.faults.update(each.fault.name for each in happened)
        happened.clear()
        self._on.ring.world.motor.changes.clear()

    async def _talk_freely(self, kind: str) -> None:
        await self._wearer.tap_and_say(next(self._clips))
        await self._until_over(kind)
        self.view.over.clear()
        await self._wearer.go_on(next(self._clips))
        await self._until_over(kind)

    async def _hush(self) -> None:
        """Whose light is still on is touched; one whose light is off would begin to listen."""
        if self.heard.heard_from_us is not None:
            self._on.ring.world.press()
            await asyncio.sleep(TOUCH_S)
            self._on.ring.world.release()

    async def _until_over(self, kind: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_TURN_S):
                await self.view.over.wait()
        except TimeoutError:
            self.heard.kinds[f"{kind}, not waited for"] += 1

    async def _until_it_speaks(self) -> None:
        limit_s = asyncio.get_running_loop().time() + LONGEST_TURN_S
        while self.view.state is not State.SPEAKING and not self.view.over.is_set():
            if asyncio.get_running_loop().time() > limit_s:
                return
            await asyncio.sleep(0.05)


def _rounds(clips: Sequence[Samples], chance: random.Random) -> Iterator[Samples]:
    """Each once before one comes again: a heap that meets its longest late looks like a leak."""
    while True:
        yield from chance.sample(clips, len(clips))


async def soak(
    hours: float,
    seed: int,
    clips: Sequence[Samples],
    plan: str = FAULTS,
    on_turn: Callable[[Heard], None] = lambda _heard: None,
) -> dict[str, Any]:
    """The figures of a result; ViolationError, with the seed, at a broken promise."""
    forget_said(RING)  # of a soak that was broken off: nobody would have said it in this one
    with tempfile.TemporaryDirectory() as folder:
        stages = stages_of(Settings(companion="parrot", hands_free=True))
        stages.inboxes = Inboxes(lambda device_id: _well_used(Path(folder), device_id))
        faults = FaultyScene(parse(f"seed={seed} {plan}"), stages)
        async with emulated(f"{SCHEME}{RING}?seed={seed}", fate=faults.fate) as on:
            scene = Soak(on, clips, seed)
            growth = Growth()
            async with faults.befalling(on) as place:
                bridge = _begin(stages, scene.view, place)
                await _until_ready(scene, bridge)
                going = faults.begin()
                watching = asyncio.create_task(_watch(scene, on, growth), name="watch")
                try:
                    await _talk(scene, faults, hours * HOUR_S, (bridge, watching), on_turn)
                    going.cancel()
                    await _drain(scene, Path(folder), bridge)
                    _account(scene.heard.spoken, Path(folder))
                finally:
                    for task in (going, watching, bridge):
                        task.cancel()
                    await asyncio.gather(going, watching, bridge, return_exceptions=True)
    return _result(hours, scene.heard, growth)


def _result(hours: float, heard: Heard, growth: Growth) -> dict[str, Any]:
    return {
        "hours": hours,
        "turns": heard.turns,
        "spoken": heard.spoken,
        "violations": 0,
        "kinds": dict(heard.kinds),
        "faults": dict(heard.faults),
        "errors": dict(heard.errors),
        "warm_share": WARM_SHARE,
        "warm_s": WARM_S,
        "ring_warm_s": RING_WARM_S,
        "growth": growth.figures(),
    }


def _well_used(inbox: Path, device_id: str) -> Disk:
    """Its journal remembers as much as it ever will: the first thousand turns make it longer."""
    folder = inbox / device_id
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
        old = (Key(device_id, OLD_BOOT_ID, stream) for stream in range(OUTCOMES_KEPT))
        (folder / JOURNAL).write_bytes(b"".join(journal.line(key, journal.DONE) for key in old))
    return RealDisk(folder)


def _begin(stages: Stages, view: View, place: Place) -> "asyncio.Task[None]":
    @asynccontextmanager
    async def here() -> AsyncIterator[Place]:
        yield place

    return asyncio.create_task(Live(stages, "parrot", view, here, tidy=Tidy()).run(), name="bridge")


async def _until_ready(scene: Soak, bridge: "asyncio.Task[None]") -> None:
    while scene.view.state is not State.LISTENING:
        _check(bridge)
        await asyncio.sleep(0.1)


async def _talk(
    scene: Soak,
    faults: FaultyScene,
    seconds: float,
    tasks: tuple["asyncio.Task[None]", ...],
    on_turn: Callable[[Heard], None],
) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + seconds
    while loop.time() < until_s:
        faults.turn()
        await scene.turn()
        scene.count(faults.injection.happened)
        _check(*tasks)
        on_turn(scene.heard)


async def _drain(scene: Soak, inbox: Path, bridge: "asyncio.Task[None]") -> None:
    """Nothing is left behind: not with the ring, not in the inbox, and nobody has the floor."""
    limit_s = asyncio.get_running_loop().time() + DRAIN_S
    while (left := _waiting(inbox)) or scene.view.state is not State.LISTENING:
        _check(bridge)
        if asyncio.get_running_loop().time() > limit_s:
            raise ViolationError(f"after {DRAIN_S:g} s {left} wait, and it is {scene.view.state}")
        await asyncio.sleep(1.0)


def _account(spoken: int, inbox: Path) -> None:
    """Of each that was said the inbox knows what became of it."""
    journals = [
        journal.read(path.parent.name, path.read_bytes()) for path in inbox.glob(f"*/{JOURNAL}")
    ]
    outcomes = sum(key.boot_id != OLD_BOOT_ID for each in journals for key in each.outcomes)
    if outcomes < min(spoken, OUTCOMES_KEPT):
        raise ViolationError(f"{spoken} were said, and of {outcomes} it is known what they became")


def _waiting(inbox: Path) -> int:
    return len(list(inbox.glob(f"*/*{SAID}")))


def _check(*tasks: "asyncio.Task[None]") -> None:
    """What should go on does; what it broke on is raised."""
    for task in tasks:
        if task.done():
            task.result()
            raise ViolationError(f"{task.get_name()} ended by itself")


async def _watch(scene: Soak, on: Emulated, growth: Growth) -> None:
    for look in count():
        if look % HEAP_LOOKS == 0:
            on.ring.send(topics.HEAP, b"")
        await asyncio.sleep(EVERY_S)
        growth.look(scene.heard.heap_bytes)
