"""`machine`, as far as the ring needs it; on MICROPYPATH it takes the built-in one's place.

Not emulated: light sleep, which ends BLE on the chip too, and timers.
"""

import binascii
import gc
import os
import struct
import sys
import time

import _channel
import _chip_kind
import _flash  # noqa: F401 - before anything of the ring opens a file
import _i2s
import _ring
import _topics
import _wake
from _adc import ADC
from _i2c import I2C, SoftI2C
from _i2s import I2S
from _pin import Pin
from _rtc import RTC
from _sleep import deepsleep, reset, reset_cause, wake_pins, wake_reason
from _touch import TouchPad
from _watchdog import WDT

__all__ = [
    "ADC",
    "I2C",
    "I2S",
    "PWM",
    "RTC",
    "WDT",
    "Pin",
    "SoftI2C",
    "TouchPad",
    "deepsleep",
    "freq",
    "reset",
    "reset_cause",
    "unique_id",
    "wake_pins",
    "wake_reason",
]

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
PIN_WAKE = _wake.EXT0
EXT0_WAKE = _wake.EXT0
EXT1_WAKE = _wake.EXT1
TIMER_WAKE = _wake.TIMER

_frequency_hz = 160_000_000  # at a start, unless the board's image says more
_FULL_DUTY = 65535


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


def unique_id():
    """The six bytes of the chip's address."""
    return binascii.unhexlify(os.getenv("MYNAH_UNIQUE_ID"))


def freq(hz=None):
    """Read or set the processor's clock; the trace tells of it, and nothing is slower for it."""
    global _frequency_hz
    if hz is None:
        return _frequency_hz
    if hz not in _chip_kind.CLOCKS_HZ:
        raise ValueError("frequency must be one of %s" % (_chip_kind.CLOCKS_HZ,))
    if hz != _frequency_hz:
        _frequency_hz = hz
        _ring.trace("clock", hz=hz)
    return None


def idle():
    """Let time pass."""
    time.sleep_ms(1)


def _stand_still(body):
    time.sleep_ms(struct.unpack("<H", body)[0])
    _channel.stood_still()


def _tell_heap(body):
    gc.collect()
    used, free = gc.mem_alloc(), gc.mem_free()
    _ring.trace("heap", used=used, free=free, modules=sorted(sys.modules))


_channel.on(_topics.STALL, _stand_still)
_channel.on(_topics.HEAP, _tell_heap)
sys.atexit(_i2s.power_off)
