import json
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mynah_wire.framing import LIMIT_BYTES, LINES, Deframer, frame
from mynah_wire.gatt import BEST_MTU, record_limit

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "framing.json").read_text("utf-8"))
RECORDS = st.binary(max_size=record_limit(BEST_MTU))
LINE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)
SAID = st.lists(RECORDS | LINE, max_size=8)
GOOD = b"\x80a good record"


def stream_of(said):
    return b"".join(
        frame(each) if isinstance(each, bytes) else each.encode() + b"\n" for each in said
    )


def pieces_of(stream, cuts):
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def heard(*pieces):
    deframer = Deframer()
    records = [record for piece in pieces for record in deframer.feed(piece)]
    return records, deframer.take_lines(), deframer.dropped


@given(RECORDS)
def test_a_frame_holds_nothing_that_ends_it_or_interrupts_micropython(record):
    framed = frame(record)

    assert framed[:1] == framed[-1:] == b"\0"
    assert not set(framed[1:-1]) & set(b"\0\x03\n")
    assert len(framed) - 2 <= LIMIT_BYTES


@given(SAID, st.lists(st.integers(0, 4000), max_size=12))
def test_records_and_lines_come_whole_wherever_the_stream_is_cut(said, cuts):
    records, lines, dropped = heard(*pieces_of(stream_of(said), cuts))

    assert records == [each for each in said if isinstance(each, bytes)]
    assert lines == [each for each in said if isinstance(each, str)]
    assert dropped == 0


@given(st.lists(RECORDS, min_size=1, max_size=4), st.data())
def test_a_corrupt_stream_never_yields_what_was_not_sent(sent, data):
    stream = bytearray(stream_of(sent))
    for _ in range(data.draw(st.integers(1, 5))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))

    records, _, _ = heard(bytes(stream))

    waiting = iter(sent)
    assert all(record in waiting for record in records)  # some of them, in order


@given(st.binary(max_size=2000))
def test_after_any_noise_the_second_record_comes_at_the_latest(noise):
    records, _, _ = heard(noise, frame(GOOD), frame(GOOD))

    assert records[-1] == GOOD


@given(st.binary(max_size=300), st.integers(1, 40))
def test_noise_without_end_is_not_kept(noise, times):
    deframer = Deframer()
    for _ in range(times):
        deframer.feed(noise)

    assert len(deframer._pending) <= LIMIT_BYTES
    assert len(deframer.take_lines()) <= LINES


def test_the_vectors_are_the_codes_own():
    for case in VECTORS["streams"]:
        records, lines, dropped = heard(bytes.fromhex(case["stream"]))
        assert [record.hex() for record in records] == case["records"], case["name"]
        assert (lines, dropped) == (case["lines"], case["dropped"]), case["name"]
    assert len({case["dropped"] for case in VECTORS["streams"]}) > 1


def test_a_frame_by_hand():
    crc_of_nothing = b"\x1b " * 4  # zero

    assert frame(b"") == b"\0" + crc_of_nothing + b"\0"
    # Of "123456789" it is 0xcbf43926: every catalogue of CRCs says so.
    assert frame(b"123456789") == b"\x00123456789\x26\x39\xf4\xcb\x00"
    assert frame(b"\x00\x03\n\x1b")[1:9] == b"\x1b \x1b#\x1b*\x1b;"
