"""Chaos in virtual time: worlds by the seed, and what became of everything that was said."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from mynah.errors import MynahError, UserError
from mynah.faults.plan import Plan, parse
from mynah.reliability.wearer import Wearer
from mynah.reliability.world import World

TOUCHES: Final = 100
"""In one world: long enough for stores to fill, short enough to be repeated in a second."""

DRAIN_MS: Final = 600_000.0
"""When the faults are over, everything that is held must have come within ten minutes: a hundred
turns of three seconds, and 4 MB of speech over the radio."""

AFTER_MS: Final = 15_000.0
"""And nothing may come twice in the quarter of a minute after."""

STEP_MS: Final = 1000.0

FAULTS: Final = (
    "disconnect~2200ms outage~9s=700ms outage~25s=6s outage~5min=60s "
    "drop=0.2% delay~record=40=300ms "
    "host_kill~30s host_kill~record=2000 power_cut~60s power_cut~write=400 disk_full~2min=25s "
    "mtu~2min=185 mtu~3min=247"
)
"""What chaos means unless told otherwise."""

OnWorld = Callable[["Tally"], None]


@dataclass(slots=True)
class Tally:
    """All worlds together."""

    worlds: int = 0
    virtual_s: float = 0.0
    figures: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)

    def add(self, world: World) -> None:
        """One more."""
        self.worlds += 1
        self.virtual_s += world.now_ms / 1000
        self.figures.update(world.ledger.figures())
        self.lost.update(world.ledger.reasons())
        self.happened.update(world.happened)

    @property
    def news(self) -> str:
        """In one line, for who waits."""
        happened = ", ".join(f"{count} {name}" for name, count in self.happened.most_common(4))
        return f"{sum(self.lost.values())} told lost; {happened}"

    def as_json(self) -> dict[str, Any]:
        """The figures of a result."""
        return {
            **self.figures,
            "lost": dict(self.lost),
            "happened": dict(self.happened),
            "worlds": self.worlds,
            "virtual_s": self.virtual_s,
        }


class BrokenError(MynahError):
    """A violation, and the shortest way to see it again."""

    def __init__(self, violation: str, seed: int, touches: int, faults: str) -> None:
        more = "" if faults == FAULTS else f" --faults '{faults}'"
        super().__init__(
            f"{violation}; again: .venv/bin/python -m mynah.reliability chaos "
            f"--seed {seed} --touches {touches}{more}"
        )
        self.touches = touches


def chaos(
    utterances: int, seed: int, faults: str = FAULTS, on_world: OnWorld | None = None
) -> Tally:
    """Worlds until so much was said; at a violation BrokenError, with what repeats it."""
    tally = Tally()
    while (left := utterances - tally.figures["utterances"]) > 0:
        tally.add(once(seed + tally.worlds, min(TOUCHES, left), faults))
        if on_world is not None:
            on_world(tally)
    return tally


def once(seed: int, touches: int, faults: str = FAULTS) -> World:
    """One of these worlds."""
    plan = parse(f"seed={seed} {faults}")
    try:
        return run(plan, touches)
    except UserError:
        raise
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        raise _shortest(found, seed, touches, faults) from error


def run(plan: Plan, touches: int) -> World:
    """One world from its beginning to the end of everything that was said; or a ViolationError."""
    world = World(plan)
    chance = random.Random(f"{plan.seed} wearer")
    wearer = Wearer(world.agenda, chance, world.press, world.release, touches)
    wearer.begin(0.0)
    while not wearer.done:
        world.run(world.now_ms + STEP_MS)
    world.be_calm()
    limit_ms, quiet_ms = world.now_ms + DRAIN_MS, 0.0
    while quiet_ms < AFTER_MS and (quiet_ms or world.now_ms < limit_ms):
        world.run(world.now_ms + STEP_MS)  # what was still being said may be over only now
        quiet_ms = 0.0 if world.ledger.pending else quiet_ms + STEP_MS
    world.watch.look()
    world.ledger.close()
    return world


def _shortest(found: str, seed: int, touches: int, faults: str) -> BrokenError:
    """By halving, as few touches as still break a promise."""
    plan = parse(f"seed={seed} {faults}")
    enough, few = touches, 0
    while enough - few > 1:
        half = (enough + few) // 2
        violation = _broken(plan, half)
        if violation:
            enough, found = half, violation
        else:
            few = half
    return BrokenError(found, seed, enough, faults)


def _broken(plan: Plan, touches: int) -> str:
    try:
        run(plan, touches)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is to be seen with less around it
        return f"{type(error).__name__}: {error}"
    return ""
