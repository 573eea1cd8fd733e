"""When the turn is taken: how late and how often too early, for us and for our peers' policies.

A policy is a curve: the less it waits, the more often it cuts somebody off.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.bench.evidence import Evidence
from mynah.bench.fit_delay import ORDERS, hints_of, met, unseen
from mynah.bench.gathering import gather
from mynah.bench.pauses import Kind
from mynah.bench.policies import POLICIES, Case, Policy, Turn, taken
from mynah.turn.delay import FLOOR_MS, Profile, probability
from mynah.view import View

ALLOWED: Final = 0.05
"""Of turns that may be cut off: where policies are compared."""

REOPENED_MS: Final = 700.0
"""A wearer who goes on so soon after a turn was taken has it back, longer by what he says."""

PLAIN_ORDERS: Final = 10
"""Of the recordings as they are, which are few."""


@dataclass(frozen=True, slots=True)
class Point:
    """A policy with its knob somewhere."""

    knob: float
    latency_p50_ms: float | None
    """From done until the turn is taken with its words known; None if all were cut off."""
    latency_p95_ms: float | None
    false_cutoff_rate: float
    reopened_rate: float = 0.0
    """Of all turns: cut off, and soon enough to be reopened. They count as cut off."""


@dataclass(frozen=True)
class EndpointResult:
    """Curves, and the turns they were measured on."""

    turns: Sequence[Evidence]
    left_out: dict[str, str]

    @cached_property
    def met(self) -> tuple[Turn, ...]:
        """The turns as the product meets them, in some orders."""
        return cases(self.turns)

    @cached_property
    def plain(self) -> tuple[Turn, ...]:
        """Those of recordings as they are, met without the others."""
        return cases([turn for turn in self.turns if turn.kind is Kind.AS_RECORDED], PLAIN_ORDERS)

    @cached_property
    def curves(self) -> dict[str, list[Point]]:
        """Each policy's, with its knob everywhere."""
        return {policy.name: curve(policy, self.met) for policy in self.policies}

    @property
    def policies(self) -> list[Policy]:
        """Those that could be run."""
        return [policy for policy in POLICIES if policy.name not in self.left_out]

    @property
    def kinds(self) -> dict[str, int]:
        """How many turns of each kind."""
        return dict(Counter(turn.kind.value for turn in self.turns))

    @cached_property
    def own(self) -> dict[str, Point]:
        """Each policy as its makers set it."""
        return {each.name: point(each, self.met, each.own) for each in self.policies}

    @cached_property
    def profiles(self) -> dict[str, Point]:
        """Ours, at the settings that can be chosen."""
        ours = POLICIES[0]
        return {str(name): point(ours, self.met, FLOOR_MS[name]) for name in Profile}

    @cached_property
    def as_recorded(self) -> dict[str, Point]:
        """Every policy as it is set, and ours at its settings, over recordings as they are."""
        if not self.plain:
            return {}
        ours, *others = self.policies
        found = {each.name: point(each, self.plain, each.own) for each in others}
        return {str(name): point(ours, self.plain, FLOOR_MS[name]) for name in Profile} | found

    @property
    def latency_at_5pct(self) -> dict[str, float | None]:
        """Where policies are compared."""
        return {name: latency_at(points) for name, points in self.curves.items()}

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "turns": len(self.turns),
            "orders": ORDERS,
            "kinds": self.kinds,
            "policies": {name: [asdict(each) for each in c] for name, c in self.curves.items()},
            "latency_at_5pct": self.latency_at_5pct,
            "own": _points(self.own),
            "profiles": _points(self.profiles),
            "as_recorded": _points(self.as_recorded),
            "says": {policy.name: policy.says for policy in self.policies},
            "left_out": self.left_out,
        }


def point(policy: Policy, turns: Sequence[Turn], knob: float) -> Point:
    """One setting over all turns; those that were cut off have no latency."""
    each = [taken(turn, policy.rule, knob) for turn in turns]
    late = np.array([one.late_ms for one in each])
    kept = late[late >= 0]
    reopened = np.mean([one.late_ms < 0 and one.goes_on_after_ms <= REOPENED_MS for one in each])
    rates = (round(float(rate), 4) for rate in (np.mean(late < 0), reopened))
    # Where the wearer is never answered the wait has no end, and neither has the percentile.
    return Point(knob, _level(kept, 50), _level(kept, 95), *rates)


def curve(policy: Policy, turns: Sequence[Turn]) -> list[Point]:
    """Every setting."""
    return [point(policy, turns, knob) for knob in policy.values]


def latency_at(points: Sequence[Point], rate: float = ALLOWED) -> float | None:
    """The least p50 with so few cut-offs, between two settings in proportion; None without one."""
    known = [(each.false_cutoff_rate, each.latency_p50_ms) for each in points]
    fine = [(share, ms) for share, ms in known if ms is not None and share <= rate]
    if not fine:
        return None
    best_share, best_ms = min(fine, key=lambda each: (each[1], each[0]))
    over = [(share, ms) for share, ms in known if ms is not None and share > rate and ms < best_ms]
    if not over:
        return best_ms
    next_share, next_ms = min(over, key=lambda each: (each[0], -each[1]))
    part = (rate - best_share) / (next_share - best_share)
    return round(best_ms + part * (next_ms - best_ms), 1)


def cases(evidence: Sequence[Evidence], orders: int = ORDERS) -> tuple[Turn, ...]:
    """The turns as the product meets them, judged by weights that never heard their speakers."""
    return tuple(
        (
            turn,
            [
                Case(pause, probability(hints, habit, unseen(turn.speaker)), habit)
                for pause, hints, habit in zip(turn.pauses, hints_of(turn), habits, strict=True)
            ],
        )
        for turn, habits in met(evidence, orders)
    )


async def measure(speech: Path | None, limit: int | None, view: View) -> EndpointResult:
    """Over a folder of English recordings; UserError if there is none."""
    gathered = await gather(speech, limit, view)
    return EndpointResult(gathered.evidence, gathered.left_out)


def _points(points: dict[str, Point]) -> dict[str, object]:
    return {name: asdict(each) for name, each in points.items()}


def _level(values: NDArray[np.float64], percent: float) -> float | None:
    if not len(values):
        return None
    level = float(np.percentile(values, percent, method="higher"))
    return round(level, 1) if math.isfinite(level) else None
