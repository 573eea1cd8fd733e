"""Copying bytes between two places that are given by their offsets, without making an object."""

import micropython


def copy_bytes(
    source: "bytes | bytearray | memoryview", start: int, target: bytearray, at: int, count: int
) -> None:
    """target[at:at + count] = source[start:start + count]"""
    if start < 0 or at < 0 or start + count > len(source) or at + count > len(target):
        raise ValueError("there are no %d bytes to copy from %d to %d" % (count, start, at))
    _copy(source, start, target, at, count)


@micropython.viper
def _copy(source: ptr8, start: int, target: ptr8, at: int, count: int):
    for number in range(count):
        target[at + number] = source[start + number]
