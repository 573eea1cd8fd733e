"""Sums over samples that a test of the microphone needs, as machine code.

PCM is signed 16 bits, little endian, at an even address.
"""

import micropython
from micropython import const

from mynah_device.probing import SUMS

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array

_PHASES = const(16)  # of a period of the tone; viper compiles in the constants of its own file only
_FIRST_PHASE = const(5)
_FULL = const(32767)


def measure(pcm: bytearray, sums: "array[int]") -> None:
    """Fill `sums`, at least SUMS of 32 bits, as `probing.Sound.frame` takes them."""
    if len(sums) < SUMS:
        raise ValueError("%d sums, not %d" % (SUMS, len(sums)))
    _measure(pcm, len(pcm) >> 1, sums)


# A square has up to 31 bits: the sum of its halves stays in 32 for 16,000 samples.
@micropython.viper
def _measure(pcm: ptr16, count: int, sums: ptr32):
    total = 0
    high = 0
    low = 0
    clipped = 0
    peak = 0
    for place in range(_FIRST_PHASE, _FIRST_PHASE + _PHASES):
        sums[place] = 0
    for number in range(count):
        sample = (int(pcm[number]) ^ 0x8000) - 0x8000
        total += sample
        square = sample * sample
        high += square >> 16
        low += square & 0xFFFF
        place = _FIRST_PHASE + (number & (_PHASES - 1))
        sums[place] = int(sums[place]) + sample
        if sample < 0:
            sample = 0 - sample
        if sample >= _FULL:
            clipped += 1
        if sample > peak:
            peak = sample
    sums[0] = total
    sums[1] = high
    sums[2] = low
    sums[3] = clipped
    sums[4] = peak
