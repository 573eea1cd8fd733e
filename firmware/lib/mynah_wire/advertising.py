"""The advertisement: full, 31 bytes, with a tag that only the owner recognises.

     3  flags: general discoverable, no classic Bluetooth
    18  the service's UUID
    10  manufacturer data: company 0xffff, then the tag: salt 3, proof 3

The tag is made like a resolvable private address: a fresh salt and the head of
HMAC-SHA256(key, "mynah tag" + salt). A ring has no clock to rotate by, so the salt travels along.
Of 2**24 strangers one is taken for ours, until the handshake.
"""

from .errors import LocalError
from .gatt import SERVICE_UUID
from .keys import hmac_sha256, same

COMPANY_ID = 0xFFFF  # "for internal testing": we own no assigned number
SALT_BYTES = 3
TAG_BYTES = 6
ROTATION_MS = 900_000  # 15 minutes, what Bluetooth recommends for private addresses

_FLAGS = b"\x02\x01\x06"
_UUID_HEADER = b"\x11\x07"  # 17 bytes follow: type 7, complete list of 128-bit UUIDs
_MANUFACTURER_HEADER = b"\x09\xff\xff\xff"  # 9 bytes follow: type 0xff, company, tag


def tag(key: bytes, salt: bytes) -> bytes:
    """The 6 bytes that tell the owner, and nobody else, whose ring this is."""
    if len(salt) != SALT_BYTES:
        raise LocalError("a tag's salt has 3 bytes, not %d" % len(salt))
    return salt + hmac_sha256(key, b"mynah tag" + salt)[: TAG_BYTES - SALT_BYTES]


def is_tag_of(key: bytes, candidate: bytes) -> bool:
    """Whether this tag was made with this key."""
    if len(candidate) != TAG_BYTES:
        return False
    return same(tag(key, bytes(candidate[:SALT_BYTES])), bytes(candidate))


def advertisement(tag_bytes: bytes) -> bytes:
    """The whole advertising payload for a tag."""
    uuid = bytes(reversed(bytes.fromhex(SERVICE_UUID.replace("-", ""))))
    return _FLAGS + _UUID_HEADER + uuid + _MANUFACTURER_HEADER + tag_bytes
