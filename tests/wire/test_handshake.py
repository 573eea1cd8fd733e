import hashlib
import hmac
import itertools

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from mynah.link.aead import Ccm
from mynah_wire.channel import _TRANSITIONS, CLOSED, GREETED, OPEN, PROVING, SILENT, Channel
from mynah_wire.errors import LocalError, MalformedError, RefusedError
from mynah_wire.gatt import PROTOCOL_VERSION
from mynah_wire.handshake import (
    HOST,
    PLAIN_MESSAGES,
    REASONS,
    REFUSED_KEY,
    REFUSED_MTU,
    REFUSED_NO_KEY,
    REFUSED_VERSION,
    RING,
    Hello,
    Proof,
    Refuse,
    decode_plain,
    fingerprint,
)
from mynah_wire.message import encode
from tests.wire.ends import KEY, messages_of, pair, proven, shake_hands

STATES = (SILENT, GREETED, PROVING, OPEN, CLOSED)
EXAMPLES = {
    0x01: encode(Hello(PROTOCOL_VERSION, bytes(16), 247)),
    0x02: encode(Proof(bytes(16))),
    0x03: encode(Refuse(REFUSED_KEY, 0, 0)),
}
UNLISTED = [
    case for case in itertools.product((HOST, RING), STATES, EXAMPLES) if case not in _TRANSITIONS
]
MTUS = st.integers(23, 517)


@pytest.mark.parametrize("mtu", [64, 185, 247, 517])
def test_both_ends_open_with_four_records_that_fit_20_bytes(mtu):
    host, ring = pair(mtu, 247)

    records = shake_hands(host, ring)

    assert [len(record) for record in records] == [20, 20, 17, 17]
    assert (host.state, ring.state) == (OPEN, OPEN)
    assert host.mtu == ring.mtu == min(mtu, 247)


def test_proofs_and_keys_are_what_the_specification_says():
    host, ring = pair()
    hellos = b"".join((records := shake_hands(host, ring))[:2])

    for role, record in ((b"host", records[2]), (b"ring", records[3])):
        mac = hmac.digest(KEY, b"mynah proof " + role + hellos, hashlib.sha256)
        assert record == b"\x02" + mac[:16]
    for role, sender, listener in ((b"host", host, ring), (b"ring", ring, host)):
        key = HKDF(hashes.SHA256(), 16, hellos, b"mynah seal " + role).derive(KEY)
        sender._sealer._aead = Ccm(key)
        assert listener.receive(sender.seal_piece(b"\x7funknown")) is None


@given(MTUS, MTUS)
def test_a_link_is_opened_or_refused_for_its_mtu(host_mtu, ring_mtu):
    host, ring = pair(host_mtu, ring_mtu)
    small = min(host_mtu, ring_mtu) < 64
    if not small:
        shake_hands(host, ring)
        assert host.mtu == ring.mtu == min(host_mtu, ring_mtu)
        return

    with pytest.raises(RefusedError, match="MTU is too small: it needs 64"):
        shake_hands(host, ring)

    with pytest.raises(RefusedError) as told:
        host.receive_plain(ring.farewell)
    assert told.value.reason == REFUSED_MTU
    assert (host.state, ring.state) == (CLOSED, CLOSED)


@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        (Hello(PROTOCOL_VERSION + 1, bytes(16), 247), REFUSED_VERSION),
        (Hello(0, bytes(16), 247), REFUSED_VERSION),
        (Hello(PROTOCOL_VERSION, bytes(16), 63), REFUSED_MTU),
        (Hello(PROTOCOL_VERSION, bytes(16), 0), REFUSED_MTU),
    ],
    ids=["newer", "older", "63", "0"],
)
def test_either_end_refuses_a_hello_it_can_not_answer(hello, reason):
    host, ring = pair()
    host.greet()

    for channel in (host, ring):
        with pytest.raises(RefusedError) as refusal:
            channel.receive_plain(encode(hello))
        assert refusal.value.reason == reason
        assert channel.state == CLOSED
        assert len(channel.farewell) == 6


def test_another_key_is_refused_by_the_ring_before_it_proves_anything():
    host, ring = pair(host_key=bytes(32))

    with pytest.raises(RefusedError, match="the keys differ"):
        shake_hands(host, ring)

    assert decode_plain(ring.farewell) == Refuse(REFUSED_KEY, 0, 0)


