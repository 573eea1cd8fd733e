"""What every stand-in shares: the trace, and ring time, which starts when the ring is switched on.

MicroPython's `time.ticks_us()` is the computer's monotonic clock here, so that the ring and its
world read one clock; on 64 bits it wraps after 146,000 years.
"""

import asyncio
import json
import os
import time

import _channel
import _topics

_EPOCH_US = int(os.getenv("MYNAH_EPOCH_US"))


def now_us():
    """Ring time."""
    return time.ticks_us() - _EPOCH_US


def to_ring_us(ticks_us):
    """Ring time of a moment on the computer's clock."""
    return ticks_us - _EPOCH_US


def trace(event, us=None, **fields):
    """Tell the emulator what happened; `us` is the ring time, if it was not now."""
    fields["event"] = event
    fields["us"] = now_us() if us is None else us
    _channel.send(_topics.TRACE, json.dumps(fields).encode())


async def sleep_until(us):
    """Return at that ring time or up to 1.3 ms later: asyncio counts whole milliseconds."""
    await asyncio.sleep_ms(max(0, (us - now_us() + 999) // 1000))
