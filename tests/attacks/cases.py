"""What an attack is: cases that were tried, by kind, and the few that were accepted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mynah_wire.advertising import TAG_BYTES, advertisement
from mynah_wire.errors import WireError
from mynah_wire.gatt import PROTOCOL_VERSION
from mynah_wire.handshake import REASONS, Hello, Proof, Refuse, decode_plain
from mynah_wire.message import encode, values

ADVERTISEMENT = "the ring's advertisement, 31 bytes: flags, the service, 0xffff, a tag of 6"
RING_HELLO = "the ring's HELLO, 20 bytes: version 1, a nonce never seen before, the link's MTU"
RING_REFUSE = "the ring's REFUSE, 6 bytes: a reason, what is needed, what came"
HOST_HELLO = "the host's HELLO, 20 bytes: version 1, a nonce never seen before, the link's MTU"
HOST_PROOF = "the host's PROOF, 17 bytes, to a ring that advertised our tag and said HELLO"
BEFORE_PROOF = frozenset({ADVERTISEMENT, RING_HELLO, RING_REFUSE, HOST_HELLO, HOST_PROOF})
"""All that anybody may be told."""


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt."""

    what: str
    accepted: bool


@dataclass(slots=True)
class Told:
    """What was said to somebody who had not proved the key: its kinds, and whatever is none."""

    kinds: set[str] = field(default_factory=set)
    secrets: list[str] = field(default_factory=list)
    """What nobody may be told: in a suite that passes, nothing."""
    victims: int = 0
    """Each has dice of its own: their nonces must differ, too."""
    _nonces: set[bytes] = field(default_factory=set)

    def by_ring(self, record: bytes, mtu: int) -> None:
        """The ring said this to an unproven host, on a link with this MTU."""
        self._note(record, mtu, {Hello: RING_HELLO, Refuse: RING_REFUSE})

    def by_host(self, record: bytes, mtu: int) -> None:
        """The host said this to an unproven ring."""
        self._note(record, mtu, {Hello: HOST_HELLO, Proof: HOST_PROOF})

    def on_air(self, payload: bytes) -> None:
        """The ring advertised."""
        same = payload == advertisement(payload[-TAG_BYTES:])
        self._add(payload, ADVERTISEMENT if same else None)

    def _note(self, record: bytes, mtu: int, names: dict[type, str]) -> None:
        try:
            message = decode_plain(record)
        except WireError:
            message = None
        name = names.get(type(message))
        if message is None or encode(message) != record or not self._is_plain(message, mtu):
            name = None
        self._add(record, name)

    def _is_plain(self, message: object, mtu: int) -> bool:
        if isinstance(message, Hello):
            fresh = message.nonce not in self._nonces
            self._nonces.add(message.nonce)
            return fresh and (message.version, message.mtu) == (PROTOCOL_VERSION, mtu)
        return not isinstance(message, Refuse) or values(message)[0] in REASONS

    def _add(self, record: bytes, name: str | None) -> None:
        if name is None:
            self.secrets.append(record.hex())
        else:
            self.kinds.add(name)


Attack = Callable[[Told], Iterator[Case]]
"""Its name is its kind."""


@dataclass(slots=True)
class Kind:
    """How often one kind of attack was tried, and what of it was accepted."""

    tried: int = 0
    accepted: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """All attacks."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    told: Told = field(default_factory=Told)

    def carry_out(self, attacks: list[Attack]) -> "Tally":
        """Try all cases of all of them."""
        for attack in attacks:
            kind = self.kinds.setdefault(name_of(attack), Kind())
            for case in attack(self.told):
                kind.tried += 1
                if case.accepted:
                    kind.accepted.append(case.what)
        return self

    @property
    def tried(self) -> int:
        """Cases of all kinds."""
        return sum(kind.tried for kind in self.kinds.values())

    @property
    def accepted(self) -> int:
        """Cases that should have failed."""
        return sum(len(kind.accepted) for kind in self.kinds.values())

    def as_json(self) -> dict[str, object]:
        """For the page of results."""
        return {
            "kinds": {
                name: {"tried": kind.tried, "accepted": len(kind.accepted)}
                for name, kind in self.kinds.items()
            },
            "told_before_proof": sorted(self.told.kinds) + self.told.secrets,
        }


def name_of(attack: Attack) -> str:
    """`wrong_key` is the kind "wrong key"."""
    return attack.__name__.replace("_", " ")
