"""IMA ADPCM at the speed a chip needs: `mynah_wire.adpcm`, bit by bit, as machine code.

Viper reads and writes memory unchecked, so the two public functions check the lengths.
PCM starts at an even address: a ptr16 to an odd one faults on Xtensa.
"""

from array import array

import micropython
from micropython import const

from mynah_wire.adpcm import FRAME_BYTES, PCM_BYTES, STEPS, check_frame

# Viper compiles in the constants of its own file only; the vectors hold them to the codec's.
_FRAME_SAMPLES = const(320)
_STATE_BYTES = const(3)
_LAST_INDEX = const(88)
_LOWEST = const(-32768)
_HIGHEST = const(32767)


def encode_frame(
    pcm: "bytes | bytearray | memoryview",
    out: "bytearray | memoryview",
    offset: int,
    state: "array[int]",
) -> None:
    """Write the 163-byte frame of 640 bytes of PCM to out[offset:]; `state` moves on."""
    if len(pcm) < PCM_BYTES or len(out) - offset < FRAME_BYTES:
        raise ValueError("a frame needs 640 bytes of PCM and 163 bytes of room")
    _encode(pcm, out, offset, state, STEPS)


def decode_frame(
    data: "bytes | bytearray | memoryview",
    offset: int,
    pcm: "bytearray | memoryview",
    pcm_offset: int = 0,
) -> None:
    """Write the 640 bytes of PCM of the frame at data[offset:] to pcm[pcm_offset:]."""
    check_frame(data, offset)
    if len(pcm) - pcm_offset < PCM_BYTES or pcm_offset & 1:
        raise ValueError("a frame needs 640 bytes of room at an even offset")
    _decode(data, offset, pcm, pcm_offset, STEPS)


# In both: a ptr16 reads unsigned, and (x ^ 0x8000) - 0x8000 gives the sign back on 32 and 64 bits;
# a builtin min() or max() would cost more than the rest of the loop.
@micropython.viper
def _encode(pcm: ptr16, out: ptr8, offset: int, state: ptr32, steps: ptr16):
    predictor = ((int(state[0]) & 0xFFFF) ^ 0x8000) - 0x8000
    index = int(state[1])
    out[offset] = predictor
    out[offset + 1] = predictor >> 8
    out[offset + 2] = index
    for number in range(_FRAME_SAMPLES):
        difference = (int(pcm[number]) ^ 0x8000) - 0x8000 - predictor
        sign = 8 if difference < 0 else 0
        if sign:
            difference = 0 - difference
        step = int(steps[index])
        change = step >> 3
        nibble = 0
        bit = 4
        while bit:
            if difference >= step:
                difference -= step
                change += step
                nibble |= bit
            step >>= 1
            bit >>= 1
        predictor += (0 - change) if sign else change
        if predictor < _LOWEST:
            predictor = _LOWEST
        if predictor > _HIGHEST:
            predictor = _HIGHEST
        index += ((nibble - 3) << 1) if nibble & 4 else -1
        if index < 0:
            index = 0
        if index > _LAST_INDEX:
            index = _LAST_INDEX
        position = offset + _STATE_BYTES + (number >> 1)
        half = (sign | nibble) << ((number & 1) << 2)
        out[position] = int(out[position]) | half if number & 1 else half
    state[0] = predictor
    state[1] = index


@micropython.viper
def _decode(data: ptr8, offset: int, pcm: ptr16, pcm_offset: int, steps: ptr16):
    predictor = ((int(data[offset]) | (int(data[offset + 1]) << 8)) ^ 0x8000) - 0x8000
    index = int(data[offset + 2])
    for number in range(_FRAME_SAMPLES):
        nibble = int(data[offset + _STATE_BYTES + (number >> 1)]) >> ((number & 1) << 2)
        step = int(steps[index])
        change = step >> 3
        if nibble & 4:
            change += step
        if nibble & 2:
            change += step >> 1
        if nibble & 1:
            change += step >> 2
        predictor += (0 - change) if nibble & 8 else change
        if predictor < _LOWEST:
            predictor = _LOWEST
        if predictor > _HIGHEST:
            predictor = _HIGHEST
        index += (((nibble & 3) + 1) << 1) if nibble & 4 else -1
        if index < 0:
            index = 0
        if index > _LAST_INDEX:
            index = _LAST_INDEX
        pcm[(pcm_offset >> 1) + number] = predictor
