"""A stranger within the ring's reach who has not the key: what he may try, and what comes of it."""

import random
from collections.abc import Callable, Iterator
from functools import partial

from mynah.link.aead import Ccm
from mynah_device.session import BACKOFF_LIMIT_MS, BACKOFF_MS, FORGED_LIMIT, LOST_MS, UNPROVEN_MS
from mynah_wire import downlink
from mynah_wire.channel import Channel, is_sealed
from mynah_wire.gatt import BEST_MTU, LARGEST_MTU, PROTOCOL_VERSION, SEALED_MTU
from mynah_wire.handshake import HOST, PROOF_BYTES, Hello, Proof, proof
from mynah_wire.message import encode
from mynah_wire.record import SEALED
from tests.attacks.cases import Case, Told
from tests.attacks.victims import KEY, NONCE, OTHER_KEY, RingVictim

HELLO = encode(Hello(PROTOCOL_VERSION, NONCE, BEST_MTU))
NOISE_CASES = 40
FLOOD_RECORDS = 5000
SQUATTERS = 40
GUESSES = 8  # from the sixth on it hides for 32 s
SLOW_MS = 100  # what a stranger takes to connect again
MOST_PLAIN_BYTES = 600  # more than any record that Bluetooth can carry


def no_key(told: Told) -> Iterator[Case]:
    """Proofs made of nothing, sealed records without a handshake, noise."""
    ring, dice = RingVictim(told), random.Random(1)
    guesses = [bytes(PROOF_BYTES), b"\xff" * PROOF_BYTES, b"", KEY[:PROOF_BYTES]]
    guesses += [dice.randbytes(PROOF_BYTES) for _ in range(NOISE_CASES)]
    for guess in guesses:
        tell = encode(Proof(guess)) if len(guess) == PROOF_BYTES else b"\x02"
        yield _besiege(ring, "a guessed proof", HELLO, tell)
        yield _besiege(ring, "a proof before any HELLO", tell)
        yield _besiege(ring, "a second HELLO for a second guess", HELLO, HELLO, tell, tell)
    for _ in range(NOISE_CASES):
        noise = [dice.randbytes(dice.randrange(250)) for _ in range(10)]
        yield _besiege(ring, "noise", *noise)
        yield _besiege(ring, "noise after a HELLO", HELLO, *noise)
        sealed = [bytes([SEALED]) + each for each in noise]
        yield _besiege(ring, "sealed noise", *sealed)
        yield Case("noise is listened to", not ring.ring.hung_up)
        yield _besiege(ring, "sealed noise after a HELLO", HELLO, *sealed)
    yield from _still_served(ring)


