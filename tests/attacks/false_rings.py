"""Something that shows our tag and is no ring of ours, and a ring of ours that has gone mad."""

import random
from collections.abc import Callable, Iterator

from mynah.emulator.simulated_ring import DEVICE_ID
from mynah.errors import DeviceError
from mynah.link.aead import Ccm
from mynah.link.session import HANDSHAKE_MS, HostSession
from mynah_wire.channel import Channel
from mynah_wire.errors import RefusedError
from mynah_wire.fragments import FRAGMENT, MORE
from mynah_wire.gatt import BEST_MTU, PROTOCOL_VERSION, SEALED_MTU
from mynah_wire.handshake import PROOF_BYTES, RING, Hello, Proof, Refuse
from mynah_wire.kinds import BOTH_WAYS, RING_SAYS
from mynah_wire.message import Message, encode
from mynah_wire.record import SEALED
from mynah_wire.uplink import Credit, Pong, Ready
from tests.attacks.cases import Case, Told
from tests.attacks.tampering import proven_host, sample
from tests.attacks.victims import KEY, NONCE, HostVictim, state_of

HELLO = encode(Hello(PROTOCOL_VERSION, NONCE, BEST_MTU))
NOISE_CASES = 40
MANY = 2000  # absurd claims of one kind
MOST_BYTES = 20_000  # of all that a session knows: 64 commands, eight pings and a message in pieces
LARGEST = {
    "B": 0xFF,
    "H": 0xFFFF,
    "I": 0xFFFFFFFF,
    "8s": b"\xff" * 8,
    "32s": b"\xff" * 32,
    "*": b"\xff" * 200,
}


