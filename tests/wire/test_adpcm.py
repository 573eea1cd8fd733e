import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_wire import adpcm
from mynah_wire.errors import MalformedError

PCM = st.binary(min_size=adpcm.PCM_BYTES, max_size=adpcm.PCM_BYTES)
STATES = st.tuples(st.integers(-32768, 32767), st.integers(0, adpcm.LAST_INDEX))


def pack(samples):
    return struct.pack(f"<{len(samples)}h", *samples)


def unpack(pcm):
    return struct.unpack(f"<{len(pcm) // 2}h", pcm)


def encode(pcm, state):
    frame = bytearray(adpcm.FRAME_BYTES)
    adpcm.encode_frame(pcm, frame, 0, state)
    return bytes(frame)


def encode_stream(pcm):
    state = adpcm.new_state()
    step = adpcm.PCM_BYTES
    return [encode(pcm[at : at + step], state) for at in range(0, len(pcm), step)]


def decode(frame):
    pcm = bytearray(adpcm.PCM_BYTES)
    adpcm.decode_frame(frame, 0, pcm)
    return bytes(pcm)


def tone(frames, hertz=440.0, amplitude=12_000):
    samples = [
        round(amplitude * math.sin(2 * math.pi * hertz * number / 16_000))
        for number in range(frames * adpcm.FRAME_SAMPLES)
    ]
    return pack(samples)


def signal_to_noise_db(original, decoded):
    pairs = list(zip(unpack(original), unpack(decoded), strict=True))
    noise = sum((left - right) ** 2 for left, right in pairs)
    return 10 * math.log10(sum(left * left for left, _ in pairs) / noise)


def test_a_tone_comes_back_30_db_above_its_noise():
    pcm = tone(frames=10)

    decoded = b"".join(map(decode, encode_stream(pcm)))

    settled = adpcm.PCM_BYTES  # the first frame begins with the smallest step and has to grow it
    assert signal_to_noise_db(pcm[settled:], decoded[settled:]) > 30


def test_silence_comes_back_as_silence():
    decoded = unpack(decode(encode(bytes(adpcm.PCM_BYTES), adpcm.new_state())))

    assert max(map(abs, decoded)) <= 1


def test_one_lost_frame_costs_exactly_its_own_20_ms():
    frames = encode_stream(tone(frames=6))
    whole = [decode(frame) for frame in frames]

    received = [decode(frame) for number, frame in enumerate(frames) if number != 3]

    assert received == whole[:3] + whole[4:]


@given(PCM, STATES)
def test_the_decoder_ends_where_the_encoder_went_on(pcm, start):
    state = adpcm.new_state()
    state[0], state[1] = start

    frame = encode(pcm, state)

    assert struct.unpack_from("<hB", frame) == start
    assert unpack(decode(frame))[-1] == state[0]


@given(PCM, STATES)
def test_a_sample_within_two_steps_is_missed_by_an_eighth_of_one_at_most(pcm, start):
    state = adpcm.new_state()
    state[0], state[1] = start
    sample, step = unpack(pcm)[0], adpcm.STEPS[start[1]]

    decoded = unpack(decode(encode(pcm, state)))[0]

    if abs(sample - start[0]) < 2 * step:
        assert abs(sample - decoded) <= step / 8 + 3  # three parts, each rounded down


@given(st.binary(min_size=adpcm.FRAME_BYTES, max_size=adpcm.FRAME_BYTES))
def test_any_163_bytes_are_a_frame_or_a_named_error(data):
    if data[2] <= adpcm.LAST_INDEX:
        assert len(decode(data)) == adpcm.PCM_BYTES
    else:
        with pytest.raises(MalformedError, match=f"index {data[2]}, at most 88"):
            decode(data)


@given(st.binary(max_size=adpcm.FRAME_BYTES - 1))
def test_less_than_a_frame_is_a_named_error(data):
    with pytest.raises(MalformedError, match=f"has 163 bytes, got {len(data)}"):
        decode(data)


def test_a_frame_needs_room():
    with pytest.raises(struct.error):
        adpcm.encode_frame(bytes(639), bytearray(163), 0, adpcm.new_state())
    with pytest.raises(IndexError):
        adpcm.encode_frame(bytes(640), bytearray(162), 0, adpcm.new_state())
    with pytest.raises(struct.error):
        adpcm.decode_frame(bytes(163), 0, bytearray(639))
