"""Pairing by cable: a key made here, written on the ring's console, read back by fingerprint."""

import re
from dataclasses import dataclass, replace
from typing import Protocol

from mynah.errors import DeviceError, UserError
from mynah.link.keys import KeyStore, RingKey, new_key
from mynah_wire.handshake import fingerprint

# Read strictly: the device id becomes the name of a file.
_ANSWER = re.compile(
    r"mynah (?P<device_id>[0-9a-f]{16}) build (?P<build>[0-9]{1,10}) board (?P<board>\S+)"
    r" (?:unpaired|paired (?P<fingerprint>[0-9a-f]{8}))"
)


class Console(Protocol):
    """A ring's serial console."""

    async def ask(self, line: str) -> str:
        """Type a line; the answer that begins with `mynah`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a ring says of itself on its console."""

    device_id: str
    build: int
    board: str
    fingerprint: str | None
    """Of its key; None if it was never paired."""


async def identify(console: Console) -> Identity:
    """Ask a ring who it is."""
    answer = await console.ask("mynah id")
    told = _ANSWER.fullmatch(answer.strip())
    if told is None:
        raise DeviceError(f"the ring's console answered {answer!r}: not firmware of ours")
    return Identity(told["device_id"], int(told["build"]), told["board"], told["fingerprint"])


async def pair(console: Console, store: KeyStore, secret: bytes | None = None) -> RingKey:
    """Give a ring a key, a fresh one, and keep it: first here, so that no ring is locked out."""
    before = await identify(console)
    known = _known(store, before.device_id)
    key = RingKey(before.device_id, secret or new_key())
    store.keep(key)
    await console.ask(f"mynah key {key.secret.hex()}")
    after = await identify(console)
    if after == replace(before, fingerprint=fingerprint(key.secret)):
        return key
    if known is not None and after == before:
        store.keep(known)  # it still has the key it had
    raise DeviceError(f"the ring did not take its key: it has {after.fingerprint}; try again")


def is_somebody_elses(ring: Identity, store: KeyStore) -> bool:
    """Whether it has a key, and not the one that is kept here."""
    known = _known(store, ring.device_id)
    return ring.fingerprint not in (None, None if known is None else fingerprint(known.secret))


async def known_key(console: Console, store: KeyStore, how_to_pair: str) -> RingKey:
    """The key of a ring at the cable: ours if it has it, a fresh one if it has none."""
    ring = await identify(console)
    if ring.fingerprint is None:
        return await pair(console, store)
    key = store.find(ring.device_id)
    if key is None or fingerprint(key.secret) != ring.fingerprint:
        raise DeviceError(
            f"ring {ring.device_id} has a key (fingerprint {ring.fingerprint}) that this computer "
            f"has not; pair it: `{how_to_pair}`"
        )
    return key


def _known(store: KeyStore, device_id: str) -> RingKey | None:
    """The key that the ring has now, if it is here and whole."""
    try:
        return store.find(device_id)
    except UserError:
        return None  # damaged: that is what pairing mends
