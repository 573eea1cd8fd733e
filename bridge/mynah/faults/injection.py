"""A plan under way: tells whoever can do it of each fault as it falls due, and keeps what happened.

What nobody here can do is an error before anything begins, and never left out in silence.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mynah.errors import UserError
from mynah.faults.kinds import Unit
from mynah.faults.plan import Fault, Plan
from mynah.faults.schedule import Counted

Act = Callable[[Fault], None]


@dataclass(frozen=True, slots=True)
class Happened:
    """One fault that was injected."""

    after_ms: float
    """Since the beginning."""
    fault: Fault


class Injection:
    """Say with `can` who does what, `check`, then keep `run` going and `count` what is counted."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.happened: list[Happened] = []
        self.on_fault: Act = _by_itself
        """Called with each fault, before it is injected."""
        self._acts: dict[str, Act] = {}
        self._due = {unit: Counted(plan, unit) for unit in Unit}
        self._begun_s: float | None = None

    def can(self, name: str, act: Act | None = None) -> None:
        """Faults of a name can be had: `act` is called at each moment, if it needs to be."""
        self._acts[name] = act or _by_itself

    def check(self, where: str) -> None:
        """UserError names a fault that can't be had here."""
        for fault in self.plan.faults:
            if fault.name not in self._acts:
                there = ", ".join(self._acts) or "none"
                raise UserError(f"faults: {fault} can't be had {where}; there are {there}")

    async def run(self) -> None:
        """Time begins; returns when nothing is to happen at a time any more."""
        self.begin()
        timed = self._due[Unit.TIME]
        while timed.due is not None:
            await asyncio.sleep(max(0.0, timed.due - self.now_ms) / 1000)
            self._inject(timed.until(self.now_ms))

    def begin(self) -> None:
        """Time begins."""
        self._begun_s = asyncio.get_running_loop().time()

    @property
    def now_ms(self) -> float:
        """Since the beginning; 0 before it."""
        if self._begun_s is None:
            return 0.0
        return (asyncio.get_running_loop().time() - self._begun_s) * 1000

    def count(self, unit: Unit) -> None:
        """One more of what faults are counted in."""
        self._inject(self._due[unit].one_more())

    def _inject(self, faults: list[Fault]) -> None:
        for fault in faults:
            self.happened.append(Happened(round(self.now_ms, 1), fault))
            self.on_fault(fault)
            self._acts[fault.name](fault)


def _by_itself(_fault: Fault) -> None:
    """Whoever said that it can do it sees to the moment, too."""
