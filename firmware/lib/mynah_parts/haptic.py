"""A vibration motor on a pin, through a transistor: a pin alone gives a third of what it takes.

Not measured on hardware.
"""

from machine import PWM, Pin
from micropython import const

_FREQUENCY_HZ = const(20_000)  # above what anybody hears: the motor's coil would sing at less
_DUTY_STEP = const(257)  # an amplitude of 255 is a duty of 65535


class Haptic:
    """As strong as it was last told to be."""

    def __init__(self, pin: int) -> None:
        self._pwm = PWM(Pin(pin), freq=_FREQUENCY_HZ, duty_u16=0)

    def vibrate(self, amplitude: int) -> None:
        """From now on, with an amplitude of 255; 0 rests."""
        self._pwm.duty_u16(amplitude * _DUTY_STEP)