def test_a_ring_that_holds_no_key_says_so():
    host, ring = pair(ring_key=None)

    with pytest.raises(RefusedError, match="never paired"):
        shake_hands(host, ring)

    assert decode_plain(ring.farewell).reason == REFUSED_NO_KEY


def test_an_impostor_that_mirrors_the_host_is_found_out():
    host, _ = pair()
    proof = host.receive_plain(host.greet())

    with pytest.raises(RefusedError, match="the keys differ"):
        host.receive_plain(proof)
    assert host.state == CLOSED


@given(st.integers(0, 1), st.integers(0, 159))
def test_a_hello_changed_on_the_way_is_never_accepted(which, bit):
    host, ring = pair()
    first = host.greet()
    try:
        if which == 0:
            first = flip(first, bit)
        second = ring.receive_plain(first)
        if which == 1:
            second = flip(second, bit)
        third = host.receive_plain(second)
        ring.receive_plain(third)
    except (RefusedError, MalformedError):
        pass

    assert ring.state != OPEN
    assert host.state != OPEN


def flip(record, bit):
    return (int.from_bytes(record, "little") ^ 1 << bit).to_bytes(len(record), "little")


def test_a_recorded_session_can_not_be_replayed():
    records = shake_hands(*pair())
    ring = Channel(RING, KEY, Ccm, bytes(range(100, 116)), 247)
    ring.receive_plain(records[0])

    with pytest.raises(RefusedError, match="the keys differ"):
        ring.receive_plain(records[2])


@pytest.mark.parametrize(("role", "state", "kind"), UNLISTED)
def test_what_the_table_does_not_list_is_skipped_and_changes_nothing(role, state, kind):
    channel = pair()[role]
    channel.state = state

    assert channel.receive_plain(EXAMPLES[kind]) == b""
    assert (channel.state, channel.skipped) == (state, 1)


def test_the_table_lists_the_handshake_and_nothing_else():
    assert set(_TRANSITIONS) == {
        (RING, SILENT, Hello.KIND),
        (RING, GREETED, Proof.KIND),
        (HOST, GREETED, Hello.KIND),
        (HOST, GREETED, Refuse.KIND),
        (HOST, PROVING, Proof.KIND),
        (HOST, PROVING, Refuse.KIND),
    }


@given(st.lists(st.one_of(st.binary(max_size=40), messages_of(*PLAIN_MESSAGES).map(encode))))
def test_a_stranger_can_say_what_it_wants_and_opens_nothing(records):
    host, ring = pair()
    host.greet()
    for record in records:
        for channel in (host, ring):
            try:
                answer = channel.receive_plain(record)
            except (RefusedError, MalformedError):
                continue
            assert len(answer) <= 20

    assert OPEN not in (host.state, ring.state)


def test_a_refusal_for_a_reason_of_later_times_is_told_by_its_number():
    host, _ = pair()
    host.greet()

    with pytest.raises(RefusedError, match=r"^reason 99: it needs 3, got 2$"):
        host.receive_plain(encode(Refuse(99, 3, 2)))


def test_every_reason_has_words():
    assert sorted(REASONS) == [1, 2, 3, 4, 5]
    assert all(text == text.lower() or "MTU" in text for text in REASONS.values())


def test_only_the_host_greets_and_only_once():
    host, ring = pair()
    host.greet()

    for channel in (host, ring):
        with pytest.raises(LocalError, match="only once"):
            channel.greet()


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_nonce_of_another_size_is_our_own_mistake(size):
    with pytest.raises(LocalError, match=f"16 bytes, not {size}"):
        Channel(RING, KEY, Ccm, bytes(size), 247)


def test_a_host_without_a_key_can_not_prove_anything():
    host, ring = pair(host_key=None)

    with pytest.raises(LocalError, match="pair the ring first"):
        shake_hands(host, ring)


def test_a_fingerprint_tells_keys_apart():
    assert fingerprint(KEY) != fingerprint(KEY[::-1])
    assert len(fingerprint(KEY)) == 8


def test_another_connection_has_other_keys():
    _, ring = proven()
    old = ring.seal_piece(b"\x7f")
    host = Channel(HOST, KEY, Ccm, bytes(16), 247)
    other = Channel(RING, KEY, Ccm, bytes(range(16, 32)), 247)
    shake_hands(host, other)

    assert other.seal_piece(b"\x7f") != old
