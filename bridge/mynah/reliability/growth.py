"""What a soak holds, minute by minute, and whether any of it grows."""

import time
from typing import Any, Final

from mynah.reliability.census import census
from mynah.reliability.ledger import ViolationError
from mynah.reliability.slope import slope

WARM_SHARE: Final = 0.2
"""Of a soak is left out in front: caches fill, and an allocator finds its size."""

TASKS_MOST: Final = 100
FILES_MOST: Final = 200
"""A bridge in conversation has about 30 of each; a leak of one a turn passes these in an hour."""

BRIDGE: Final = "bridge, KiB"
RING: Final = "MicroPython heap after a collection, bytes"


class Growth:
    """Samples of everything that must not grow."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._series: dict[str, list[tuple[float, float]]] = {}

    def look(self, heap_bytes: int) -> None:
        """Now; ViolationError where a bound is passed."""
        found = census()
        if found.tasks > TASKS_MOST or found.files > FILES_MOST:
            raise ViolationError(
                f"{found.tasks} tasks and {found.files} files; at most {TASKS_MOST} and "
                f"{FILES_MOST} are allowed"
            )
        self._add(BRIDGE, found.bridge_kib)
        for name, kib in sorted(found.children_kib.items()):
            self._add(f"{name}, KiB", kib)
        if heap_bytes:
            self._add(RING, heap_bytes)
        self._add("tasks", found.tasks)
        self._add("open files", found.files)
        self._add("sockets", found.sockets)

    def figures(self) -> list[dict[str, Any]]:
        """Each with its slope."""
        return [_figures(what, series) for what, series in self._series.items()]

    def _add(self, what: str, value: float) -> None:
        hours = (time.monotonic() - self._began_s) / 3600
        self._series.setdefault(what, []).append((hours, value))


def _figures(what: str, series: list[tuple[float, float]]) -> dict[str, Any]:
    warm = series[round(len(series) * WARM_SHARE) :]
    line = slope([hours for hours, _ in warm], [value for _, value in warm])
    return {
        "what": what,
        "first": warm[0][1],
        "last": warm[-1][1],
        "per_hour": line.per_hour,
        "error_per_hour": line.error_per_hour,
        "within_noise": line.within_noise,
    }
