import pytest

from mynah_wire.codecs import CODECS, IMA_ADPCM, MULAW, PCM16, SAMPLE_RATE_HZ, bit, choose, codec
from mynah_wire.errors import MalformedError, WireError

ALL = bit(IMA_ADPCM) | bit(MULAW) | bit(PCM16)
# 182 bytes of value at macOS's MTU less counter 4, tag 8, kind 1, stream 2, frame index 4.
ROOM_BYTES = 163


def test_the_ids_and_frames_are_frozen():
    table = [(each.id, each.name, each.frame_ms, each.frame_bytes) for each in CODECS]

    assert table == [(1, "ima-adpcm", 20, 163), (2, "mu-law", 10, 160), (3, "pcm16", 5, 160)]


@pytest.mark.parametrize("each", CODECS, ids=lambda each: each.name)
def test_a_frame_is_a_whole_number_of_milliseconds_and_fits_a_record(each):
    assert each.frame_ms * SAMPLE_RATE_HZ == each.frame_samples * 1000
    assert each.frame_bytes <= ROOM_BYTES


def test_an_unknown_id_is_named():
    with pytest.raises(MalformedError, match="codec 9 is unknown"):
        codec(9)


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen"),
    [
        (ALL, ALL, IMA_ADPCM),
        (ALL, bit(PCM16) | bit(MULAW), MULAW),
        (bit(PCM16), ALL, PCM16),
        (ALL | bit(30), bit(PCM16) | bit(30), PCM16),
    ],
    ids=["the smallest", "the best they have", "the best I have", "strangers are skipped"],
)
def test_the_best_that_both_know_is_chosen(mine, theirs, chosen):
    assert choose(mine, theirs) == chosen


@pytest.mark.parametrize("theirs", [0, bit(30), bit(PCM16)])
def test_no_codec_in_common_is_an_error_with_both_masks(theirs):
    with pytest.raises(WireError, match=f"ours 0x06, theirs 0x{theirs:02x}"):
        choose(bit(IMA_ADPCM) | bit(MULAW), theirs)
