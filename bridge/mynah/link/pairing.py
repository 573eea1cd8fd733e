"""Pairing by cable: a key made here, written on the ring's console, read back by fingerprint."""

from dataclasses import dataclass
from typing import Protocol

from mynah.errors import DeviceError
from mynah.link.keys import KeyStore, RingKey, new_key
from mynah_wire.handshake import fingerprint


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
    words = answer.split()
    try:
        _, device_id, _, build, _, board, state, *rest = words
        return Identity(device_id, int(build), board, rest[0] if state == "paired" else None)
    except (ValueError, IndexError) as error:
        raise DeviceError(
            f"the ring's console answered {answer!r}: not firmware of ours"
        ) from error


async def pair(console: Console, store: KeyStore) -> RingKey:
    """Give a ring a fresh key, and keep it: first here, so that no ring is locked out."""
    device_id = (await identify(console)).device_id
    key = RingKey(device_id, new_key())
    store.keep(key)
    await console.ask(f"mynah key {key.secret.hex()}")
    now = (await identify(console)).fingerprint
    if now != fingerprint(key.secret):
        raise DeviceError(f"the ring did not take its key: it has {now}; try again")
    return key


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
