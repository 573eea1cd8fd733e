"""`machine.ADC`: the pin of the battery's divider, with the noise of an ESP32's converter."""

import os

import _surroundings
from _board import board
from _noise import Noise
from _pin import Pin

_FULL_UV = (950_000, 1_250_000, 1_750_000, 3_100_000)  # by attenuation, the ESP32-S3's
_NOISE_UV = 6_000  # either way
_RADIO_UV = 25_000  # and now and then a packet goes out in just that moment,
_RADIO_EACH = 23  # once in so many samples
_noise = Noise()
_samples = 0


class ADC:
    """One pin; any but the battery's, where the board has one, reads nothing but noise."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_0DB):
        self._pin = pin.number if isinstance(pin, Pin) else pin
        self.atten(atten)

    def atten(self, atten):
        """Set the attenuation, and with it what can be read at most."""
        if not 0 <= atten < len(_FULL_UV):
            raise ValueError("invalid atten")
        self._full_uv = _FULL_UV[atten]

    def read_uv(self):
        """The voltage at the pin, calibrated."""
        uv = 0
        if board("BATTERY_PIN") in (None, self._pin):
            uv = _surroundings.value(_surroundings.CELL, int(os.getenv("MYNAH_BATTERY_UV") or 0))
        return max(0, min(self._full_uv, uv + _noise_uv()))

    def read_u16(self):
        """The same, of 65535 at the end of the range."""
        return self.read_uv() * 65535 // self._full_uv


def _noise_uv():
    global _samples
    _samples += 1
    noise = _noise.within(_NOISE_UV)
    return noise - _RADIO_UV if _samples % _RADIO_EACH == 0 else noise
