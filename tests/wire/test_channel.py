import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah_wire import kinds
from mynah_wire.channel import is_sealed
from mynah_wire.downlink import Go, Ping
from mynah_wire.errors import ForgedError, LocalError, MalformedError, WireError
from mynah_wire.gatt import record_limit
from mynah_wire.uplink import Audio, Pong, Ready
from tests.wire.ends import messages_of, pair, proven

MTUS = st.integers(64, 517)
UP = messages_of(*kinds.RING_SAYS)
DOWN = messages_of(*kinds.HOST_SAYS)


def carry(sender, listener, message):
    """Send a message; everything that comes out at the other end."""
    records = [sender.seal_piece(piece) for piece in sender.pieces(message)]
    assert all(is_sealed(record) for record in records)
    assert all(len(record) <= record_limit(sender.mtu) for record in records)
    return [got for record in records if (got := listener.receive(record))]


@given(MTUS, MTUS, st.lists(UP, max_size=5), st.lists(DOWN, max_size=5))
@settings(max_examples=50)
def test_messages_cross_in_both_directions_at_any_mtu(host_mtu, ring_mtu, up, down):
    host, ring = proven(host_mtu, ring_mtu)

    assert [carry(ring, host, message) for message in up] == [[each] for each in up]
    assert [carry(host, ring, message) for message in down] == [[each] for each in down]
    assert (host.missed, ring.missed, host.skipped, ring.skipped) == (0, 0, 0, 0)


def test_audio_crosses_in_both_directions():
    host, ring = proven(185, 247)
    frame = Audio(1, 2, bytes(163))

    assert carry(ring, host, frame) == carry(host, ring, frame) == [frame]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_bytes_are_survived_and_never_a_message(records):
    host, ring = proven()
    for channel in (host, ring):
        for record in records:
            receive = channel.receive if is_sealed(record) else channel.receive_plain
            try:
                got = receive(record)
            except WireError:
                continue
            assert not got

    assert carry(ring, host, Pong(1, 2)) == [Pong(1, 2)]
    assert carry(host, ring, Go(3)) == [Go(3)]


@given(UP, st.data())
@settings(max_examples=50)
def test_a_bit_changed_anywhere_is_never_a_message(message, data):
    host, ring = proven()
    record = ring.seal_piece(ring.pieces(message)[0])
    bit = data.draw(st.integers(0, 8 * len(record) - 1))
    changed = (int.from_bytes(record, "little") ^ 1 << bit).to_bytes(len(record), "little")

    with pytest.raises((ForgedError, MalformedError)):
        host.receive(changed)


def test_records_lost_on_the_way_are_counted():
    host, ring = proven()
    records = [ring.seal_piece(ring.pieces(Pong(n, n))[0]) for n in range(4)]

    assert [host.receive(records[n]) for n in (0, 3)] == [Pong(0, 0), Pong(3, 3)]
    assert host.missed == 2


def test_kinds_and_capabilities_of_later_times_are_skipped():
    host, ring = proven()
    ready = Ready(bytes(8), 1, 1, 0xFFFFFFFF, 0xFF, 2000, 0, b"new")

    assert carry(ring, host, ready) == [ready]
    assert host.receive(ring.seal_piece(b"\x7eof later times")) is None
    assert ring.receive(host.seal_piece(b"\x7e")) is None
    assert (host.skipped, ring.skipped) == (1, 1)
    assert ring.receive(host.seal_piece(b"\x12\x01\x00\x00\x00later")) == Ping(1)


def test_what_only_the_other_side_says_is_skipped():
    host, ring = proven()

    assert carry(host, ring, Pong(1, 2)) == []
    assert carry(ring, host, Ping(1)) == []
    assert (host.skipped, ring.skipped) == (1, 1)


def test_a_sealed_body_that_is_too_short_is_malformed():
    host, ring = proven()

    with pytest.raises(MalformedError, match="Pong has 3 bytes, needs 8"):
        host.receive(ring.seal_piece(b"\x11abc"))
    assert carry(ring, host, Pong(1, 2)) == [Pong(1, 2)]


def test_nothing_is_sealed_or_opened_before_both_have_proved_the_key():
    host, ring = pair()
    sealed = proven()[0].seal_piece(b"\x12\x01\x00\x00\x00")

    for channel in (host, ring):
        with pytest.raises(LocalError, match="nothing can be sealed in state silent"):
            channel.seal_piece(b"\x12")
        with pytest.raises(ForgedError, match="before the handshake"):
            channel.receive(sealed)


def test_a_record_longer_than_any_link_carries_is_malformed():
    host, _ = proven()

    with pytest.raises(MalformedError, match="245 bytes, at most 244"):
        host.receive(bytes([0x80]) + bytes(244))


@pytest.mark.parametrize(("record", "sealed"), [(b"", False), (b"\x7f", False), (b"\x80", True)])
def test_the_top_bit_tells_a_sealed_record(record, sealed):
    assert is_sealed(record) == sealed
