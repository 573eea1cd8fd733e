"""The three plain messages, the proof and the session keys.

    host                                   ring
    HELLO version, nonce, mtu      ---->            the ring is silent until it is written to
                                   <----  HELLO version, nonce, mtu
    PROOF                          ---->            the host proves first
                                   <----  PROOF
    sealed from here on

Each of them fits the 20 bytes that every link can carry. The proof covers both whole HELLOs, so a
change of version, nonce or MTU on the way is seen. No forward secrecy: who learns the key later
can read what was recorded.
"""

from .errors import MalformedError, RefusedError
from .gatt import PROTOCOL_VERSION, SEALED_MTU, SMALLEST_MTU
from .keys import hkdf_sha256, hmac_sha256
from .message import Message, decode_body

KEY_BYTES = 32
NONCE_BYTES = 16
PROOF_BYTES = 16  # 128 bits of the HMAC: with its kind, 17 of 20 bytes
SESSION_KEY_BYTES = 16  # AES-128

HOST = 0
RING = 1
ROLES = (b"host", b"ring")

REFUSED_VERSION = 1
REFUSED_MTU = 2
REFUSED_KEY = 3
REFUSED_NO_KEY = 4
REFUSED_BUSY = 5
REASONS = {
    REFUSED_VERSION: "it speaks another version of the protocol",
    REFUSED_MTU: "the link's MTU is too small",
    REFUSED_KEY: "the keys differ",
    REFUSED_NO_KEY: "the ring was never paired",
    REFUSED_BUSY: "the ring is talking to another host",
}


class Hello(Message):
    """Opens the conversation, in both directions; says nothing about anybody."""

    KIND = 0x01
    FIELDS = (
        ("version", "B", "protocol version of the sender"),
        ("nonce", "16s", "fresh random bytes"),
        ("mtu", "H", "ATT MTU as the sender knows it"),
    )

    def __init__(self, version: int, nonce: bytes, mtu: int) -> None:
        self.version = version
        self.nonce = nonce
        self.mtu = mtu


class Proof(Message):
    """Shows that the sender holds the key."""

    KIND = 0x02
    FIELDS = (("mac", "16s", "head of HMAC-SHA256(key, role + both HELLOs)"),)

    def __init__(self, mac: bytes) -> None:
        self.mac = mac


class Refuse(Message):
    """Ends the handshake with a reason."""

    KIND = 0x03
    FIELDS = (
        ("reason", "B", "see the table of reasons"),
        ("wanted", "H", "what the sender needs: a version or an MTU, else 0"),
        ("got", "H", "what it got"),
    )

    def __init__(self, reason: int, wanted: int, got: int) -> None:
        self.reason = reason
        self.wanted = wanted
        self.got = got


PLAIN_MESSAGES = (Hello, Proof, Refuse)


def decode_plain(record: "bytes | memoryview") -> "Message | None":
    """The plain message in a record, None if its kind is not one of ours."""
    if len(record) == 0:
        raise MalformedError("an empty record")
    for message_class in PLAIN_MESSAGES:
        if record[0] == message_class.KIND:
            return decode_body(message_class, record[1:])
    return None


def refusal_of(hello: Hello, my_mtu: int) -> "Refuse | None":
    """Why this HELLO can't be answered, None if it can."""
    if hello.version != PROTOCOL_VERSION:
        return Refuse(REFUSED_VERSION, PROTOCOL_VERSION, hello.version)
    mtu = min(hello.mtu, my_mtu)
    if mtu < SEALED_MTU:
        return Refuse(REFUSED_MTU, SEALED_MTU, max(mtu, SMALLEST_MTU))
    return None


def refused(refusal: Refuse) -> RefusedError:
    """The error that tells of a refusal."""
    text = REASONS.get(refusal.reason, "reason %d" % refusal.reason)
    if refusal.wanted:
        text = "%s: it needs %d, got %d" % (text, refusal.wanted, refusal.got)
    return RefusedError(refusal.reason, text)


def proof(key: bytes, role: int, host_hello: bytes, ring_hello: bytes) -> bytes:
    """What `role` sends to show that it holds the key; the HELLOs are whole records."""
    return hmac_sha256(key, b"mynah proof " + ROLES[role] + host_hello + ring_hello)[:PROOF_BYTES]


def fingerprint(key: bytes) -> str:
    """Eight letters that tell keys apart and say nothing about them."""
    return hmac_sha256(key, b"mynah fingerprint")[:4].hex()


def session_keys(key: bytes, host_hello: bytes, ring_hello: bytes) -> "tuple[bytes, bytes]":
    """The AES keys of the two directions: (what the host seals with, what the ring seals with)."""
    keys = [
        hkdf_sha256(key, host_hello + ring_hello, b"mynah seal " + role, SESSION_KEY_BYTES)
        for role in ROLES
    ]
    return keys[HOST], keys[RING]
