"""How fast the chip is at what it does most, and how true its clocks run."""

import asyncio
from typing import Final

from mynah.maker.selftest_report import Figure, Result
from mynah.maker.selftest_ring import RingOnTest
from mynah.maker.selftest_tests import Bench, failed, not_asked, passed, simple

FRAME_US: Final = 20_000
"""Of speech: what is done for one must take less than half of it."""

TICKS: Final = 1 << 30
"""At which the ring's microseconds begin anew."""

DRIFT_PPM: Final = 200.0
"""Twice what two crystals of 50 ppm may differ by."""

IMPLAUSIBLE_PPM: Final = 0.9e6
"""No divider that is wrong makes a clock so fast or slow: its figures are no clock's."""

STEP_MS: Final = 1000.0
"""A step of a signature's check that takes longer holds up everything else, watchdog included."""

ALONE_S: Final = 3.0
"""Between the two looks at the clock, where no other test gave it time."""

_STAMPS: Final = 10
_REPORT: Final = "please report it with this page: this firmware is too slow for this chip"


async def codec(bench: Bench) -> Result:
    """Of a frame."""
    return await _timed(bench, "codec", ("encode_us", "decode_us"))


async def cipher(bench: Bench) -> Result:
    """Of a frame's record."""
    return await _timed(bench, "cipher", ("seal_us", "open_us"))


async def _timed(bench: Bench, test: str, names: tuple[str, ...]) -> Result:
    finding = await bench.ring.probe(test)
    slow = [name for name in names if finding.number(name) > FRAME_US / 2]
    if finding.passed and slow:
        note = f"{slow[0]} {finding.number(slow[0]):.0f}, of the 20000 that a frame lasts"
        return failed(test, note, _REPORT, finding.values)
    return simple(test, finding, _REPORT)


async def sha256(bench: Bench) -> Result:
    """Of 4 KiB."""
    return simple("sha256", await bench.ring.probe("sha256"), _REPORT)


async def signature(bench: Bench) -> Result:
    """Of one Ed25519 signature."""
    finding = await bench.ring.probe("signature")
    if finding.passed and finding.number("longest_step_ms") > STEP_MS:
        note = f"one step takes {finding.number('longest_step_ms'):.0f} ms"
        return failed("signature", note, _REPORT, finding.values)
    return simple("signature", finding, _REPORT)


async def clock(bench: Bench) -> Result:
    """The ring's clock against this computer's; last, so that time has passed."""
    ring = bench.ring
    if len(ring.stamps) < _STAMPS:
        await _stamp(ring)
        await asyncio.sleep(ALONE_S)
    await _stamp(ring)
    drift_ppm, within_ppm = drift(ring)
    if abs(drift_ppm) > IMPLAUSIBLE_PPM:
        return not_asked("clock", note="it could not be measured: the ring's microseconds jump")
    sound = bench.found.get("microphone")
    figures: dict[str, Figure] = {
        "ring_ppm": round(drift_ppm),
        "within_ppm": round(within_ppm),
    }
    # A radio's round trips leave too much open for what is some tens at most; a cable's do not.
    if within_ppm < DRIFT_PPM and sound is not None and "rate_ppm" in sound.figures:
        figures["samples_ppm"] = round(drift_ppm) + int(sound.figures["rate_ppm"])
    if abs(drift_ppm) - within_ppm > DRIFT_PPM:
        note = f"the ring's clock runs {drift_ppm:+.0f} ppm against this computer's"
        step = "is its crystal's frequency what the image expects?"
        return failed("clock", note, step, figures)
    return passed("clock", figures)


async def _stamp(ring: RingOnTest) -> None:
    for _ in range(_STAMPS):
        await ring.echo()


def drift(ring: RingOnTest) -> tuple[float, float]:
    """Parts per million that it runs fast, and within how many that is known."""
    first = min(ring.stamps[:_STAMPS], key=_round_trip)
    last = min(ring.stamps[-_STAMPS:], key=_round_trip)
    host_us = (_middle(last) - _middle(first)) * 1000
    # Of two moments on a clock that begins anew every 18 minutes, the nearest to this computer's.
    ring_us = host_us + (last[2] - first[2] - host_us + TICKS / 2) % TICKS - TICKS / 2
    # Either stamp was made somewhere between its question and its answer.
    within_us = (_round_trip(first) + _round_trip(last)) * 1000 / 2
    return (ring_us - host_us) / host_us * 1e6, within_us / host_us * 1e6


def _round_trip(stamp: tuple[float, float, int]) -> float:
    return stamp[1] - stamp[0]


def _middle(stamp: tuple[float, float, int]) -> float:
    return (stamp[0] + stamp[1]) / 2
