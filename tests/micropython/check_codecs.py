"""Every codec gives what its vectors give, and refuses what theirs refuse."""

from checks import error_of, run, vectors

from mynah_wire.adpcm import new_state
from mynah_wire.codecs import IMA_ADPCM, MULAW, PCM16, codec
from mynah_wire.errors import MalformedError

VECTORS = ((IMA_ADPCM, "adpcm"), (MULAW, "mulaw"), (PCM16, "pcm16"))


def check_a_frame_is_written_as_in_the_vectors():
    for codec_id, name in VECTORS:
        chosen = codec(codec_id)
        for case in vectors(name)["good"]:
            frame, state = bytearray(chosen.frame_bytes + 2), new_state()
            state[0], state[1] = case.get("state", (0, 0))

            chosen.encode_frame(bytes.fromhex(case["pcm"]), frame, 1, state)

            assert frame[1:-1].hex() == case["frame"], case["name"]
            assert (frame[0], frame[-1]) == (0, 0), case["name"]
            assert list(state) == list(case.get("state_after", (0, 0))), case["name"]


def check_a_frame_is_read_as_in_the_vectors():
    for codec_id, name in VECTORS:
        chosen = codec(codec_id)
        for case in vectors(name)["good"]:
            data, pcm = b"\xaa" + bytes.fromhex(case["frame"]), bytearray(chosen.pcm_bytes + 4)

            chosen.decode_frame(data, 1, pcm, 2)

            assert pcm[2:-2].hex() == case["decoded"], case["name"]
            assert pcm[:2] == pcm[-2:] == bytes(2), case["name"]


def check_a_bad_frame_is_refused_by_name():
    for codec_id, name in VECTORS:
        chosen = codec(codec_id)
        pcm = bytearray(chosen.pcm_bytes)
        for case in vectors(name)["bad"]:
            data = bytes.fromhex(case["data"])

            assert case["error"] in error_of(MalformedError, chosen.decode_frame, data, 0, pcm, 0)
            assert pcm == bytes(chosen.pcm_bytes), case["name"]


run(globals())
