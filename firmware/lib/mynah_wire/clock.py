"""The ring's clock: milliseconds, modulo 2**30.

That is what MicroPython's ticks_ms() counts on a 32-bit chip, and the largest range in which
counting allocates nothing. It turns over every 12.4 days; spans up to half of that are told apart.
"""

PERIOD_MS = 1 << 30
_LAST_MS = PERIOD_MS - 1
_HALF_MS = PERIOD_MS >> 1


def elapsed_ms(later_ms: int, earlier_ms: int) -> int:
    """From `earlier_ms` to `later_ms`: negative if the names are the wrong way round."""
    # The usual (x + half) & mask would leave 31 bits on the way: an object on a 32-bit chip.
    return (((later_ms - earlier_ms) & _LAST_MS) ^ _HALF_MS) - _HALF_MS


def after_ms(moment_ms: int, span_ms: int) -> int:
    """The moment `span_ms` later."""
    return (moment_ms + span_ms) & _LAST_MS


def wrap_ms(ticks_ms: int) -> int:
    """What this clock says where ticks_ms() counts further: on a 64-bit chip."""
    return ticks_ms & _LAST_MS
