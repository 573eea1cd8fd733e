"""The codecs by id: how long and how large a frame of each is, and which code writes it.

The ids are frozen. A side tells the other which it knows in a mask: bit n stands for id n.
"""

from array import array

from . import adpcm, companding
from .errors import MalformedError, WireError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Encode = Callable[
        [bytes | bytearray | memoryview, bytearray | memoryview, int, array[int]], None
    ]
    Decode = Callable[[bytes | bytearray | memoryview, int, bytearray | memoryview, int], None]

# What speech recognition hears (Whisper, Silero) and the least a microphone's I2S gives cleanly.
SAMPLE_RATE_HZ = 16_000

IMA_ADPCM = 1
MULAW = 2
PCM16 = 3


class Codec:
    """One way to write a frame of sound; a frame is its state, if it has any, then its payload."""

    def __init__(
        self,
        codec_id: int,
        name: str,
        frame_samples: int,
        state_bytes: int,
        payload_bytes: int,
        encode_frame: "Encode",
        decode_frame: "Decode",
    ) -> None:
        self.id = codec_id
        self.name = name
        self.frame_ms = frame_samples * 1000 // SAMPLE_RATE_HZ
        self.frame_samples = frame_samples
        self.pcm_bytes = 2 * frame_samples
        self.state_bytes = state_bytes
        self.payload_bytes = payload_bytes
        self.frame_bytes = state_bytes + payload_bytes
        self.encode_frame = encode_frame
        self.decode_frame = decode_frame


# The best first: a byte of radio costs more than a cycle of codec.
CODECS = (
    Codec(
        IMA_ADPCM,
        "ima-adpcm",
        adpcm.FRAME_SAMPLES,
        adpcm.STATE_BYTES,
        adpcm.PAYLOAD_BYTES,
        adpcm.encode_frame,
        adpcm.decode_frame,
    ),
    Codec(
        MULAW,
        "mu-law",
        companding.MULAW_FRAME_SAMPLES,
        0,
        companding.PAYLOAD_BYTES,
        companding.encode_mulaw_frame,
        companding.decode_mulaw_frame,
    ),
    Codec(
        PCM16,
        "pcm16",
        companding.PCM16_FRAME_SAMPLES,
        0,
        companding.PAYLOAD_BYTES,
        companding.encode_pcm16_frame,
        companding.decode_pcm16_frame,
    ),
)


def codec(codec_id: int) -> Codec:
    """The codec with this id; MalformedError if there is none."""
    for known in CODECS:
        if known.id == codec_id:
            return known
    raise MalformedError("codec %d is unknown" % codec_id)


def bit(codec_id: int) -> int:
    """A codec's place in a mask of codecs."""
    return 1 << codec_id


def choose(mine: int, theirs: int) -> int:
    """The id of the best codec in both masks; WireError if they share none that we know."""
    for known in CODECS:
        if mine & theirs & bit(known.id):
            return known.id
    raise WireError("no codec in common: ours 0x%02x, theirs 0x%02x" % (mine, theirs))
