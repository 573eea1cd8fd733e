import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from mynah_wire.keys import hkdf_sha256, hmac_sha256, same

BYTES = st.binary(max_size=200)


@given(BYTES, BYTES)
def test_hmac_is_the_standard_librarys(key, message):
    assert hmac_sha256(key, message) == hmac.digest(key, message, hashlib.sha256)


@pytest.mark.parametrize("size", [0, 63, 64, 65])
def test_a_key_of_about_a_block_is_padded_or_hashed_rightly(size):
    key = bytes(range(size))

    assert hmac_sha256(key, b"x") == hmac.digest(key, b"x", hashlib.sha256)


@given(BYTES, BYTES, BYTES, st.integers(1, 200))
def test_hkdf_is_the_cryptography_packages(key, salt, info, length):
    expected = HKDF(hashes.SHA256(), length, salt, info).derive(key)

    assert hkdf_sha256(key, salt, info, length) == expected


@given(BYTES, BYTES)
def test_same_is_equality(left, right):
    assert same(left, right) == (left == right)
    assert same(left, bytes(left))
