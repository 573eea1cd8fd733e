"""What outlives a reset and a deep sleep, though not a loss of power: 2048 bytes, shared out here.

After the power came on anything may be in it: whoever reads checks what he wrote.
"""

from machine import RTC

from mynah_device.journal import PACKED_BYTES

SIZE_BYTES = 2048
JOURNAL = (0, PACKED_BYTES)  # from, to
POWER = (PACKED_BYTES, SIZE_BYTES)


def recall(area: "tuple[int, int]") -> bytes:
    """What was kept there."""
    return RTC().memory()[area[0] : area[1]]


def keep(area: "tuple[int, int]", data: bytes) -> None:
    """Keep at most as much as the area holds; the other areas stay as they are."""
    first, end = area
    if len(data) > end - first:
        raise ValueError("%d bytes for %d of RTC memory" % (len(data), end - first))
    memory = bytearray(SIZE_BYTES)
    old = RTC().memory()
    memory[: len(old)] = old
    memory[first:end] = data + bytes(end - first - len(data))
    RTC().memory(memory)
