"""HMAC and HKDF give the RFCs' own answers."""

from checks import error_of, run, vectors

from mynah_wire.errors import LocalError
from mynah_wire.keys import hkdf_expand, hkdf_extract, hkdf_sha256, hmac_sha256, same


def check_hmac_gives_what_rfc_4231_gives():
    for case in vectors("rfc4231"):
        expected = bytes.fromhex(case["hmac"])  # one case is cut short

        got = hmac_sha256(bytes.fromhex(case["key"]), bytes.fromhex(case["data"]))

        assert got[: len(expected)] == expected, case["name"]
        assert len(got) == 32


def check_hkdf_gives_what_rfc_5869_gives():
    for case in vectors("rfc5869"):
        key, salt = bytes.fromhex(case["ikm"]), bytes.fromhex(case["salt"])
        info, length = bytes.fromhex(case["info"]), case["length"]

        middle = hkdf_extract(salt, key)

        assert middle.hex() == case["prk"], case["name"]
        assert hkdf_expand(middle, info, length).hex() == case["okm"], case["name"]
        assert hkdf_sha256(key, salt, info, length).hex() == case["okm"], case["name"]


def check_a_key_longer_than_hkdf_can_make_is_refused():
    assert len(hkdf_expand(b"key", b"", 8160)) == 8160
    assert "8161" in error_of(LocalError, hkdf_expand, b"key", b"", 8161)


def check_secrets_are_the_same_only_when_every_byte_is():
    secret = bytes(range(16))

    assert same(secret, bytes(range(16)))
    assert not same(secret, secret[:15])
    for index in range(16):
        other = bytearray(secret)
        other[index] ^= 0x80
        assert not same(secret, bytes(other)), index


run(globals())
