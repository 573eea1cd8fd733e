"""`machine`, as far as the ring needs it; on MICROPYPATH it takes the built-in one's place.

Not emulated: sleep, timers, buses other than I2S. A watchdog bites only while asyncio runs: code
that never yields is not reset here, but found out by the emulator, which sees its messages unread.
"""

import asyncio
import binascii
import gc
import os
import struct
import sys
import time

import _channel
import _exits
import _flash  # noqa: F401 - before anything of the ring opens a file
import _i2s
import _ring
import _topics
from _i2s import I2S
from _pin import Pin

__all__ = ["ADC", "I2S", "PWM", "RTC", "WDT", "Pin", "freq", "reset", "reset_cause", "unique_id"]

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_frequency_hz = 240_000_000
_RTC_MEMORY_BYTES = 2048
_FULL_DUTY = 65535


class WDT:
    """Ends the ring's process when it was not fed in time; it can't be stopped."""

    _deadline_us = None
    _timeout_ms = 0

    def __init__(self, id=0, timeout=5000):
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        started = WDT._deadline_us is not None
        WDT._timeout_ms = timeout
        self.feed()
        if not started:
            asyncio.create_task(_watch())

    def feed(self):
        """Begin the time-out anew."""
        WDT._deadline_us = _ring.now_us() + WDT._timeout_ms * 1000


async def _watch():
    while _ring.now_us() < WDT._deadline_us:
        await _ring.sleep_until(WDT._deadline_us)
    _ring.trace("watchdog", timeout_ms=WDT._timeout_ms)
    sys.exit(_exits.STARVED)


class PWM:
    """A pin that is high for a share of the time; the trace tells of the share when it changes."""

    def __init__(self, dest, *, freq=5000, duty_u16=32768):
        self._pin = dest if isinstance(dest, Pin) else Pin(dest, Pin.OUT)
        self._hz = freq
        self._duty = 0
        self.duty_u16(duty_u16)

    def freq(self, hz=None):
        """Read or set the frequency."""
        if hz is None:
            return self._hz
        self._hz = hz
        return None

    def duty_u16(self, duty=None):
        """Read or set the share, of 65535."""
        if duty is None:
            return self._duty
        if not 0 <= duty <= _FULL_DUTY:
            raise ValueError("duty_u16 must be from 0 to 65535")
        if duty != self._duty:
            self._duty = duty
            _ring.trace("pwm", pin=self._pin.number, duty=duty)
        return None

    def deinit(self):
        """Low for good."""
        self.duty_u16(0)


class ADC:
    """A pin that reads what the battery's divider gives, in microvolts."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_11DB):
        self._uv = int(os.getenv("MYNAH_BATTERY_UV"))

    def read_uv(self):
        """The voltage at the pin."""
        return self._uv

    def read_u16(self):
        """The voltage at the pin in parts of 3.3 V."""
        return self._uv * 65535 // 3_300_000


class RTC:
    """Memory that outlives a deep sleep on the chip; here it lives as long as the process."""

    _memory = b""

    def memory(self, data=None):
        """Read it, or replace it."""
        if data is not None:
            if len(data) > _RTC_MEMORY_BYTES:
                raise ValueError("buffer too long")
            RTC._memory = bytes(data)
        return RTC._memory

    def datetime(self, _new=None):
        """The computer's; nothing of the ring may rely on it."""
        year, month, day, hour, minute, second, weekday, _ = time.gmtime()
        return (year, month, day, weekday, hour, minute, second, 0)


def unique_id():
    """The six bytes of the chip's address."""
    return binascii.unhexlify(os.getenv("MYNAH_UNIQUE_ID"))


def reset():
    """End the process: the emulator sees the exit code, and that nothing followed."""
    _ring.trace("reset")
    sys.exit(_exits.RESET)


def reset_cause():
    """Why the ring started."""
    return int(os.getenv("MYNAH_RESET_CAUSE"))


def freq(hz=None):
    """Read or set the processor's clock; it changes nothing here."""
    global _frequency_hz
    if hz is not None:
        _frequency_hz = hz
    return _frequency_hz


def idle():
    """Let time pass."""
    time.sleep_ms(1)


def _stand_still(body):
    time.sleep_ms(struct.unpack("<H", body)[0])


def _tell_heap(body):
    gc.collect()
    _ring.trace("heap", used=gc.mem_alloc(), free=gc.mem_free())


_channel.on(_topics.STALL, _stand_still)
_channel.on(_topics.HEAP, _tell_heap)
sys.atexit(_i2s.power_off)
