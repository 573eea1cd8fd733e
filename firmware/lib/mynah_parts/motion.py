"""What the drivers of accelerometers share: a FIFO is read in blocks, and comes out as milli-g.

Each is set to ±8 g, so that 4,096 counts are 1 g, and to some 100 samples a second.
"""

from .bus import Bus, BusPart

BLOCK_SAMPLES = 16  # at most in one read: 2.2 ms on the bus, in which nothing else runs
SAMPLE_BYTES = 6

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array


class Motion:
    """A driver sets the constants, and says how its part is set up and how its FIFO is read."""

    RATE_HZ = 100
    IDENTITY = 0  # the register
    IDENTITIES: "tuple[int, ...]" = ()  # what may be in it

    def __init__(self, bus: Bus, address: int) -> None:
        """PartError if it is not there, or is another part."""
        self.part = BusPart(bus, "motion", address)
        self._raw = bytearray(BLOCK_SAMPLES * SAMPLE_BYTES)
        self._view = memoryview(self._raw)
        self.check()

    def check(self) -> None:
        """PartError unless it still is what it was."""
        self.part.identify(self.IDENTITY, self.IDENTITIES)

    async def start(self) -> None:
        """Set it up, and have it sample from now on; PartError if it can't."""
        raise NotImplementedError

    def stop(self) -> None:
        """Have it sleep; PartError if it does not answer."""
        raise NotImplementedError

    def read(self, milli_g: "array[int]") -> int:
        """Take what the FIFO has, at most BLOCK_SAMPLES of x, y and z: how many samples."""
        raise NotImplementedError
