"""What a soak holds, minute by minute, and whether any of it grows.

Of a minute that look counts than which a quarter are lower: what a turn takes for a moment is no
growth, as the 20 to 40 MB of a decode, and neither is what a voice that settles gives back.
"""

import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Final, TypeAlias

from mynah.reliability.census import Census, census
from mynah.reliability.ledger import ViolationError
from mynah.reliability.slope import slope

MINUTE_S: Final = 60.0

LOWER: Final = 4
"""One in so many looks of a minute is lower than what counts."""

LOOKS_FEWEST: Final = 4
"""In a minute that counts: the last is broken off, and one of a child's may be."""

WARM_SHARE: Final = 0.5
"""Of a soak is left out in front: caches fill, and an allocator finds its size. Read from outside,
the bridge of 84 MB climbs by some 0.3 MB in its first hour, and in the second by nothing that can
be told from noise, in two soaks of two hours; a leak would be in the second as well."""

WARM_S: Final = 1500.0
"""Of each life of a worker is left out besides: it begins with nothing, and its heap finds its size
in 200 to 300 requests, ten a minute. Until then it grows by steps of half a megabyte."""

TASKS_MOST: Final = 100
FILES_MOST: Final = 200
"""A bridge in conversation has about 30 of each; a leak of one a turn passes these in an hour."""

BRIDGE: Final = "bridge, KiB"
RING: Final = "MicroPython heap after a collection, bytes"

RING_WARM_S: Final = 600.0
"""Of each life of the ring's heap: its log, its lists and what it plays come to 5 kB in 14 minutes
of faults, and in 450 turns without any of them to none."""

INTERPRETER: Final = "micropython"
"""Its memory has one size from the beginning."""

SEEN_SHARE: Final = 0.05
SEEN_COUNT: Final = 60.0
"""What must show, an hour: a twentieth of what is held, or of tasks and files one in ten turns.
Noise that would hide as much says nothing."""

HOUR_S: Final = 3600.0

Life: TypeAlias = tuple[int, ...]
"""The processes that a child is; none is the bridge, which lives all along."""


def _row() -> "array[float]":
    return array("d")


@dataclass(slots=True)
class _Series:
    """A row for each minute of each life; in arrays, or the measuring would be what grows."""

    lives: "array[float]" = field(default_factory=_row)
    hours: "array[float]" = field(default_factory=_row)
    values: "array[float]" = field(default_factory=_row)
    warm: "array[float]" = field(default_factory=_row)
    _minute: tuple[int, int] = (-1, -1)
    _looks: "array[float]" = field(default_factory=_row)

    def add(self, life: int, hours: float, value: float, *, warm: bool) -> None:
        """One look."""
        minute = (life, int(hours * HOUR_S // MINUTE_S))
        if minute != self._minute:
            self._minute = minute
            self._looks = _row()
            self.lives.append(life)
            self.hours.append(hours)
            self.values.append(value)
            self.warm.append(False)
        self._looks.append(value)
        self.values[-1] = sorted(self._looks)[len(self._looks) // LOWER]
        self.warm[-1] = warm and len(self._looks) >= LOOKS_FEWEST

    @property
    def counts(self) -> list[bool]:
        """Of each row, whether it does."""
        cold = round(len(self.hours) * WARM_SHARE)
        return [row >= cold and bool(warm) for row, warm in enumerate(self.warm)]

    @property
    def moves(self) -> bool:
        """Whether what counts is not the same all along."""
        return len(set(compress(self.values, self.counts))) > 1


class Growth:
    """Samples of everything that must not grow."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, look: Callable[[], Census] = census
    ) -> None:
        self._clock = clock
        self._look = look
        self._began_s = clock()
        self._series: defaultdict[str, _Series] = defaultdict(_Series)
        self._lives: dict[Life, tuple[int, float]] = {}

    def look(self, heap_bytes: int | None = None) -> None:
        """Now, and the ring's heap if it told; ViolationError where a bound is passed."""
        found = self._look()
        if found.tasks > TASKS_MOST or found.files > FILES_MOST:
            raise ViolationError(
                f"{found.tasks} tasks and {found.files} files; at most {TASKS_MOST} and "
                f"{FILES_MOST} are allowed"
            )
        self._add(BRIDGE, found.bridge_kib)
        for name, children in sorted(found.children.items()):
            warm_s = 0.0 if name == INTERPRETER else WARM_S
            self._add(f"{name}, KiB", children.kib, children.processes, warm_s)
        if heap_bytes is not None and INTERPRETER in found.children:
            self._add(RING, heap_bytes, found.children[INTERPRETER].processes, RING_WARM_S)
        self._add("tasks", found.tasks)
        self._add("open files", found.files)
        self._add("sockets", found.sockets)

    def figures(self) -> list[dict[str, Any]]:
        """Each with its slope; those that move at all are judged together."""
        together = max(1, sum(series.moves for series in self._series.values()))
        return [_figures(what, series, together) for what, series in self._series.items()]

    def _add(self, what: str, value: float, life: Life = (), warm_s: float = 0.0) -> None:
        hours = (self._clock() - self._began_s) / HOUR_S
        number, born_h = self._lives.setdefault(life, (len(self._lives), hours))
        warm = (hours - born_h) * HOUR_S >= warm_s
        self._series[what].add(number, hours, value, warm=warm)


def _figures(what: str, series: _Series, together: int) -> dict[str, Any]:
    rows = range(len(series.hours))
    counts = series.counts
    warm = [row for row in rows if counts[row]]
    line = slope(
        [series.hours[row] for row in warm],
        [series.values[row] for row in warm],
        [series.lives[row] for row in warm],
        together,
    )
    shown = warm or rows
    first, last = series.values[shown[0]], series.values[shown[-1]]
    return {
        "what": what,
        "first": first,
        "last": last,
        "lives": len({series.lives[row] for row in shown}),
        "per_hour": line.per_hour,
        "error_per_hour": line.error_per_hour,
        "noise_per_hour": line.noise_per_hour,
        "within_noise": line.within_noise,
        "seen": line.noise_per_hour <= max(SEEN_SHARE * first, SEEN_COUNT),
        "minutes": [
            {
                "minute": round(series.hours[row] * HOUR_S / MINUTE_S),
                "life": int(series.lives[row]),
                "held": series.values[row],
                "counts": counts[row],
            }
            for row in rows
        ],
    }
