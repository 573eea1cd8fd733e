from hypothesis import given
from hypothesis import strategies as st

from mynah_device.log_records import (
    END_BYTES,
    FRAME_BYTES,
    HEAD_BYTES,
    START_BYTES,
    Start,
    end_record,
    frame_place,
    is_frame,
    read_end,
    read_start,
    seal_frame,
    start_record,
)
from mynah_device.memory import BODY_BYTES, Memory
from mynah_device.said import Said

KEY = bytes(range(32))
START = Start(Said(7, KEY, Memory(), 1).saving.owner, 7, 3, 1, 1234)


def file_of(frames, verdict=0):
    """A whole file; frame n holds n."""
    data = bytearray(start_record(START))
    for number in range(frames):
        record = bytearray(FRAME_BYTES)
        record[HEAD_BYTES:] = number.to_bytes(4, "little") + bytes([number]) * (BODY_BYTES - 4)
        seal_frame(record, 0)
        data += record
    return bytes(data + end_record(verdict, frames, 0))


def found(data):
    """What a ring makes of it at boot, and how far it read."""
    said = Said(9, KEY, Memory(), 100_000)

    def read(_file, offset, count):
        assert offset >= 0
        assert count <= FRAME_BYTES
        return data[offset : offset + count]

    said.found(1, len(data), read)
    return said.held.all


def test_a_file_is_start_frames_and_end():
    data = file_of(3)

    start = read_start(data[:START_BYTES])
    assert (start.boot_id, start.stream, start.codec, start.started_ms) == (7, 3, 1, 1234)
    assert [is_frame(data, frame_place(number)) for number in range(4)] == [True, True, True, False]
    assert read_end(data[-END_BYTES:]) == (0, 3, 0)


@given(st.integers(0, 5), st.data())
def test_a_file_that_was_torn_anywhere_ends_at_its_last_whole_record(frames, data):
    whole = file_of(frames)
    size = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=40))

    utterances = found(whole[:size] + junk)

    if size < START_BYTES:
        assert utterances == []
    else:
        (utterance,) = utterances
        assert utterance.verdict == 4
        kept = (size - START_BYTES) // FRAME_BYTES
        assert (utterance.records, utterance.frames) == (min(kept, frames), min(kept, frames))


@given(st.integers(0, 3), st.data())
def test_a_flipped_bit_in_a_record_is_seen(frames, data):
    whole = bytearray(file_of(frames))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    begin = bit // 8

    if begin < START_BYTES:
        assert read_start(bytes(whole)) is None
    elif begin >= len(whole) - END_BYTES:
        assert read_end(bytes(whole[-END_BYTES:])) is None
    else:
        assert not is_frame(whole, frame_place((begin - START_BYTES) // FRAME_BYTES))


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_survived(data):
    found(data)
    assert read_start(data) is None or len(data) >= START_BYTES
    read_end(data)
    is_frame(data, 0)
    is_frame(data, len(data))


def test_another_owners_file_is_thrown_away_and_not_told():
    said = Said(9, bytes(32), Memory(), 100_000)
    data = file_of(2)
    said.found(4, len(data), lambda _file, offset, count: data[offset : offset + count])

    assert said.held.all == []
    job = said.job(quiet=True)
    assert (job.kind, job.file) == ("remove", 4)
