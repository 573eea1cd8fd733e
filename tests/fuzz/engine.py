"""Feeds a target seeded inputs, and catches what it must not do: raise, or not return."""

import signal
import time
import traceback
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from tests.fuzz.host import TARGETS
from tests.fuzz.mutation import Dice

LOOK_S = 1.0
"""An input takes 10 us. One that is still there at the next look has hung."""

REMEMBERED = 40
"""Inputs before a crash: it may take several to get there."""


class HungError(BaseException):
    """An input did not come back. No `except Exception` on its way may swallow it."""


@dataclass(slots=True)
class Outcome:
    """What came of some records."""

    records: int = 0
    seconds: float = 0.0
    crashes: list[str] = field(default_factory=list)
    """Each with all that repeats it."""
    hangs: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Both together."""
        self.records += other.records
        self.seconds += other.seconds
        self.crashes += other.crashes
        self.hangs += other.hangs


class Watch:
    """Looks now and then whether the work goes on."""

    def __init__(self) -> None:
        self.number = 0
        """Of the input in hand."""
        self._seen = -1

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_S, LOOK_S)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, _number: int, _frame: object) -> None:
        if self._seen == self.number:
            raise HungError
        self._seen = self.number


def run(name: str, seed: int, records: int) -> Outcome:
    """In the main thread of a process. It ends at the first crash: what follows would be its."""
    target, dice = TARGETS[name](seed), Dice(seed + 1)
    outcome, began_s = Outcome(), time.perf_counter()
    latest: deque[bytes] = deque(maxlen=REMEMBERED)
    with Watch() as watch:
        try:
            for number in range(records):
                watch.number = number
                data = target.make(dice)
                latest.append(data)
                target.take(data)
                outcome.records += 1
        except HungError:
            outcome.hangs.append(_story(name, seed, watch.number, latest))
        except Exception:  # noqa: BLE001 - a crash of any kind is what is looked for
            outcome.crashes.append(_story(name, seed, watch.number, latest))
    outcome.seconds = time.perf_counter() - began_s
    return outcome


def _story(name: str, seed: int, number: int, latest: deque[bytes]) -> str:
    trace = traceback.format_exc(limit=-6)
    inputs = "\n".join(f"{name} {each.hex()}" for each in latest)
    return f"{name}, seed {seed}, input {number}:\n{trace}\nthe last inputs:\n{inputs}"
