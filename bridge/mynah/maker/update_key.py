"""The key that signs updates: made once on the owner's computer, kept with the keys of his rings.

A ring trusts the public halves that a cable wrote into its NVS, and no other: so by default only
its owner's computer can change what it runs, not even whoever made the firmware.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mynah.errors import UserError
from mynah.link.keys import KeyStore, RingKey, data_folder, new_key
from mynah.link.vault import system_vault
from mynah_device.ed25519 import KEY_BYTES

NAME = "update"
NVS_KEY = "update_key"  # in the namespace `mynah`: 32 bytes, the public half


@dataclass(frozen=True, slots=True)
class UpdateKey:
    """An Ed25519 key pair."""

    secret: bytes

    def __repr__(self) -> str:
        return f"UpdateKey({self.fingerprint})"  # the secret must not reach a log

    @property
    def public(self) -> bytes:
        raw = serialization.Encoding.Raw
        public = Ed25519PrivateKey.from_private_bytes(self.secret).public_key()
        return public.public_bytes(raw, serialization.PublicFormat.Raw)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose updates a ring takes: public keys."""

    owner: bytes
    release: bytes = b""
    """Of whoever makes its firmware; empty: nobody's."""

    @property
    def told(self) -> str:
        """In a line for a person, who compares the fingerprints."""
        both = f"this computer ({fingerprint(self.owner)})"
        if self.release:
            both += f" and the release key {fingerprint(self.release)}"
        return f"the ring takes updates signed by {both}, and no others"


def owners_trust(store: KeyStore, release_key: str = "") -> Trust:
    """In this computer's key, and in a release key if its owner names one, in hex."""
    try:
        release = bytes.fromhex(release_key)
    except ValueError:
        release = b"?"
    if len(release) not in (0, KEY_BYTES):
        raise UserError(
            f"--release-key {release_key!r}: a public key is {2 * KEY_BYTES} hex digits"
        )
    return Trust(owners_key(store).public, release)


def fingerprint(public: bytes) -> str:
    """What a person compares, and a ring tells."""
    return hashlib.sha256(public).digest()[:4].hex()


def key_store() -> KeyStore:
    """Where it is kept: as the rings' keys are, and apart from them."""
    return KeyStore(data_folder() / "update", system_vault)


def owners_key(store: KeyStore) -> UpdateKey:
    """The one of this computer; made now if there is none."""
    return find_key(store) or make_key(store)


def find_key(store: KeyStore) -> UpdateKey | None:
    """The one of this computer; None if there is none."""
    kept = store.find(NAME)
    return None if kept is None else UpdateKey(kept.secret)


def make_key(store: KeyStore) -> UpdateKey:
    """A fresh one, in the place of any before: rings that trust the old one must be told."""
    key = UpdateKey(new_key())
    store.keep(RingKey(NAME, key.secret))
    return key
