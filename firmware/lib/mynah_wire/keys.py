"""HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869) on hashlib alone: MicroPython has no hmac."""

import hashlib

from .errors import LocalError

DIGEST_BYTES = 32
_BLOCK_BYTES = 64
_LONGEST_OUTPUT_BYTES = 255 * DIGEST_BYTES  # HKDF counts its blocks in one byte


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """The 32-byte HMAC of a message."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key + bytes(_BLOCK_BYTES - len(key))
    inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in key]))
    inner.update(message)
    outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in key]))
    outer.update(inner.digest())
    return outer.digest()


def hkdf_sha256(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """Derive `length` bytes from a key, for the purpose that `info` names."""
    return hkdf_expand(hkdf_extract(salt, key), info, length)


def hkdf_extract(salt: bytes, key: bytes) -> bytes:
    """HKDF's first step: a pseudorandom key from input of any shape."""
    return hmac_sha256(salt, key)  # an absent salt is 32 zeros, which HMAC pads just as it pads b""


def hkdf_expand(pseudorandom_key: bytes, info: bytes, length: int) -> bytes:
    """HKDF's second step: `length` bytes of output key."""
    if not 0 <= length <= _LONGEST_OUTPUT_BYTES:
        raise LocalError("a derived key has 0 to 8160 bytes, not %d" % length)
    output = block = b""
    while len(output) < length:
        number = bytes((len(output) // DIGEST_BYTES + 1,))
        block = hmac_sha256(pseudorandom_key, block + info + number)
        output += block
    return output[:length]


def same(left: bytes, right: bytes) -> bool:
    """Whether two secrets are equal, in a time that depends on their length alone."""
    if len(left) != len(right):
        return False
    difference = 0
    for index in range(len(left)):
        difference |= left[index] ^ right[index]
    return difference == 0
