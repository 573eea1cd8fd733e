import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.link.aead import Ccm
from tests.micropython.interpreters import VECTORS

RFC_3610 = json.loads((VECTORS / "rfc3610.json").read_text(encoding="utf-8"))
NONCE = bytes(range(13))


@pytest.mark.parametrize("case", RFC_3610, ids=lambda case: case["name"])
def test_rfc_3610(case):
    cipher, nonce = Ccm(bytes.fromhex(case["key"])), bytes.fromhex(case["nonce"])
    header, plaintext = bytes.fromhex(case["header"]), bytes.fromhex(case["plaintext"])
    record = bytearray(header + plaintext + bytes(8))

    end = cipher.seal(nonce, record, len(header), len(plaintext))

    assert record.hex() == case["header"] + case["ciphertext"] + case["tag"]
    assert end == len(record)
    assert cipher.open(nonce, record, len(header), end - len(header)) == len(plaintext)
    assert record[len(header) :].startswith(plaintext)


@given(st.integers(0, 8 * 24 - 1))
def test_one_changed_bit_is_refused_and_nothing_is_disclosed(bit):
    cipher, record = Ccm(bytes(16)), bytearray(b"head" + b"secret words" + bytes(8))
    end = cipher.seal(NONCE, record, 4, 12)
    record[bit // 8] ^= 1 << bit % 8
    before = bytes(record)

    assert cipher.open(NONCE, record, 4, end - 4) == -1
    assert record == before


@pytest.mark.parametrize("length", [-1, 0, 7, 8, 19, 21, 10_000])
def test_another_length_is_refused(length):
    cipher, record = Ccm(bytes(16)), bytearray(b"head" + bytes(20))
    cipher.seal(NONCE, record, 4, 12)

    assert cipher.open(NONCE, record, 4, length) == -1
    assert cipher.open(NONCE, record, 4, 20) == 12


def test_a_record_behind_what_was_sealed_stays_as_it_is():
    cipher, record = Ccm(bytes(16)), bytearray(b"head" + bytes(20) + b"tail")

    end = cipher.seal(NONCE, record, 4, 12)

    assert (end, len(record), record[24:]) == (24, 28, b"tail")


@pytest.mark.parametrize("length", [-1, 13])
def test_sealing_without_room_for_the_tag_is_our_own_mistake(length):
    with pytest.raises(ValueError, match="can't seal"):
        Ccm(bytes(16)).seal(NONCE, bytearray(24), 4, length)
