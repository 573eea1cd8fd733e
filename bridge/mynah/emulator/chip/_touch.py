"""`machine.TouchPad` as on an ESP32-S3: it counts, and counts more when it is touched.

The world's finger drives the pin's level, as it does a button's; a touch adds to the count.
"""

import _pin
import _surroundings
from _noise import Noise

_FIRST_PIN = 1  # GPIO 1 to 14 of an ESP32-S3
_LAST_PIN = 14
_OWN_COUNTS = 22_000  # of a pad of 1 cm² on 10 cm of wire: from forum posts, not measured
_TOUCH_COUNTS = 9_000
_NOISE_COUNTS = 60
_noise = Noise()


class TouchPad:
    """One pad."""

    def __init__(self, pin):
        self._pin = pin.number if isinstance(pin, _pin.Pin) else pin
        if not _FIRST_PIN <= self._pin <= _LAST_PIN:
            raise ValueError("invalid pin for touchpad")
        _pin._levels.setdefault(self._pin, 1)

    def read(self):
        """The count."""
        counts = _OWN_COUNTS + _noise.within(_NOISE_COUNTS)
        counts += _surroundings.value((_surroundings.PAD, self._pin), 0)
        return counts + (0 if _pin._levels[self._pin] else _TOUCH_COUNTS)

    def config(self, threshold):
        """Set the threshold that wakes the chip."""