def false_ring(told: Told) -> Iterator[Case]:
    """No key, a wrong one, noise, refusals, other versions: the host tells it nothing."""
    dice = random.Random(2)
    for bit in range(8 * len(KEY)):
        key = bytearray(KEY)
        key[bit // 8] ^= 1 << bit % 8
        yield _meet(told, f"a ring whose key is wrong in bit {bit}", _with_key(bytes(key)))
    for version in set(range(256)) - {PROTOCOL_VERSION}:
        hello = encode(Hello(version, NONCE, BEST_MTU))
        yield _meet(told, f"version {version}", [hello], refuses=True)
    for mtu in range(SEALED_MTU):
        hello = encode(Hello(PROTOCOL_VERSION, NONCE, mtu))
        yield _meet(told, f"an MTU of {mtu}", [hello], refuses=True)
    for reason in range(256):
        yield _meet(told, f"refusal {reason}", [encode(Refuse(reason, 0xFFFF, 0xFFFF))])
        yield _meet(told, f"refusal {reason} of a proof", [HELLO, encode(Refuse(reason, 0, 0))])
    for _ in range(NOISE_CASES):
        noise = [dice.randbytes(dice.randrange(600)) for _ in range(10)]
        sealed = [bytes([SEALED]) + each for each in noise]
        proof = encode(Proof(dice.randbytes(PROOF_BYTES)))
        yield _meet(told, "noise", noise + sealed)
        yield _meet(told, "noise after a HELLO", [HELLO, *noise, *sealed])
        yield _meet(told, "a guessed proof", [HELLO, proof, *sealed])
        yield _meet(told, "a guessed proof without a HELLO", [proof, HELLO, HELLO, proof])


def silent_or_endless_ring(told: Told) -> Iterator[Case]:
    """One that says nothing, or never stops: it is left after five seconds all the same."""
    for records in ([], [HELLO], [b"\x7f" * 244], [b""], [b"\x80" * 244], [HELLO, b"\x85" * 60]):
        host = HostVictim(told)
        host.says()
        for now_ms in range(0, HANDSHAKE_MS, 5):
            for record in records:
                host.hear(record, now_ms)
        yield Case("it is believed", host.session.ready is not None or bool(host.heard))
        yield Case("it is listened to for ever", not _leaves(host.session))
        yield Case("it fills the memory", weight(state_of(host.session)) > MOST_BYTES)


def mad_ring(told: Told) -> Iterator[Case]:
    """A ring of ours that claims absurd things, again and again: nothing grows or breaks."""
    for message_class in RING_SAYS + BOTH_WAYS:
        for claim in (claim_the_largest, claim_at_random):
            host, channel = proven_host(told)
            dice = random.Random(3)
            for _ in range(MANY // 10):
                if host.gave_up:  # a READY that nobody can work with
                    host, channel = proven_host(told)
                for piece in channel.pieces(claim(message_class, dice)):
                    host.hear(channel.seal_piece(piece))
                host.heard.clear()
            what = f"{message_class.__name__}, {claim.__name__}"
            yield Case(f"{what}: it fills the memory", weight(state_of(host.session)) > MOST_BYTES)
    yield from _endless(told)


def another_identity(told: Told) -> Iterator[Case]:
    """A ring of ours that says it is another, so that it may fill, or ask for, what is not its."""
    dice = random.Random(6)
    for bit in range(8 * len(DEVICE_ID)):
        claimed = (int.from_bytes(DEVICE_ID, "big") ^ 1 << bit).to_bytes(len(DEVICE_ID), "big")
        yield _claim(told, f"another in bit {bit}", claimed)
    for _ in range(NOISE_CASES):
        other = dice.randbytes(len(DEVICE_ID))
        yield _claim(told, "anybody", other)
        host, channel = proven_host(told)
        host.heard.clear()
        host.hear(channel.seal_piece(encode(_ready_of(other))))
        yield Case("another one later", bool(host.heard) or not host.gave_up)


def mad_credit_and_clock(told: Told) -> Iterator[Case]:
    """Credit for 49 days, PONGs never asked for, times that jump: sums stay sums."""
    for until_ms in (0, 1, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
        host, channel = proven_host(told)
        before = len(host.says())
        host.hear(channel.seal_piece(encode(Credit(until_ms))))
        host.hear(channel.seal_piece(encode(Credit(0))))
        yield Case("credit alone makes it speak", len(host.says()) > before)
        for token in (0, 1, 0xFFFFFFFF):
            host.hear(channel.seal_piece(encode(Pong(token, until_ms))), 5)
        yield Case("a PONG never asked for sets the clock", _clock_is_set(host.session))


def _endless(told: Told) -> Iterator[Case]:
    """Fragments that never end, in every way in which they may not."""
    patterns: list[Callable[[int], bytes]] = [
        lambda n: bytes([0x10 | FRAGMENT, (n & 0x7F) | MORE]) + bytes(200),
        lambda n: bytes([0x10 | FRAGMENT, MORE]) + bytes(200),
        lambda n: bytes([0x10 | FRAGMENT, (n & 0x7F) | MORE]),
        lambda n: bytes([n & 0x7F | FRAGMENT, MORE]) + bytes(200),
        lambda n: bytes([0x7F | FRAGMENT, (n & 0x7F) | MORE]) + bytes(7),
        lambda n: bytes([0x10 | FRAGMENT]),
    ]
    for pattern in patterns:
        host, channel = proven_host(told)
        host.heard.clear()
        for number in range(MANY):
            host.hear(channel.seal_piece(pattern(number)))
        yield Case("endless fragments are a message", bool(host.heard))
        yield Case("endless fragments fill the memory", weight(state_of(host.session)) > MOST_BYTES)


def _claim(told: Told, what: str, claimed: bytes) -> Case:
    """A ring that has the key, and says that it is this one."""
    host = HostVictim(told)
    channel = host.ring()
    host.hear(channel.seal_piece(encode(_ready_of(claimed))))
    believed = host.session.ready is not None or bool(host.heard)
    return Case(what, believed or not host.gave_up)


def _ready_of(device_id: bytes) -> Message:
    ready = sample(Ready)
    ready.device_id = device_id  # type: ignore[attr-defined]
    return ready


def _meet(told: Told, what: str, ring, *, refuses: bool = False) -> Case:
    """A connection to somebody who says this; the host may have to refuse it at once."""
    host = HostVictim(told)
    secrets = len(told.secrets)
    (hello,) = host.says()
    if isinstance(ring, list):
        for record in ring:
            host.hear(record)
    else:
        channel = ring(hello)
        answers = [next(channel)]
        while answers and answers[0]:
            said = host.hear(answers[0])
            answers = [channel.send(said[0])] if said else []
    fooled = host.session.ready is not None or bool(host.heard) or len(told.secrets) > secrets
    return Case(what, fooled or (refuses and not host.gave_up))


def _with_key(key: bytes):
    """A ring that has this key, and believes whatever proof it hears."""

    def ring(hello: bytes):
        channel = Channel(RING, key, Ccm, NONCE, BEST_MTU)
        proof = yield channel.receive_plain(hello)
        try:
            channel.receive_plain(proof)
        except RefusedError:
            channel._open_session()
        own = encode(Proof(channel._proof(RING)))
        yield own
        yield channel.seal_piece(encode(sample(Ready)))

    return ring


def _leaves(session: HostSession) -> bool:
    try:
        session.tick(HANDSHAKE_MS)
    except DeviceError:
        return True
    return False


def _clock_is_set(session: HostSession) -> bool:
    return session.clock.round_trip_ms is not None


def weight(known: object) -> int:
    """About how many bytes all that takes."""
    if isinstance(known, tuple):
        return 8 + sum(map(weight, known))
    return len(known) if isinstance(known, bytes | str) else 8


def claim_the_largest(message_class: type[Message], _dice: random.Random) -> Message:
    """Every number as large as it can be."""
    return message_class(*[LARGEST[code] for _, code, _ in message_class.FIELDS])


def claim_at_random(message_class: type[Message], dice: random.Random) -> Message:
    """Numbers that are often odd."""
    values = []
    for _, code, _ in message_class.FIELDS:
        largest = LARGEST[code]
        if isinstance(largest, int):
            values.append(dice.choice([0, 1, largest, largest >> 1, dice.randrange(largest)]))
        else:
            values.append(dice.randbytes(len(largest) if code != "*" else dice.randrange(220)))
    return message_class(*values)


FALSE_RINGS = [
    false_ring,
    silent_or_endless_ring,
    mad_ring,
    another_identity,
    mad_credit_and_clock,
]
