"""One utterance, again and again: the host ends, or its disk fills, at every edge that there is.

An edge is a record that arrives, or a change to the disk: an append, a sync, a note, a removal.
"""

from collections.abc import Callable
from typing import Any, Final

from mynah.faults.plan import parse
from mynah.reliability.chaos import AFTER_MS, DRAIN_MS, STEP_MS
from mynah.reliability.world import World

HOLD_MS: Final = 800.0
"""Forty frames; more have the same edges."""

AWAY_MS: Final = 4000.0
FULL_MS: Final = 12_000.0
"""So long a full disk stays full: longer than the inbox waits before it tries again."""

READY_MS: Final = 4000.0
"""By then a host has found the ring."""

Arm = Callable[[World, int], None]


def edges(on_edge: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """All of them; a promise that is broken is a ViolationError. The figures of a result."""
    found = []
    for said, speak in (("live", _speak), ("out of reach", _speak_away)):
        for edge, arm in (
            ("killed when a record has come", _at_record),
            ("killed before a change of the disk", _kill_at_change),
            ("disk full from a change on", _full_at_change),
        ):
            tried = again = 0
            while True:
                happened, twice = _try(speak, arm, tried + 1)
                if not happened:
                    break
                tried, again = tried + 1, again + twice
                on_edge()
            found.append(
                {"edge": f"said {said}, {edge}", "tried": tried, "lost": 0, "again": again}
            )
    return {"edges": found}


def _try(speak: Callable[[World], None], arm: Arm, number: int) -> tuple[bool, int]:
    """Whether there is such an edge, and how often the utterance was answered again."""
    plan = f"seed=1 host_kill@record={number}" if arm is _at_record else "seed=1"
    world = World(parse(plan))
    arm(world, number)
    speak(world)
    limit_ms = world.now_ms + DRAIN_MS
    while world.ledger.pending and world.now_ms < limit_ms:
        world.run(world.now_ms + STEP_MS)
    world.run(world.now_ms + AFTER_MS)
    world.ledger.close()
    happened = world.happened["host_kill"] + world.happened["disk_full"]
    return happened > 0, world.ledger.figures()["again"]


def _speak(world: World) -> None:
    world.run(READY_MS)
    world.press()
    world.run(world.now_ms + HOLD_MS)
    world.release()


def _speak_away(world: World) -> None:
    world.be_quiet(AWAY_MS)
    world.run(AWAY_MS / 4)
    world.press()
    world.run(world.now_ms + HOLD_MS)
    world.release()
    world.run(AWAY_MS)


def _at_record(_world: World, _number: int) -> None:
    """The plan says it."""


def _kill_at_change(world: World, number: int) -> None:
    world.host.die_at_change(number)


def _full_at_change(world: World, number: int) -> None:
    left = [number]

    def before(_what: str, _name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            world.fill_disk(FULL_MS)

    world.host.disk.before = before
