"""An accelerometer's counts at a range of ±8 g, 4,096 to the g, made milli-g, as machine code."""

import micropython

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array


def from_little(counts: bytearray, milli_g: "array[int]", values: int) -> None:
    """Of so many values whose least significant byte comes first."""
    if values * 2 > len(counts) or values > len(milli_g):
        raise ValueError("no room for %d values" % values)
    _convert(counts, milli_g, values, 0)


def from_big(counts: bytearray, milli_g: "array[int]", values: int) -> None:
    """Of so many values whose most significant byte comes first."""
    if values * 2 > len(counts) or values > len(milli_g):
        raise ValueError("no room for %d values" % values)
    _convert(counts, milli_g, values, 1)


@micropython.viper
def _convert(source: ptr8, target: ptr16, values: int, high_first: int):
    for place in range(values):
        at = place * 2
        value = int(source[at + high_first]) | int(source[at + 1 - high_first]) << 8
        target[place] = (((value ^ 0x8000) - 0x8000) * 1000) >> 12
