"""The device's fast ADPCM is the readable one, bit by bit."""

import random

from checks import error_of, run, vectors

from mynah_parts import adpcm_viper
from mynah_wire import adpcm
from mynah_wire.errors import MalformedError

FRAMES = 200


def noise(generator, loudness):
    """A frame of PCM; at the greatest loudness every sample is an extreme."""
    pcm = bytearray(adpcm.PCM_BYTES)
    for offset in range(0, len(pcm), 2):
        sample = generator.randint(-loudness, loudness)
        if loudness > 32767:
            sample = 32767 if sample > 0 else -32768
        pcm[offset], pcm[offset + 1] = sample & 255, (sample >> 8) & 255
    return pcm


def check_both_write_and_read_the_same_stream():
    random.seed(20)
    readable, fast = adpcm.new_state(), adpcm.new_state()
    expected, got = bytearray(adpcm.FRAME_BYTES), bytearray(adpcm.FRAME_BYTES)
    expected_pcm, got_pcm = bytearray(adpcm.PCM_BYTES), bytearray(adpcm.PCM_BYTES)
    for number in range(FRAMES):
        pcm = noise(random, (3, 400, 9000, 32767, 40000)[number % 5])
        adpcm.encode_frame(pcm, expected, 0, readable)
        adpcm_viper.encode_frame(pcm, got, 0, fast)
        adpcm.decode_frame(expected, 0, expected_pcm)
        adpcm_viper.decode_frame(expected, 0, got_pcm)

        assert got == expected, number
        assert fast == readable, number
        assert got_pcm == expected_pcm, number


def check_both_read_the_same_from_any_bytes():
    random.seed(21)
    expected, got = bytearray(adpcm.PCM_BYTES), bytearray(adpcm.PCM_BYTES)
    for index in range(adpcm.LAST_INDEX + 1):
        data = bytearray([random.randint(0, 255) for _ in range(adpcm.FRAME_BYTES)])
        data[2] = index
        adpcm.decode_frame(data, 0, expected)
        adpcm_viper.decode_frame(data, 0, got)

        assert got == expected, index


def check_the_vectors_are_met():
    for case in vectors("adpcm")["good"]:
        frame, state = bytearray(adpcm.FRAME_BYTES + 2), adpcm.new_state()
        state[0], state[1] = case["state"]
        pcm = bytearray(adpcm.PCM_BYTES + 4)

        adpcm_viper.encode_frame(bytes.fromhex(case["pcm"]), frame, 1, state)
        adpcm_viper.decode_frame(frame, 1, pcm, 2)

        assert frame[1:-1].hex() == case["frame"], case["name"]
        assert list(state) == case["state_after"], case["name"]
        assert pcm[2:-2].hex() == case["decoded"], case["name"]
        assert (frame[0], frame[-1], pcm[:2], pcm[-2:]) == (0, 0, bytes(2), bytes(2))


def check_a_bad_frame_is_refused_by_name():
    pcm = bytearray(adpcm.PCM_BYTES)
    for case in vectors("adpcm")["bad"]:
        data = bytes.fromhex(case["data"])

        assert case["error"] in error_of(MalformedError, adpcm_viper.decode_frame, data, 0, pcm)


def check_nothing_is_written_where_there_is_no_room():
    pcm, frame, state = bytearray(640), bytearray(163), adpcm.new_state()

    error_of(ValueError, adpcm_viper.encode_frame, pcm[:639], frame, 0, state)
    error_of(ValueError, adpcm_viper.encode_frame, pcm, frame, 1, state)
    error_of(ValueError, adpcm_viper.decode_frame, frame, 0, pcm, 2)
    error_of(ValueError, adpcm_viper.decode_frame, frame, 0, bytearray(642), 1)


run(globals())
