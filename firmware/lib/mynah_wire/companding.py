"""The two codecs without state: mu-law (G.711, 10 ms a frame) and plain PCM16 (5 ms a frame).

Both fill the 160 bytes that IMA ADPCM fills, with 8 and 16 bits a sample.
Their functions have IMA ADPCM's shape; `state` is taken and left alone.
"""

import struct
from array import array

from .errors import MalformedError

PAYLOAD_BYTES = 160
MULAW_FRAME_SAMPLES = PAYLOAD_BYTES
PCM16_FRAME_SAMPLES = PAYLOAD_BYTES // 2

_MULAW_SAMPLES = "<%dh" % MULAW_FRAME_SAMPLES
_PCM16_SAMPLES = "<%dh" % PCM16_FRAME_SAMPLES
_BIAS = 132  # 33 in G.711's 14 bits: lifts every magnitude into one of eight octaves
_CLIP = 32635  # 32767 - _BIAS: above, the octave would be the ninth


def encode_mulaw_frame(
    pcm: "bytes | bytearray | memoryview",
    out: "bytearray | memoryview",
    offset: int,
    state: "array[int]",
) -> None:
    """Write the 160-byte frame of 320 bytes of PCM to out[offset:]."""
    position = offset
    for sample in struct.unpack_from(_MULAW_SAMPLES, pcm, 0):
        out[position] = compress(sample)
        position += 1


def decode_mulaw_frame(
    data: "bytes | bytearray | memoryview",
    offset: int,
    pcm: "bytearray | memoryview",
    pcm_offset: int = 0,
) -> None:
    """Write the 320 bytes of PCM of the frame at data[offset:] to pcm[pcm_offset:]."""
    _check_frame("mu-law", data, offset)
    samples = [expand(data[position]) for position in range(offset, offset + PAYLOAD_BYTES)]
    struct.pack_into(_MULAW_SAMPLES, pcm, pcm_offset, *samples)


def encode_pcm16_frame(
    pcm: "bytes | bytearray | memoryview",
    out: "bytearray | memoryview",
    offset: int,
    state: "array[int]",
) -> None:
    """Copy the 160 bytes of PCM to out[offset:]."""
    struct.pack_into(_PCM16_SAMPLES, out, offset, *struct.unpack_from(_PCM16_SAMPLES, pcm, 0))


def decode_pcm16_frame(
    data: "bytes | bytearray | memoryview",
    offset: int,
    pcm: "bytearray | memoryview",
    pcm_offset: int = 0,
) -> None:
    """Copy the 160 bytes of PCM at data[offset:] to pcm[pcm_offset:]."""
    _check_frame("PCM16", data, offset)
    samples = struct.unpack_from(_PCM16_SAMPLES, data, offset)
    struct.pack_into(_PCM16_SAMPLES, pcm, pcm_offset, *samples)


def compress(sample: int) -> int:
    """The mu-law byte of a 16-bit sample."""
    # The complement, not the negative, as the ITU's own G.191 does: -1 and 0 mirror each other.
    sign, magnitude = (0x80, ~sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, _CLIP) + _BIAS
    octave = 7
    while magnitude < 0x80 << octave:
        octave -= 1
    return ~(sign | octave << 4 | (magnitude >> (octave + 3)) & 15) & 0xFF


def expand(byte: int) -> int:
    """The sample in the middle of what a mu-law byte stands for."""
    byte = ~byte
    magnitude = (((byte & 15) << 3) + _BIAS << ((byte >> 4) & 7)) - _BIAS
    return -magnitude if byte & 0x80 else magnitude


def _check_frame(name: str, data: "bytes | bytearray | memoryview", offset: int) -> None:
    if len(data) - offset < PAYLOAD_BYTES:
        raise MalformedError(
            "a %s frame has %d bytes, got %d" % (name, PAYLOAD_BYTES, len(data) - offset)
        )
