"""What is done to samples on their way between I2S and codec, as machine code.

PCM is signed 16 bits, little endian, at an even address; `count` is in samples, at most what the
buffer holds: viper does not check.
A volume is 0 to 256, where 256 changes nothing.
"""

import micropython
from micropython import const

_LOWEST = const(-32768)
_HIGHEST = const(32767)
_FRACTION_BITS = 15  # of a ramp's volume: 256 << 15 is still a small int on a 32-bit chip


def from_slots(slots: "bytearray | memoryview", pcm: bytearray, gain_bits: int) -> None:
    """Turn I2S slots of 32 bits (24 used, from the top) into PCM, 2**gain_bits louder, saturated.

    `gain_bits` is 0 to 15. An INMP441 at arm's length leaves about four of its top bits unused.
    """
    count = len(slots) >> 2
    if len(pcm) < count << 1:
        raise ValueError("%d slots need %d bytes of PCM" % (count, count << 1))
    _from_slots(slots, pcm, count, gain_bits)


def is_flat(slots: "bytearray | memoryview") -> bool:
    """Whether all slots of 32 bits are alike."""
    return _alike(slots, len(slots) >> 2) != 0


def scale(pcm: "bytearray | memoryview", count: int, volume: int) -> None:
    """Bring samples to a volume, in place."""
    _ramp(pcm, count, volume << _FRACTION_BITS, 0)


def ramp(pcm: "bytearray | memoryview", count: int, from_volume: int, to_volume: int) -> None:
    """Move from one volume to the next over these samples, in place: a jump would click."""
    if count:
        step = ((to_volume - from_volume) << _FRACTION_BITS) // count
        _ramp(pcm, count, from_volume << _FRACTION_BITS, step)


@micropython.viper
def peak(pcm: ptr16, count: int) -> int:
    """The largest magnitude among the first `count` samples, 0 to 32768."""
    largest = 0
    for number in range(count):
        sample = (int(pcm[number]) ^ 0x8000) - 0x8000
        if sample < 0:
            sample = 0 - sample
        if sample > largest:
            largest = sample
    return largest


@micropython.viper
def _alike(slots: ptr16, count: int) -> int:
    # From sound it returns at the second slot.
    for number in range(2, count + count):
        if int(slots[number]) != int(slots[number - 2]):
            return 0
    return 1


@micropython.viper
def _from_slots(slots: ptr16, pcm: ptr16, count: int, gain_bits: int):
    # By halves: a ptr32 of a negative slot reads differently on 32 and on 64 bits.
    for number in range(count):
        high = (int(slots[number + number + 1]) ^ 0x8000) - 0x8000
        low = int(slots[number + number])
        sample = (high << gain_bits) | (low >> (16 - gain_bits))
        if sample > _HIGHEST:
            sample = _HIGHEST
        if sample < _LOWEST:
            sample = _LOWEST
        pcm[number] = sample


@micropython.viper
def _ramp(pcm: ptr16, count: int, volume: int, step: int):
    for number in range(count):
        sample = (int(pcm[number]) ^ 0x8000) - 0x8000
        # 2**15 of sample by 2**15 of volume: the most that 32 bits hold with a sign.
        pcm[number] = (sample * (volume >> 8)) >> 15
        volume += step
