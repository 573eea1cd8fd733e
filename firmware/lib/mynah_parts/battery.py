"""The battery's voltage, through a divider on a pin of the converter. Not measured on hardware."""

from machine import ADC, Pin
from micropython import const

_LOOKS = const(16)
_DROPPED = const(4)  # at each end: the radio's packets pull some of them down by 20 mV and more
_MICRO = const(1000)


class Battery:
    """What the cell has."""

    def __init__(self, pin: int, divider: int) -> None:
        self._converter = ADC(Pin(pin), atten=ADC.ATTN_11DB)
        self._divider = divider
        self._looks = [0] * _LOOKS

    def millivolts(self) -> int:
        """Now, the mean of the middle of some looks."""
        looks = self._looks
        for place in range(_LOOKS):
            looks[place] = self._converter.read_uv()
        looks.sort()
        middle = sum(looks[_DROPPED : _LOOKS - _DROPPED]) // (_LOOKS - 2 * _DROPPED)
        return middle * self._divider // _MICRO
