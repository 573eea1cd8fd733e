"""The link under test: how long a word takes, how much gets through, what is lost on the way."""

import asyncio
import statistics
from typing import Final

from mynah.link.client import monotonic_ms
from mynah.maker.selftest_report import Figure, Result
from mynah.maker.selftest_ring import RingOnTest
from mynah.maker.selftest_tests import Bench, failed, passed
from mynah_wire.making import Filler
from mynah_wire.record import OVERHEAD_BYTES

SPEECH_KB_S: Final = 9.2
"""Fifty records of 182 bytes a second: less can't carry a voice."""

FRAME_RECORD_BYTES: Final = 182
LOST_SHARE: Final = 0.01
"""More lost than this is a fault; the link layer repeats, so a good link loses nothing."""

_HEAD_BYTES: Final = 5  # of FILLER: its kind and its number
_WAITING: Final = 24  # records handed to the session and not on the air: it takes 64
_SILENT_S: Final = 5.0  # no more will come
_P95: Final = 95


async def radio(bench: Bench) -> Result:
    """Latency, then throughput both ways at each size."""
    ring = bench.ring
    figures = await _latency(ring, bench.effort.echoes)
    half_way_ms = float(figures["latency_p50_ms"]) / 2
    lost: list[tuple[str, float]] = []
    limit = ring.client.session.channel.room + OVERHEAD_BYTES
    for size in (size for size in bench.effort.sizes if size <= limit):
        down = await _down(ring, size, bench.effort.flood_s, half_way_ms)
        up = await _up(ring, size, bench.effort.up_records)
        for way, (rate, records, gone) in (("down", down), ("up", up)):
            figures[f"{way}_{size}_kb_s"] = round(rate, 1)
            figures[f"{way}_{size}_lost"] = gone
            lost.append((f"{way} at {size} bytes", gone / max(1, records)))
    figures |= await _link_figures(ring)
    return _judged(figures, lost)


async def _latency(ring: RingOnTest, echoes: int) -> dict[str, Figure]:
    spans_ms = [await ring.echo() for _ in range(max(2, echoes))]
    return {
        "latency_p50_ms": round(statistics.median(spans_ms), 1),
        "latency_p95_ms": round(statistics.quantiles(spans_ms, n=100)[_P95 - 1], 1),
        "latency_least_ms": round(min(spans_ms), 1),
    }


async def _down(
    ring: RingOnTest, size: int, seconds: float, half_way_ms: float
) -> tuple[float, int, int]:
    """kB/s, records sent and lost."""
    await ring.probe("filled")
    data = bytes(size - OVERHEAD_BYTES - _HEAD_BYTES)
    told, begun, begun_ms = 0, ring.link.sent, monotonic_ms()
    while monotonic_ms() - begun_ms < seconds * 1000:
        ring.link.moved.clear()
        if told - (ring.link.sent - begun) < _WAITING:
            ring.client.tell(Filler(told, data))
            told += 1
        else:
            await asyncio.wait_for(ring.link.moved.wait(), _SILENT_S)
    finding = await ring.probe("filled")
    span_ms = monotonic_ms() - begun_ms - half_way_ms
    came = int(finding.number("records"))
    return came * size / max(1.0, span_ms), told, told - came


async def _up(ring: RingOnTest, size: int, records: int) -> tuple[float, int, int]:
    """The same the other way."""
    ring.fillers.clear()
    last = ring.expect(Filler, lambda filler: filler.number == records - 1)
    await ring.probe("fill", records << 16 | size - OVERHEAD_BYTES - _HEAD_BYTES)
    await ring.came(last, _SILENT_S)
    came = list(ring.fillers)
    if not came:
        return 0.0, records, records
    span_ms = came[-1][0] - came[0][0]
    return (len(came) - 1) * size / max(1.0, span_ms), records, records - len(came)


async def _link_figures(ring: RingOnTest) -> dict[str, Figure]:
    finding = await ring.probe("link")
    figures: dict[str, Figure] = {name: finding.values.get(name, 0) for name in ("mtu", "enomem")}
    if finding.number("interval_us"):  # a cable has none
        figures["interval_ms"] = finding.number("interval_us") / 1000
    return figures


def _judged(figures: dict[str, Figure], lost: list[tuple[str, float]]) -> Result:
    bad = [f"{100 * share:.0f} % {way}" for way, share in lost if share > LOST_SHARE]
    slow = [
        way
        for way in ("up", "down")
        if float(figures.get(f"{way}_{FRAME_RECORD_BYTES}_kb_s", SPEECH_KB_S)) < SPEECH_KB_S
    ]
    closer = "move the ring closer, and other radios away; `mynah doctor` looks at this computer's"
    if bad:
        return failed("radio", f"lost {', '.join(bad)}", closer, figures)
    if slow:
        note = f"too slow {' and '.join(slow)}: a voice takes {SPEECH_KB_S} kB/s"
        return failed("radio", note, closer, figures)
    return passed("radio", figures)
