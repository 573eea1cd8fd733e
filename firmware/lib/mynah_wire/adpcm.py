"""IMA ADPCM, four bits a sample, readable: what the device's fast twin must agree with bit by bit.

A frame is 20 ms and begins with the state before its first sample, so it decodes alone:

    predictor 2   s16, little endian
    index     1   0 to 88, into STEPS
    nibbles 160   two samples a byte, the earlier in the low half

A nibble is a sign (8) and three bits (4, 2, 1) that say which of step, step / 2 and step / 4 the
difference holds.
"""

import struct
from array import array

from .errors import MalformedError

FRAME_SAMPLES = 320  # 20 ms: the longest frame that a sealed record carries in macOS's 182 bytes
PCM_BYTES = 2 * FRAME_SAMPLES
STATE_BYTES = 3
PAYLOAD_BYTES = FRAME_SAMPLES // 2
FRAME_BYTES = STATE_BYTES + PAYLOAD_BYTES
LAST_INDEX = 88

# The table of the IMA's recommended practice, 1992. An array, for the fast twin reads it in place.
# fmt: off
STEPS = array("H", (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442,
    11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
))
# fmt: on
_STATE = "<hB"
_SAMPLES = "<%dh" % FRAME_SAMPLES
_INDEX_CHANGES = (-1, -1, -1, -1, 2, 4, 6, 8)


def new_state() -> "array[int]":
    """The state before a stream's first sample: (predictor, index)."""
    return array("i", (0, 0))


def encode_frame(
    pcm: "bytes | bytearray | memoryview",
    out: "bytearray | memoryview",
    offset: int,
    state: "array[int]",
) -> None:
    """Write the 163-byte frame of 640 bytes of PCM to out[offset:]; `state` moves on."""
    predictor, index = state[0], state[1]
    struct.pack_into(_STATE, out, offset, predictor, index)
    position, low = offset + STATE_BYTES, 0
    for number, sample in enumerate(struct.unpack_from(_SAMPLES, pcm, 0)):
        nibble = _nibble(sample - predictor, STEPS[index])
        predictor, index = _advance(predictor, index, nibble)
        if number & 1:
            out[position] = low | nibble << 4
            position += 1
        else:
            low = nibble
    state[0], state[1] = predictor, index


def decode_frame(
    data: "bytes | bytearray | memoryview",
    offset: int,
    pcm: "bytearray | memoryview",
    pcm_offset: int = 0,
) -> None:
    """Write the 640 bytes of PCM of the frame at data[offset:] to pcm[pcm_offset:]."""
    check_frame(data, offset)
    predictor, index = struct.unpack_from(_STATE, data, offset)
    samples = []
    for position in range(offset + STATE_BYTES, offset + FRAME_BYTES):
        byte = data[position]
        predictor, index = _advance(predictor, index, byte & 15)
        samples.append(predictor)
        predictor, index = _advance(predictor, index, byte >> 4)
        samples.append(predictor)
    struct.pack_into(_SAMPLES, pcm, pcm_offset, *samples)


def check_frame(data: "bytes | bytearray | memoryview", offset: int) -> None:
    """Raise MalformedError unless a frame stands at data[offset:]."""
    if len(data) - offset < FRAME_BYTES:
        raise MalformedError(
            "an IMA ADPCM frame has %d bytes, got %d" % (FRAME_BYTES, len(data) - offset)
        )
    if data[offset + 2] > LAST_INDEX:
        raise MalformedError(
            "an IMA ADPCM frame begins with index %d, at most %d" % (data[offset + 2], LAST_INDEX)
        )


def _nibble(difference: int, step: int) -> int:
    """The nibble that comes nearest to a difference."""
    nibble = 0
    if difference < 0:
        nibble, difference = 8, -difference
    if difference >= step:
        nibble, difference = nibble | 4, difference - step
    if difference >= step >> 1:
        nibble, difference = nibble | 2, difference - (step >> 1)
    if difference >= step >> 2:
        nibble |= 1
    return nibble


def _advance(predictor: int, index: int, nibble: int) -> "tuple[int, int]":
    """The state after a nibble; its predictor is the decoded sample."""
    step = STEPS[index]
    # Each part is rounded down by itself: the standard's own arithmetic, which
    # ((2 * nibble + 1) * step) >> 3 does not equal.
    change = step >> 3
    if nibble & 4:
        change += step
    if nibble & 2:
        change += step >> 1
    if nibble & 1:
        change += step >> 2
    predictor = predictor - change if nibble & 8 else predictor + change
    predictor = max(-32768, min(32767, predictor))
    return predictor, max(0, min(LAST_INDEX, index + _INDEX_CHANGES[nibble & 7]))
