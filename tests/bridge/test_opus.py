"""Speech into packets and back, and what no packet is."""

import numpy as np
import pytest

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.companions.voices.opus import (
    DECODED_HZ,
    FRAME_MS,
    MOST_ODD,
    MOST_PACKET_BYTES,
    OpusDecoder,
    OpusEncoder,
    packet_ms,
)
from mynah.errors import CompanionError

SECONDS = 2
LATE = 400  # samples of 8 kHz: the most that a coder may be late is 50 ms
CHIRP = np.arange(SECONDS * SPEECH_HZ) / SPEECH_HZ
SPEECH = (8000 * np.sin(2 * np.pi * (200 + 100 * CHIRP) * CHIRP)).astype(np.int16)


def encoded(samples, *cuts):
    encoder = OpusEncoder()
    packets = [packet for part in np.split(samples, cuts) for packet in encoder.push(part)]
    return packets + encoder.finish()


def decoded(packets):
    decoder = OpusDecoder("the companion")
    return np.concatenate([decoder.push(packet) for packet in packets])


def test_a_packet_is_60_ms():
    packets = encoded(SPEECH)

    assert {packet_ms(packet) for packet in packets} == {FRAME_MS}
    assert SECONDS * 1000 <= len(packets) * FRAME_MS <= SECONDS * 1000 + 2 * FRAME_MS


def test_speech_comes_back_as_loud_and_as_it_was():
    sound = decoded(encoded(SPEECH))
    sent, got = SPEECH[::2] / FULL_SCALE, sound[::6]  # a chirp of at most 600 Hz: 8 kHz will do

    best = max(
        np.corrcoef(sent[:-LATE], got[late : late + len(sent) - LATE])[0, 1] for late in range(LATE)
    )
    assert best > 0.95
    assert np.std(sound) == pytest.approx(np.std(SPEECH / FULL_SCALE), rel=0.05)


def test_it_does_not_matter_how_speech_is_cut():
    assert encoded(SPEECH, 1, 7, 960, 961, 20_000) == encoded(SPEECH)


def test_an_encoder_of_nothing_has_nothing_to_say():
    assert [packet for packet in encoded(SPEECH[:0]) if packet_ms(packet) is None] == []


@pytest.mark.parametrize(
    "packet",
    [b"", b"\x58", b"\x58" * (MOST_PACKET_BYTES + 1), b"\x5b\x00", b"\x5b\x3f", b"\x5c\x00\x00"],
    ids=["empty", "a byte", "too long", "no frames", "four seconds", "stereo"],
)
def test_what_is_no_packet_has_no_length_and_no_sound(packet):
    assert packet_ms(packet) is None
    assert len(OpusDecoder("the companion").push(packet)) == 0


@pytest.mark.parametrize(
    ("first", "length_ms"),
    [(0x58, 60), (0x59, 120), (0x48, 20), (0x60, 10), (0x80, 2.5), (0x98, 20), (0x9A, 40)],
)
def test_a_packet_says_how_long_it_is(first, length_ms):
    assert packet_ms(bytes([first, 0, 0])) == length_ms


def test_a_packet_of_another_length_is_not_played():
    decoder = OpusDecoder("the companion")
    packets = encoded(SPEECH)

    assert len(decoder.push(packets[0])) == DECODED_HZ * FRAME_MS // 1000
    assert len(decoder.push(b"\x48\x00\x00")) == 0
    assert len(decoder.push(packets[1])) == DECODED_HZ * FRAME_MS // 1000


def test_rubbish_ends_in_one_line_and_hardly_a_sound():
    random = np.random.default_rng(5)
    decoder = OpusDecoder("the companion")
    sounds = []

    def listen():
        sounds.extend(decoder.push(random.bytes(120)) for _ in range(100))

    with pytest.raises(CompanionError, match=r"the companion sends sound that is not Opus; set"):
        listen()
    assert sum(map(len, sounds)) <= DECODED_HZ * 120 * 3 // 1000


def test_a_few_odd_packets_among_good_ones_are_passed_over():
    decoder = OpusDecoder("the companion")
    packets = encoded(SPEECH)

    for packet in packets[:MOST_ODD]:
        decoder.push(b"")
        assert len(decoder.push(packet)) > 0
