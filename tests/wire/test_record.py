import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import given
from hypothesis import strategies as st

from mynah.link.aead import Ccm
from mynah_wire.codecs import CODECS
from mynah_wire.errors import ForgedError, LocalError, MalformedError
from mynah_wire.gatt import AUDIO_MTU, record_limit
from mynah_wire.handshake import HOST, RING
from mynah_wire.message import encode
from mynah_wire.record import LAST_COUNTER, OVERHEAD_BYTES, Opener, Sealer
from mynah_wire.uplink import Audio

KEY = bytes(range(16))
PLAINTEXTS = st.binary(min_size=1, max_size=232)


def sealed(sealer, plaintext):
    record = bytearray(len(plaintext) + OVERHEAD_BYTES)
    record[4 : 4 + len(plaintext)] = plaintext
    assert sealer.seal(record, len(plaintext)) == len(record)
    return record


def opened(opener, record):
    buffer = bytearray(record)
    return bytes(buffer[4 : 4 + opener.open(buffer, len(record))])


@given(PLAINTEXTS, st.integers(0, LAST_COUNTER), st.sampled_from([HOST, RING]))
def test_a_record_is_laid_out_and_sealed_as_specified(plaintext, counter, role):
    sealer = Sealer(Ccm(KEY), role)
    sealer.counter = counter
    head = (0x80000000 | counter).to_bytes(4)
    nonce = bytes([role]) + bytes(8) + counter.to_bytes(4)

    record = sealed(sealer, plaintext)

    assert record == head + AESCCM(KEY, tag_length=8).encrypt(nonce, plaintext, head)
    assert sealer.counter == counter + 1


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_a_sealed_frame_fits_what_macos_carries(codec):
    frame = encode(Audio(0xFFFF, 0xFFFFFFFF, bytes(codec.frame_bytes)))

    assert len(frame) + OVERHEAD_BYTES <= record_limit(AUDIO_MTU)


def test_a_sealed_frame_of_ima_adpcm_is_182_bytes_exactly():
    assert len(sealed(Sealer(Ccm(KEY), RING), encode(Audio(1, 2, bytes(163))))) == 182


@given(st.lists(PLAINTEXTS, min_size=1, max_size=5))
def test_what_is_sealed_in_order_is_opened_in_order(plaintexts):
    sealer, opener = Sealer(Ccm(KEY), RING), Opener(Ccm(KEY), RING)

    assert [opened(opener, sealed(sealer, each)) for each in plaintexts] == plaintexts
    assert opener.missed == 0


@given(PLAINTEXTS, st.data())
def test_one_changed_bit_anywhere_is_refused(plaintext, data):
    record = sealed(Sealer(Ccm(KEY), RING), plaintext)
    bit = data.draw(st.integers(0, 8 * len(record) - 1))
    changed = bytearray(record)
    changed[bit // 8] ^= 1 << bit % 8
    opener = Opener(Ccm(KEY), RING)

    with pytest.raises((ForgedError, MalformedError)):
        opened(opener, changed)

    assert (opener.next, opener.missed) == (0, 0)
    assert opened(opener, record) == plaintext


@given(st.binary(max_size=244))
def test_no_bytes_at_all_are_opened_without_the_key(data):
    with pytest.raises((ForgedError, MalformedError)):
        opened(Opener(Ccm(KEY), RING), data)


@given(st.lists(st.integers(0, 9), max_size=30))
def test_each_record_is_opened_once_and_never_after_a_later_one(order):
    sealer, opener = Sealer(Ccm(KEY), RING), Opener(Ccm(KEY), RING)
    records = [sealed(sealer, bytes([number])) for number in range(10)]
    newest, arrived = -1, 0
    for number in order:
        if number > newest:
            assert opened(opener, records[number]) == bytes([number])
            newest, arrived = number, arrived + 1
        else:
            with pytest.raises(ForgedError, match=f"record {number} came again"):
                opened(opener, records[number])

    assert opener.missed == newest + 1 - arrived


def test_a_record_of_the_other_direction_is_forged_even_under_the_same_key():
    record = sealed(Sealer(Ccm(KEY), HOST), b"mirrored")

    with pytest.raises(ForgedError, match="was not sealed with our key"):
        opened(Opener(Ccm(KEY), RING), record)


def test_a_counter_is_never_used_twice_even_when_sealing_fails():
    class Failing(Ccm):
        def seal(self, nonce, record, start, length):
            raise ValueError("no room")

    sealer = Sealer(Failing(KEY), RING)
    with pytest.raises(ValueError, match="no room"):
        sealer.seal(bytearray(20), 8)

    assert sealer.counter == 1


def test_the_last_counter_is_used_and_none_after_it():
    sealer, opener = Sealer(Ccm(KEY), RING), Opener(Ccm(KEY), RING)
    sealer.counter = LAST_COUNTER
    assert opened(opener, sealed(sealer, b"last")) == b"last"

    with pytest.raises(LocalError, match="used up"):
        sealer.seal(bytearray(20), 8)
    assert sealer.counter == LAST_COUNTER + 1
