"""What a soak holds, minute by minute, and whether any of it grows.

Of a minute the second least of several looks counts: what a turn takes for a moment is no growth,
and a decode of Whisper's takes 20 to 40 MB, which one look a minute meets or misses. The least may
be the 60 ms in which the voice has given back 20 MB and not yet taken any again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final, TypeAlias

from mynah.reliability.census import Census, census
from mynah.reliability.ledger import ViolationError
from mynah.reliability.slope import slope

MINUTE_S: Final = 60.0

LOOKS_FEWEST: Final = 4
"""In a minute that counts: the last is broken off, and one of a child's may be."""

WARM_SHARE: Final = 0.2
"""Of a soak is left out in front: caches fill, and an allocator finds its size."""

WARM_S: Final = 1500.0
"""Of each life of a worker is left out besides: it begins with nothing, and its heap finds its size
in 200 to 300 requests, ten a minute. Until then it grows by steps of half a megabyte."""

STEADY: Final = ("micropython",)
"""Its heap has one size from the beginning; and few of its lives are long, for power is cut."""

TASKS_MOST: Final = 100
FILES_MOST: Final = 200
"""A bridge in conversation has about 30 of each; a leak of one a turn passes these in an hour."""

BRIDGE: Final = "bridge, KiB"
RING: Final = "MicroPython heap after a collection, bytes"

HOUR_S: Final = 3600.0

Life: TypeAlias = tuple[int, ...]
"""The processes that a child is; none is the bridge, which lives all along."""


@dataclass(slots=True)
class _Sample:
    """Of one minute of one life."""

    minute: int
    hours: float
    life: Life
    warm: bool
    looks: int = 0
    least: float = inf
    second: float = inf

    def add(self, value: float) -> None:
        """One look more."""
        self.looks += 1
        self.least, self.second = sorted((self.least, self.second, value))[:2]

    @property
    def value(self) -> float:
        """What counts."""
        return self.second if self.looks > 1 else self.least


class Growth:
    """Samples of everything that must not grow."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, look: Callable[[], Census] = census
    ) -> None:
        self._clock = clock
        self._look = look
        self._began_s = clock()
        self._series: dict[str, list[_Sample]] = {}
        self._born_h: dict[Life, float] = {}

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
            warm_s = 0.0 if name in STEADY else WARM_S
            self._add(f"{name}, KiB", children.kib, children.processes, warm_s)
        if heap_bytes is not None:
            self._add(RING, heap_bytes)
        self._add("tasks", found.tasks)
        self._add("open files", found.files)
        self._add("sockets", found.sockets)

    def figures(self) -> list[dict[str, Any]]:
        """Each with its slope."""
        return [_figures(what, series) for what, series in self._series.items()]

    def _add(self, what: str, value: float, life: Life = (), warm_s: float = 0.0) -> None:
        now_s = self._clock() - self._began_s
        hours, minute = now_s / HOUR_S, int(now_s // MINUTE_S)
        age_s = (hours - self._born_h.setdefault(life, hours)) * HOUR_S
        series = self._series.setdefault(what, [])
        if not series or (series[-1].minute, series[-1].life) != (minute, life):
            series.append(_Sample(minute, hours, life, age_s >= warm_s))
        series[-1].add(value)


def _figures(what: str, series: list[_Sample]) -> dict[str, Any]:
    late = series[round(len(series) * WARM_SHARE) :]
    warm = [sample for sample in late if sample.warm and sample.looks >= LOOKS_FEWEST]
    line = slope(
        [sample.hours for sample in warm],
        [sample.value for sample in warm],
        [sample.life for sample in warm],
    )
    shown = warm or series
    return {
        "what": what,
        "first": shown[0].value,
        "last": shown[-1].value,
        "lives": len({sample.life for sample in shown}),
        "per_hour": line.per_hour,
        "error_per_hour": line.error_per_hour,
        "within_noise": line.within_noise,
    }
