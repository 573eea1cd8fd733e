import hashlib
import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_wire.advertising import advertisement, is_tag_of, tag
from mynah_wire.errors import LocalError
from mynah_wire.gatt import SERVICE_UUID
from tests.wire.ends import KEY

SALTS = st.binary(min_size=3, max_size=3)


def structures(payload):
    """The (type, data) of each structure of an advertisement."""
    found = []
    while payload:
        length = payload[0]
        found.append((payload[1], payload[2 : 1 + length]))
        payload = payload[1 + length :]
    return found


@given(SALTS)
def test_a_tag_is_a_salt_and_the_head_of_its_hmac(salt):
    proof = hmac.digest(KEY, b"mynah tag" + salt, hashlib.sha256)[:3]

    assert tag(KEY, salt) == salt + proof
    assert is_tag_of(KEY, tag(KEY, salt))


@given(SALTS, st.integers(0, 47))
def test_a_tag_of_another_key_or_with_a_bit_changed_is_a_strangers(salt, bit):
    made = tag(KEY, salt)
    changed = (int.from_bytes(made) ^ 1 << bit).to_bytes(6)

    assert not is_tag_of(KEY[::-1], made)
    assert not is_tag_of(KEY, changed)


@given(st.binary(max_size=12).filter(lambda data: len(data) != 6))
def test_bytes_that_are_no_tag_are_a_strangers(data):
    assert not is_tag_of(KEY, data)


@given(SALTS)
def test_the_advertisement_is_full_and_well_formed(salt):
    payload = advertisement(tag(KEY, salt))
    service = uuid.UUID(SERVICE_UUID).bytes[::-1]

    assert len(payload) == 31
    assert structures(payload) == [
        (0x01, b"\x06"),
        (0x07, service),
        (0xFF, b"\xff\xff" + tag(KEY, salt)),
    ]


@pytest.mark.parametrize("size", [0, 2, 4])
def test_a_salt_of_another_size_is_our_own_mistake(size):
    with pytest.raises(LocalError, match=f"has 3 bytes, not {size}"):
        tag(KEY, bytes(size))
