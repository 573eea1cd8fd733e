import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_wire import companding
from mynah_wire.errors import MalformedError

DECODERS = {
    "mu-law": companding.decode_mulaw_frame,
    "PCM16": companding.decode_pcm16_frame,
}
NEGATIVE_ZERO = 0x7F  # G.711 has two zeros


def half_a_step(value):
    """How far a sample may be from the value that stands for it: 4 near zero, doubling outward."""
    octave = (abs(value) + 132).bit_length() - 8
    return 4 << octave


@given(st.integers(-32_635, 32_635))
def test_a_sample_is_missed_by_half_a_step_at_most(sample):
    value = companding.expand(companding.compress(sample))

    assert abs(sample - value) <= half_a_step(value)


@pytest.mark.parametrize("sample", [-32768, -32636, 32636, 32767])
def test_what_is_too_loud_becomes_the_loudest(sample):
    value = companding.expand(companding.compress(sample))

    assert value == (32124 if sample > 0 else -32124)


def test_every_byte_stands_for_a_value_that_compresses_to_it():
    for byte in set(range(256)) - {NEGATIVE_ZERO}:
        assert companding.compress(companding.expand(byte)) == byte
    assert companding.expand(NEGATIVE_ZERO) == 0


def test_louder_is_never_quieter():
    values = [companding.expand(companding.compress(sample)) for sample in range(-32768, 32768)]

    assert values == sorted(values)


@given(st.binary(min_size=160, max_size=160))
def test_pcm16_comes_back_as_it_went(pcm):
    frame, decoded = bytearray(160), bytearray(160)

    companding.encode_pcm16_frame(pcm, frame, 0, None)
    companding.decode_pcm16_frame(frame, 0, decoded)

    assert decoded == pcm


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=159))
def test_less_than_a_frame_is_a_named_error(name, data):
    with pytest.raises(MalformedError, match=f"a {name} frame has 160 bytes, got {len(data)}"):
        DECODERS[name](data, 0, bytearray(320))


@pytest.mark.parametrize("encode", [companding.encode_mulaw_frame, companding.encode_pcm16_frame])
def test_a_frame_never_makes_its_buffer_longer(encode):
    out = bytearray(159)

    with pytest.raises((struct.error, IndexError)):
        encode(bytes(320), out, 0, None)
    assert len(out) == 159