def wrong_key(told: Told) -> Iterator[Case]:
    """Keys that are wrong in one bit, and a ring that has none."""
    ring = RingVictim(told)
    for bit in range(8 * len(KEY)):
        key = bytearray(KEY)
        key[bit // 8] ^= 1 << bit % 8
        yield _besiege(
            ring, f"a key wrong in bit {bit}", attack=partial(ring.records_of, bytes(key))
        )
    yield from _still_served(ring)
    unpaired = RingVictim(told, key=None)
    for key in (KEY, bytes(32)):
        what = "a ring that was never paired"
        yield _besiege(unpaired, what, attack=partial(unpaired.records_of, key))


def replayed_handshake(told: Told) -> Iterator[Case]:
    """What the owner said in other connections, whole, in part, and mixed."""
    ring = RingVictim(told)
    sessions = [_overheard(ring) for _ in range(4)]
    for session in sessions:
        for end in range(1, len(session) + 1):
            yield _besiege(ring, f"{end} of the owner's records once more", *session[:end])
            yield _besiege(ring, "the owner's records from another place on", *session[end:])
        for other in sessions:
            yield _besiege(ring, "HELLO of one, all else of another", session[0], *other[1:])
    yield from _still_served(ring)


def downgrade(told: Told) -> Iterator[Case]:
    """Other versions, MTUs that carry nothing, and a HELLO changed on the way of an owner's."""
    ring = RingVictim(told)
    for version in set(range(256)) - {PROTOCOL_VERSION}:
        older = encode(Hello(version, NONCE, BEST_MTU))
        yield _besiege(ring, f"version {version}", attack=_with_proof(ring, older))
    for mtu in range(SEALED_MTU):
        tiny = encode(Hello(PROTOCOL_VERSION, NONCE, mtu))
        yield _besiege(ring, f"an MTU of {mtu}", attack=_with_proof(ring, tiny))
    for mtu in (*range(SEALED_MTU, BEST_MTU, 7), LARGEST_MTU, 0xFFFF):
        host = Channel(HOST, KEY, Ccm, NONCE, BEST_MTU)
        host.greet()
        smaller = encode(Hello(PROTOCOL_VERSION, NONCE, mtu))
        yield _besiege(
            ring, f"the owner's MTU turned into {mtu}", attack=_between(ring, host, smaller)
        )
    yield from _still_served(ring)


def oversized(told: Told) -> Iterator[Case]:
    """Records longer than any link carries, plain and sealed, and ones without content."""
    ring = RingVictim(told)
    for size in (0, 1, 2, 12, 13, *range(240, MOST_PLAIN_BYTES, 9)):
        for first in (0x00, 0x01, 0x02, 0x03, 0x7F, SEALED, 0xBF, 0xC0, 0xFF):
            record = bytes([first] * min(1, size)) + bytes(max(0, size - 1))
            yield _besiege(ring, f"{size} bytes, the first {first:#04x}", record)
            yield _besiege(ring, f"{size} bytes after a HELLO", HELLO, record)
    for size in (1, 20, 200, 480):
        long = HELLO + bytes(size)
        yield _besiege(ring, f"a HELLO with {size} bytes more", long, b"\x02" + bytes(PROOF_BYTES))
    yield from _still_served(ring)


def slot_squatting(told: Told) -> Iterator[Case]:
    """Connected and silent, many in a row; what is accepted is a minute of the owner's time."""
    ring = RingVictim(told)
    for number in range(SQUATTERS):
        ring.connect()
        ring.wait(UNPROVEN_MS - 1)
        too_soon = ring.ring.hung_up
        ring.wait(1)
        yield Case(f"squatter {number} stays", not ring.ring.hung_up or too_soon or ring.proven)
        ring.disconnect()
        hidden_ms, seen = 0, len(ring.ring.advertised)
        while len(ring.ring.advertised) == seen and hidden_ms <= 2 * BACKOFF_LIMIT_MS:
            ring.wait(SLOW_MS)
            hidden_ms += SLOW_MS
        slowed = hidden_ms >= min(BACKOFF_MS << number, BACKOFF_LIMIT_MS)
        yield Case(f"the {number}. comes again at once", not slowed)
        yield Case("it stays hidden from its owner", hidden_ms > BACKOFF_LIMIT_MS)
    yield from _still_served(ring)


def coming_and_going(told: Told) -> Iterator[Case]:
    """Connected and gone before the ring hangs up, again and again: it is there for its owner soon,
    but makes not more than two tags a second; and between two guesses it makes none cheaper."""
    ring = RingVictim(told)
    for number in range(SQUATTERS):
        ring.connect()
        if number % 2:
            ring.write(HELLO)
        ring.disconnect()
        shown = len(ring.ring.advertised)
        ring.wait(LOST_MS - 1)
        yield Case(f"the {number}. comes again at once", len(ring.ring.advertised) > shown)
        ring.wait(1)
        yield Case("it stays hidden from its owner", len(ring.ring.advertised) == shown)
    for number in range(GUESSES):
        ring.connect()
        ring.records_of(OTHER_KEY)
        ring.disconnect()
        shown = len(ring.ring.advertised)
        ring.wait(min(BACKOFF_MS << number, BACKOFF_LIMIT_MS) - 1)
        yield Case(f"guess {number} was cheaper", len(ring.ring.advertised) > shown)
        ring.wait(1)
        ring.connect()
        ring.disconnect()
        ring.wait(LOST_MS)
    yield from _still_served(ring)


def flooding(told: Told) -> Iterator[Case]:
    """Records without end that no version knows: nothing grows, and nobody stays longer."""
    ring = RingVictim(told)
    for record in (b"\x7f" * 244, b"\x04", b"\x03" + bytes(5), HELLO):
        before = ring.state()
        ring.connect()
        answers = [answer for _ in range(FLOOD_RECORDS) for answer in ring.write(record)]
        yield Case("more than one answer", len(answers) > 1)
        ring.wait(UNPROVEN_MS)
        yield Case("it is not hung up on", not ring.ring.hung_up)
        ring.disconnect()
        yield Case("something is left of it", ring.state() != before)
    ring.owner()
    for _ in range(FORGED_LIMIT):
        ring.write(bytes([SEALED]) + bytes(40))
    yield Case("forgeries without end are listened to", not ring.ring.hung_up)
    ring.disconnect()
    yield from _still_served(ring)


def silence(told: Told) -> Iterator[Case]:
    """The ring's own events while a stranger is connected: he hears nothing of them."""
    ring = RingVictim(told)
    for greeting in ([], [HELLO]):
        ring.connect()
        for record in greeting:
            ring.write(record)
        for press in range(20):
            ring.ring.press(ring.now_ms)
            heard = ring.wait(60 + press)
            ring.ring.release(ring.now_ms)
            yield Case("it tells of its button", bool(heard + ring.wait(40)))
        ring.disconnect()
    yield from _still_served(ring)


def _besiege(
    ring: RingVictim, what: str, *records: bytes, attack: Callable[[], object] | None = None
) -> Case:
    """A connection in which these are written; accepted if it proves, or leaves, anything."""
    before, secrets = ring.state(), len(ring.told.secrets)
    ring.connect()
    if attack is not None:
        attack()
    proven = ring.proven
    for record in records:
        ring.write(record)
        proven = proven or ring.proven
    ring.disconnect()
    changed = ring.state() != before or len(ring.told.secrets) > secrets
    return Case(what, proven or changed)


def _overheard(ring: RingVictim) -> list[bytes]:
    """All that an owner writes in a connection: the handshake, and a few commands."""
    ring.connect()
    channel, records = ring.records_of(KEY, random.Random(len(ring.ring.advertised)).randbytes(16))
    written = [record for record in records[::2] if not is_sealed(record)]
    written += ring.say(channel, downlink.Ping(1), downlink.Mood(0), downlink.Setting(1, 100))
    ring.wait(SLOW_MS)
    ring.disconnect()
    return written


def _with_proof(ring: RingVictim, hello: bytes) -> Callable[[], object]:
    """Somebody who has the key, and proves it for this HELLO of his."""

    def attack() -> None:
        for answer in ring.write(hello):
            ring.write(encode(Proof(proof(KEY, HOST, hello, answer))))

    return attack


def _between(ring: RingVictim, host: Channel, hello: bytes) -> Callable[[], object]:
    """The owner shakes hands through somebody who puts this HELLO in place of his."""

    def attack() -> None:
        answers = ring.write(hello)
        shown = host.receive_plain(answers[0]) if answers else b""
        if shown:
            ring.write(shown)

    return attack


def _still_served(ring: RingVictim) -> Iterator[Case]:
    """The owner after all that: not a case of its own kind, but the end of each."""
    ring.wait(2 * BACKOFF_LIMIT_MS)
    channel = ring.owner()
    (ping,) = channel.pieces(downlink.Ping(7))
    answers = ring.write(channel.seal_piece(ping)) + ring.wait(SLOW_MS)
    yield Case("the owner is not served", not answers)
    ring.disconnect()


STRANGERS = [
    no_key,
    wrong_key,
    replayed_handshake,
    downgrade,
    oversized,
    slot_squatting,
    coming_and_going,
    flooding,
    silence,
]
