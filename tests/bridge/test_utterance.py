import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.link.utterance import FURTHEST_FRAMES, LONGEST_FRAMES, Utterance
from mynah_wire.codecs import IMA_ADPCM, MULAW, PCM16, codec
from mynah_wire.errors import WireError
from mynah_wire.uplink import HOLD, SAID, Audio, End, Start

STREAM = 3
CODEC = codec(IMA_ADPCM)
LENGTH = CODEC.frame_samples


def coded(frames, seed=1):
    """Some noise as frames, and what each decodes to."""
    noise = np.random.default_rng(seed).normal(0, 3000, frames * LENGTH).astype("<i2")
    state, audio, pcm = [0, 0], [], []
    for number in range(frames):
        data, sound = bytearray(CODEC.frame_bytes), bytearray(CODEC.pcm_bytes)
        chunk = noise[number * LENGTH : (number + 1) * LENGTH].tobytes()
        CODEC.encode_frame(chunk, data, 0, state)
        CODEC.decode_frame(data, 0, sound, 0)
        audio.append(Audio(STREAM, number, bytes(data)))
        pcm.append(np.frombuffer(bytes(sound), "<i2"))
    return audio, pcm


AUDIO, PCM = coded(12)


def new(codec_id=IMA_ADPCM):
    return Utterance(Start(STREAM, codec_id, HOLD, 1000))


def end(frames):
    return End(STREAM, SAID, frames, 0, 2000)


def test_every_frame_lies_at_its_place_in_time():
    utterance = new()

    for audio in AUDIO:
        assert utterance.add(audio)
    utterance.close(end(len(AUDIO)))

    assert np.array_equal(utterance.samples, np.concatenate(PCM))
    assert (utterance.frames, utterance.lost_frames) == (12, 0)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=11))
def test_a_lost_frame_costs_itself_in_whatever_order_the_others_come(order, lost):
    utterance = new()

    for number in order:
        if number not in lost:
            utterance.add(AUDIO[number])
    utterance.close(end(12))

    expected = [np.zeros(LENGTH) if number in lost else PCM[number] for number in range(12)]
    assert np.array_equal(utterance.samples, np.concatenate(expected))
    assert utterance.lost_frames == len(lost)


def test_a_frame_that_comes_again_is_not_counted_again():
    utterance = new()

    assert utterance.add(AUDIO[0])
    assert not utterance.add(AUDIO[0])
    assert not utterance.add(Audio(STREAM, 0, AUDIO[5].data))

    assert utterance.frames == 1
    assert np.array_equal(utterance.samples, PCM[0])


@pytest.mark.parametrize("index", [LONGEST_FRAMES, 0xFFFFFFFF])
def test_an_absurd_index_is_refused(index):
    utterance = new()

    assert not utterance.add(Audio(STREAM, index, AUDIO[0].data))
    assert len(utterance.samples) == utterance.lost_frames == 0


def test_a_frame_that_skips_more_than_a_minute_is_nonsense_wherever_it_comes():
    utterance = new()
    for frame in (0, FURTHEST_FRAMES + 1):
        assert utterance.add(Audio(STREAM, frame, AUDIO[0].data))
        assert not utterance.add(Audio(STREAM, frame + FURTHEST_FRAMES + 2, AUDIO[0].data))

    assert len(utterance.samples) == (FURTHEST_FRAMES + 2) * LENGTH
    assert utterance.lost_frames == FURTHEST_FRAMES


@pytest.mark.parametrize(
    "data",
    [b"", AUDIO[0].data[:-1], AUDIO[0].data + b"\0", b"\0\0\xff" + AUDIO[0].data[3:]],
    ids=["empty", "short", "long", "codec state beyond the table"],
)
def test_a_frame_that_means_nothing_is_a_gap(data):
    utterance = new()
    utterance.add(AUDIO[0])

    assert not utterance.add(Audio(STREAM, 1, data))
    utterance.add(AUDIO[2])

    assert utterance.lost_frames == 1
    assert not utterance.samples[LENGTH : 2 * LENGTH].any()


def test_a_gap_at_the_end_is_known_once_the_ring_told_the_length():
    utterance = new()
    utterance.add(AUDIO[0])

    assert utterance.lost_frames == 0
    utterance.close(end(5))

    assert utterance.lost_frames == 4
    assert len(utterance.samples) == 5 * LENGTH


def test_a_length_beyond_all_measure_takes_no_memory_beyond_all_measure():
    utterance = new()

    utterance.close(end(0xFFFFFFFF))

    assert len(utterance.samples) == LONGEST_FRAMES * LENGTH
    assert utterance.lost_frames == 0xFFFFFFFF


def test_what_came_after_a_moment_can_be_had_alone():
    utterance = new()
    for audio in AUDIO[:3]:
        utterance.add(audio)

    assert np.array_equal(utterance.since(LENGTH), np.concatenate(PCM[1:3]))
    assert len(utterance.since(3 * LENGTH)) == 0


@pytest.mark.parametrize("codec_id", [MULAW, PCM16])
def test_every_codec_of_the_protocol_is_understood(codec_id):
    other = codec(codec_id)
    data = bytearray(other.frame_bytes)
    other.encode_frame(np.full(other.frame_samples, 4096, "<i2").tobytes(), data, 0, None)
    utterance = new(codec_id)

    assert utterance.add(Audio(STREAM, 0, bytes(data)))
    assert utterance.samples == pytest.approx(4096, rel=0.05)


def test_a_codec_from_the_future_is_refused():
    with pytest.raises(WireError, match="codec 77"):
        new(77)
