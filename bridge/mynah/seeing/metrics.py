"""What is counted: Prometheus metrics of conversations. Labels are kinds, never words or names."""

import time
from collections.abc import Mapping
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from mynah.turn.record import STAGES

WAITS_S: Final = (0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""People notice 0.3 s, talk over 0.7 s, and give up after a few."""

PARTS_S: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


class Metrics:
    """One process's."""

    def __init__(self) -> None:
        # Else each has a second line, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._since_s = time.monotonic()
        self._rings = 0
        self._all = 0
        self._turns = self._counter("turns", "Turns that are over", "outcome")
        self._late = self._counter("late_turns", "Turns said out of reach and told later")
        self._errors = self._counter("turn_errors", "Turns without a whole reply", "kind")
        self._troubles = self._counter("troubles", "Troubles that were told of", "kind")
        self._counts = {name: self._counter(name, about) for name, about in _COUNTS.items()}
        self._connected = self._gauge("rings_connected", "Rings in a conversation")
        self._lag = self._gauge("loop_lag_seconds", "The worst of the last turn")
        wait = "From the wearer's last sound to the reply's first"
        self._wait = self._histogram("voice_to_voice_seconds", wait, WAITS_S)
        self._stage = self._histogram("stage_seconds", "Parts of that", PARTS_S, "stage")
        ProcessCollector(registry=self.registry)

    def note(self, event: str, figures: Mapping[str, Any]) -> None:
        """Something happened, as it is told to the log."""
        match event:
            case "turn":
                self._turn(figures)
            case "trouble":
                self._troubles.labels(figures["kind"]).inc()
            case "link":
                change = 1 if figures["up"] else -1
                self._rings += change
                self._connected.set(self._rings)

    def page(self) -> tuple[str, bytes]:
        """In Prometheus' text format."""
        return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self.registry)

    def health(self) -> dict[str, float | str]:
        """Whether it is well, in short."""
        return {
            "status": "ok" if self._rings else "no ring",
            "rings": self._rings,
            "turns": self._all,
            "uptime_s": round(time.monotonic() - self._since_s),
        }

    def _turn(self, figures: Mapping[str, Any]) -> None:
        self._all += 1
        v2v_ms, error = figures["v2v_ms"], figures["error"]
        outcome = "unanswered" if v2v_ms is None else "answered"
        self._turns.labels("failed" if error else outcome).inc()
        if error:
            self._errors.labels(error).inc()
        if figures["late_s"] is not None:
            self._late.inc()
        if v2v_ms is not None:
            self._wait.observe(v2v_ms / 1000)
            for stage in STAGES:
                self._stage.labels(stage).observe(figures["waterfall"].get(stage, 0.0) / 1000)
        for name, counter in self._counts.items():
            counter.inc(max(0, figures[name]))
        self._lag.set(figures["loop_lag_ms"] / 1000)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"mynah_{name}", about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"mynah_{name}", about, registry=self.registry)

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"mynah_{name}", about, labels, buckets=buckets, registry=self.registry)


_COUNTS: Final = {
    "frames": "Audio frames received",
    "lost_frames": "Gaps on the ring's sample clock",
    "underruns": "Times the ring's speaker ran dry",
    "enomem": "Notifications that found the ring's radio full",
    "guesses_used": "Answers begun ahead that were used",
    "guesses_wasted": "Answers begun ahead in vain",
}
