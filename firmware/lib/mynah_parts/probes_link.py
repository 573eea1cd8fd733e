"""Tests of the link, and of what the ring counts of it."""

import time

from mynah_device.probing import words

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .probes import Prober

_MASK = (1 << 30) - 1  # of ticks, on a chip


async def echo(_prober: "Prober", _argument: int) -> str:
    """Answer."""
    return words(("us", time.ticks_us() & _MASK))


async def link(prober: "Prober", _argument: int) -> str:
    """What the ring knows of it."""
    ring = prober.runner.ring
    return words(
        ("interval_us", ring.session.interval * 1250),
        ("mtu", ring.session.mtu),
        ("enomem", ring.enomem),
    )


async def filled(prober: "Prober", _argument: int) -> str:
    """How much came since it was last asked."""
    workshop = prober.runner.ring.workshop
    records, size = workshop.filled, workshop.filled_bytes
    workshop.filled = workshop.filled_bytes = 0
    return words(("records", records), ("bytes", size))


async def fill(prober: "Prober", argument: int) -> str:
    """Send `argument >> 16` records with `argument & 0xffff` bytes of nothing in each."""
    prober.runner.ring.workshop.fill(argument >> 16, argument & 0xFFFF)
    prober.runner.sender.poke()
    return ""
