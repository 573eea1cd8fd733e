"""The last seconds of sound in RAM: a ring of coded frames, each as it is said on the wire.

What may be written over when it is full is not decided here.
"""

from mynah_wire.record import COUNTER_BYTES
from mynah_wire.uplink import Past

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Buffer = bytes | bytearray | memoryview
    Copy = Callable[[Buffer, int, bytearray, int, int], None]

AUDIO_PLAINTEXT_BYTES = 170  # kind 1, stream 2, frame 4, codec state 3, payload 160
BODY_OFFSET = 3  # behind kind and stream: the frame's index, then its data
BODY_BYTES = AUDIO_PLAINTEXT_BYTES - BODY_OFFSET
DATA_OFFSET = 7  # behind the index
STEP_OFFSET = DATA_OFFSET + 2  # IMA ADPCM's step, which follows the loudness; behind its predictor
FRAMES = 100  # 2 s: rides out a fade, where there is no PSRAM; 17 kB
ON_THE_WAY = 25  # frames that a cut may take: NimBLE's pool of twelve, and the host's queues
_PAST = Past.KIND


def copy_bytes(source: "Buffer", start: int, target: bytearray, at: int, count: int) -> None:
    """The readable twin of the ring's, which makes no objects."""
    target[at : at + count] = source[start : start + count]


def write_past(copy: "Copy", body: "Buffer", start: int, token: int, record: bytearray) -> int:
    """A frame's index and data, at body[start:], as a PAST in record[4:]; its length."""
    record[COUNTER_BYTES] = _PAST
    record[COUNTER_BYTES + 1] = token & 0xFF
    record[COUNTER_BYTES + 2] = token >> 8
    copy(body, start, record, COUNTER_BYTES + BODY_OFFSET, BODY_BYTES)
    return AUDIO_PLAINTEXT_BYTES


class Memory:
    """Frames are named by a count since boot; the newest `frames` of them are here."""

    def __init__(self, frames: int = FRAMES, copy: "Copy" = copy_bytes) -> None:
        """`copy(source, start, target, at, count)` copies bytes."""
        self.frames = frames
        self.newest = 0  # the count of the frame that comes next
        self.copy = copy
        # In one piece: the collector marks one object, not thousands. The last place is for a
        # frame that nobody will hear.
        self.buffer = bytearray((frames + 1) * AUDIO_PLAINTEXT_BYTES)
        self.spare = frames * AUDIO_PLAINTEXT_BYTES

    def place(self, count: int) -> int:
        """Where in `buffer` a frame lies, or the next one is to lie."""
        return count % self.frames * AUDIO_PLAINTEXT_BYTES

    def load(self, count: int, record: bytearray) -> None:
        """Copy a frame to record[4:], to be sealed there."""
        self.copy(self.buffer, self.place(count), record, COUNTER_BYTES, AUDIO_PLAINTEXT_BYTES)

    def clear(self) -> None:
        """Nothing that was said is left."""
        nothing = bytes(AUDIO_PLAINTEXT_BYTES)
        for at in range(0, len(self.buffer), AUDIO_PLAINTEXT_BYTES):
            self.buffer[at : at + AUDIO_PLAINTEXT_BYTES] = nothing

    def index(self, count: int) -> int:
        """A frame's index on its stream's sample clock."""
        return index_at(self.buffer, self.place(count) + BODY_OFFSET)

    def find(self, first: int, end: int, index: int) -> int:
        """Of the frames first..end, the first with this index or a higher one; or `end`."""
        while first < end:
            middle = (first + end) // 2
            if self.index(middle) < index:
                first = middle + 1
            else:
                end = middle
        return first


def index_at(buffer: "Buffer", at: int) -> int:
    """The frame's index that lies there; 30 bits of 32: a small int, and 248 days of sound."""
    high = (buffer[at + 3] & 0x3F) << 24
    return buffer[at] | buffer[at + 1] << 8 | buffer[at + 2] << 16 | high
