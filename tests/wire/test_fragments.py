import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah_wire.errors import ForgedError, LocalError, MalformedError
from mynah_wire.fragments import FRAGMENT, MESSAGE_LIMIT_BYTES, MORE, Reassembler, split
from mynah_wire.gatt import BEST_MTU, LARGEST_MTU, SEALED_MTU, SMALLEST_MTU, record_limit
from mynah_wire.message import encode
from mynah_wire.record import OVERHEAD_BYTES
from mynah_wire.uplink import Audio
from tests.wire.ends import EVERY_SEALED, messages_of, proven

ROOMS = st.integers(record_limit(SEALED_MTU) - OVERHEAD_BYTES, 232)
KINDS = st.integers(1, 0x7F)


@st.composite
def plaintexts(draw, most=MESSAGE_LIMIT_BYTES):
    body = draw(st.binary(max_size=20)) * draw(st.integers(0, most // 20))
    return bytes([draw(KINDS)]) + body[: most - 1]


@given(plaintexts(), ROOMS)
def test_what_was_cut_is_put_together(plaintext, room):
    reassembler = Reassembler()
    pieces = split(plaintext, room)

    assert all(len(piece) <= room for piece in pieces)
    wholes = [reassembler.feed(piece, 0) for piece in pieces]
    assert wholes == [None] * (len(pieces) - 1) + [(plaintext[0], plaintext[1:])]


@given(messages_of(*EVERY_SEALED))
@settings(max_examples=40)
def test_no_message_makes_a_record_longer_than_any_link_carries(message):
    for mtu in range(SMALLEST_MTU, LARGEST_MTU + 1):
        for piece in split(encode(message), record_limit(mtu) - OVERHEAD_BYTES):
            assert len(piece) + OVERHEAD_BYTES <= min(mtu, BEST_MTU) - 3


@given(plaintexts(), ROOMS, st.lists(KINDS, max_size=20))
def test_short_messages_may_come_between_fragments(plaintext, room, between):
    reassembler = Reassembler()
    pieces = split(plaintext, room)
    wholes = []
    for number, piece in enumerate(pieces):
        for kind in between[number : number + 1]:
            assert reassembler.feed(bytes([kind]) + b"short", 0) == (kind, b"short")
        wholes.append(reassembler.feed(piece, 0))

    assert wholes[-1] == (plaintext[0], plaintext[1:])


@given(st.lists(plaintexts(600), min_size=1, max_size=4), st.data())
def test_lost_repeated_and_reordered_records_never_yield_what_was_not_sent(sent, data):
    ring, host = proven(64, 64)[::-1]
    records = [ring.seal_piece(piece) for each in sent for piece in split(each, ring.room)]
    indexes = st.integers(0, len(records) - 1)
    arrived = data.draw(st.lists(indexes, max_size=2 * len(records)))
    got = [whole for index in arrived if (whole := feed(host, records[index]))]

    remaining = iter([(each[0], each[1:]) for each in sent])
    assert all(whole in remaining for whole in got)  # in the order in which they were sent


def feed(channel, record):
    """What a channel's reassembler makes of a record; None if the record is refused."""
    buffer = bytearray(record)
    try:
        length = channel.open(buffer, len(buffer))
    except ForgedError:
        return None
    return channel._reassembler.feed(bytes(buffer[4 : 4 + length]), channel.missed)


@given(plaintexts(), ROOMS, st.data())
def test_a_message_with_a_hole_is_given_up_and_the_next_arrives(plaintext, room, data):
    pieces = split(plaintext, room)
    reassembler = Reassembler()
    lost = data.draw(st.integers(0, len(pieces) - 1))
    for number, piece in enumerate(pieces):
        if number != lost:
            missed = 1 if number > lost else 0
            assert reassembler.feed(piece, missed) is None

    wholes = [reassembler.feed(piece, 1) for piece in pieces]
    assert wholes[-1] == (plaintext[0], plaintext[1:])


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 3)), max_size=60))
def test_any_plaintexts_are_survived_and_held_in_bounds(fed):
    reassembler = Reassembler()
    for plaintext, missed in fed:
        try:
            whole = reassembler.feed(plaintext, missed)
        except MalformedError:
            whole = None
        assert whole is None or len(whole[1]) < MESSAGE_LIMIT_BYTES
        assert len(reassembler._body) < MESSAGE_LIMIT_BYTES


def test_a_message_without_end_is_refused_at_the_limit():
    reassembler, piece = Reassembler(), bytes(200)
    for index in range(5):
        assert reassembler.feed(bytes([0x10 | FRAGMENT, index | MORE]) + piece, 0) is None

    with pytest.raises(MalformedError, match="grew past 1024 bytes"):
        reassembler.feed(bytes([0x10 | FRAGMENT, 5 | MORE]) + piece, 0)

    assert reassembler.feed(bytes([0x10 | FRAGMENT, 6]) + b"end", 0) is None


def test_another_message_in_fragments_takes_the_place_of_the_first():
    reassembler = Reassembler()
    first, second = split(b"\x10" + bytes(60), 49), split(b"\x11" + bytes(70), 49)

    assert reassembler.feed(first[0], 0) is None
    assert reassembler.feed(second[0], 0) is None
    assert reassembler.feed(first[1], 0) is None
    assert reassembler.feed(second[1], 0) is None
    assert [reassembler.feed(piece, 0) for piece in first][-1] == (0x10, bytes(60))


def test_halves_of_two_messages_are_never_glued_together():
    reassembler = Reassembler()
    first, second = split(b"\x10" + b"a" * 180, 49), split(b"\x10" + b"b" * 180, 49)

    assert [reassembler.feed(piece, 0) for piece in first[:2]] == [None, None]
    assert [reassembler.feed(piece, 4) for piece in second[2:]] == [None, None]


@pytest.mark.parametrize("order", [(0, 2, 3), (0, 1, 1, 2, 3), (0, 2, 1, 3), (1, 2, 3)], ids=str)
def test_a_sender_that_skips_or_repeats_a_fragment_is_not_understood(order):
    reassembler, pieces = Reassembler(), split(b"\x10" + bytes(180), 49)

    assert [reassembler.feed(pieces[index], 0) for index in order] == [None] * len(order)


@pytest.mark.parametrize(("size", "room"), [(1025, 232), (300, 2), (300, 0), (300, -5), (400, 5)])
def test_what_can_not_be_cut_is_our_own_mistake(size, room):
    with pytest.raises(LocalError, match=f"{size} bytes does not fit records of {room}"):
        split(bytes(size), room)


def test_an_audio_frame_is_never_cut():
    for channel in proven(184, 184):
        with pytest.raises(LocalError, match="audio needs an MTU of 185, this link has 184"):
            channel.pieces(Audio(1, 2, bytes(163)))

    for channel in proven(185, 185):
        assert len(channel.pieces(Audio(1, 2, bytes(163)))) == 1
