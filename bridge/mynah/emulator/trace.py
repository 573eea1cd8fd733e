"""One JSONL trace of everything that happens in an emulated ring and around it, on ring time."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

Event: TypeAlias = dict[str, object]
"""`us` (ring time), `source` ("ring" or "host"), `event`, and what belongs to it."""

Listener: TypeAlias = Callable[[Event], None]

RING: Final = "ring"
HOST: Final = "host"


class RingClock:
    """Ring time: it starts when the ring is switched on, and both processes read it alike.

    MicroPython's `time.ticks_us()` is CLOCK_MONOTONIC, as `time.monotonic_ns()` is.
    """

    def __init__(self, epoch_us: int | None = None) -> None:
        self.epoch_us: Final = time.monotonic_ns() // 1000 if epoch_us is None else epoch_us

    def now_us(self) -> int:
        """Ring time."""
        return time.monotonic_ns() // 1000 - self.epoch_us

    def now_ms(self) -> float:
        """Ring time."""
        return self.now_us() / 1000


class Trace:
    """Writes events as they become known; lines of the two sources may be out of order."""

    def __init__(self, clock: RingClock, path: Path | None = None) -> None:
        self._clock = clock
        self._file = path.open("w", encoding="utf-8") if path else None
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener(event)` for each from now on."""
        self._listeners.append(listener)

    def host(self, event: str, **fields: object) -> None:
        """Something happened on the host's side, now."""
        self._write({"us": self._clock.now_us(), "source": HOST, "event": event, **fields})

    def ring(self, body: bytes) -> None:
        """A TRACE message of the ring's stand-ins, which brings its own time."""
        fields: Event = json.loads(body)
        self._write(
            {"us": fields.pop("us"), "source": RING, "event": fields.pop("event"), **fields}
        )

    def close(self) -> None:
        """Close the file; later events reach the listeners only."""
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, event: Event) -> None:
        if self._file:
            self._file.write(json.dumps(event) + "\n")
        for listener in self._listeners:
            listener(event)
