"""An I2S peripheral's clock: which frame it is at, and where in the air's recording that lies.

The air is recorded on ring time; a peripheral's oscillator may run fast or slow by some parts per
million, so that its frames drift along the recording and now and then skip or repeat one.
"""

import os

import _ring

_AIR_HZ = int(os.getenv("MYNAH_AIR_HZ"))
_CLOCK_PPM = int(os.getenv("MYNAH_CLOCK_PPM"))
_MILLION = 1_000_000


class SampleClock:
    """Counts frames from now on."""

    def __init__(self, rate):
        if rate != _AIR_HZ:
            raise ValueError("the emulated air is recorded at %d Hz, not %d" % (_AIR_HZ, rate))
        self._start_us = _ring.now_us()
        self._first = self._start_us * rate // _MILLION + 1

    def frames(self):
        """How many frames have passed completely."""
        return self._frames(_ring.now_us() - self._start_us)

    def due_us(self, frames):
        """The ring time at which so many have passed."""
        elapsed = frames * _MILLION // _AIR_HZ
        elapsed -= elapsed * _CLOCK_PPM // _MILLION
        while self._frames(elapsed) < frames:
            elapsed += 1
        return self._start_us + elapsed

    def air(self, frame):
        """Where in the recording a frame lies."""
        return self._first + frame - frame * _CLOCK_PPM // _MILLION

    def _frames(self, elapsed_us):
        nominal = elapsed_us * _AIR_HZ // _MILLION
        return nominal + nominal * _CLOCK_PPM // _MILLION
