"""Who has not the key learns nothing, is dropped and counted; the owner is served as before."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from mynah.conversing import unless
from mynah.emulator.emulated import Emulated, emulated
from mynah.errors import DeviceError, LinkError
from mynah.link.aead import Ccm
from mynah.link.session import HostSession
from mynah_wire.channel import Channel
from mynah_wire.downlink import Ping
from mynah_wire.gatt import BEST_MTU, PROTOCOL_VERSION
from mynah_wire.handshake import (
    HOST,
    KEY_BYTES,
    NONCE_BYTES,
    PROOF_BYTES,
    REFUSED_KEY,
    REFUSED_MTU,
    REFUSED_VERSION,
    Hello,
    Proof,
    Refuse,
)
from mynah_wire.message import encode
from mynah_wire.record import COUNTER_BYTES, SEALED, TAG_BYTES
from mynah_wire.uplink import Counters
from tests.end_to_end.conversing import DEADLINE_S, Ears, murmur, talking
from tests.end_to_end.strangers import Stranger, TappedLink

UNPROVEN_S = 5
NONCE = bytes(range(NONCE_BYTES))
HELLO = encode(Hello(PROTOCOL_VERSION, NONCE, BEST_MTU))
PING_RECORD_BYTES = COUNTER_BYTES + len(encode(Ping(1))) + TAG_BYTES
FORGED_LIMIT = 16
SLACK_S = 2  # connecting counts too, and other rings want the processor
RINGS_AT_ONCE = 6


@dataclass
class Session:
    """One of the owner's, recorded by somebody else."""

    down: list[bytes]
    up: list[bytes]
    counters: Counters


async def owner(on: Emulated, flips: list[tuple[int, int]] | None = None) -> Session:
    """Connect as the owner, and stay until a PING was answered."""
    tapped = TappedLink(on.link, flips or [])
    async with asyncio.timeout(DEADLINE_S), Ears(tapped) as client:
        listening = asyncio.create_task(client.listen())
        try:
            counters = await unless(listening, client.until(Counters))
            await unless(listening, answered(client, tapped))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    return Session(tapped.down, tapped.up, counters)


async def answered(client: Ears, tapped: TappedLink) -> None:
    """A PONG came: the first PING that was not changed on its way was taken."""
    while client.session.clock.round_trip_ms is None:
        await tapped.received()


# What strangers do. Each gets a connection, and all that passed in a session of the owner's.

Attack = Callable[[Stranger, Session], Awaitable[None]]


async def say_nothing(_stranger: Stranger, _session: Session) -> None:
    pass


async def write_nothing(stranger: Stranger, _session: Session) -> None:
    await stranger.write(b"")


async def write_half_a_hello(stranger: Stranger, _session: Session) -> None:
    await stranger.write(HELLO[:9])


async def write_noise(stranger: Stranger, _session: Session) -> None:
    for _ in range(20):
        await stranger.write(random.Random(3).randbytes(20))
        await stranger.write(bytes([SEALED]) + random.Random(4).randbytes(30))


async def prove_another_key(stranger: Stranger, _session: Session) -> None:
    channel = Channel(HOST, bytes(KEY_BYTES), Ccm, NONCE, BEST_MTU)
    await stranger.write(channel.greet())
    await stranger.write(channel.receive_plain(await stranger.answer()))


async def prove_nothing(stranger: Stranger, _session: Session) -> None:
    await stranger.write(HELLO)
    await stranger.write(encode(Proof(bytes(PROOF_BYTES))))


async def replay_the_owner(stranger: Stranger, session: Session) -> None:
    for record in session.down:
        await stranger.write(record)


async def reflect_the_ring(stranger: Stranger, session: Session) -> None:
    """Its own HELLO for a HELLO, its own PROOF, of a session that it proved, for a PROOF."""
    hello, proof, *_ = (record for record in session.up if not record[0] & SEALED)
    await stranger.write(hello)
    await stranger.answer()
    await stranger.write(proof)


async def speak_an_older_version(stranger: Stranger, _session: Session) -> None:
    await stranger.write(encode(Hello(PROTOCOL_VERSION - 1, NONCE, BEST_MTU)))


async def speak_a_newer_version(stranger: Stranger, _session: Session) -> None:
    await stranger.write(encode(Hello(PROTOCOL_VERSION + 1, NONCE, BEST_MTU)))


async def claim_a_tiny_mtu(stranger: Stranger, _session: Session) -> None:
    await stranger.write(encode(Hello(PROTOCOL_VERSION, NONCE, 23)))


async def skip_the_handshake(stranger: Stranger, session: Session) -> None:
    for record in session.down:
        if record[0] & SEALED:
            await stranger.write(record)


async def greet_and_skip_the_proof(stranger: Stranger, session: Session) -> None:
    await stranger.write(HELLO)
    await stranger.answer()
    await skip_the_handshake(stranger, session)


async def greet_twice_and_prove_nothing(stranger: Stranger, _session: Session) -> None:
    """A second HELLO must not get a second nonce to work on."""
    await stranger.write(HELLO)
    await stranger.write(HELLO)
    await stranger.write(encode(Proof(bytes(PROOF_BYTES))))


async def write_more_than_fits(stranger: Stranger, _session: Session) -> None:
    for size in (BEST_MTU - 3, BEST_MTU, 512, 600):
        await stranger.write(bytes([SEALED]) * size)


async def never_stop_writing(stranger: Stranger, _session: Session) -> None:
    """What no version knows is skipped, so nothing but the deadline ends this."""
    while not stranger.gone.is_set():
        for _ in range(20):
            await stranger.write(b"\x7f" * (BEST_MTU - 3))
        await asyncio.sleep(0.03)


IN_TIME = [say_nothing, never_stop_writing]
AT_ONCE = [
    write_nothing,
    write_half_a_hello,
    write_noise,
    prove_another_key,
    prove_nothing,
    replay_the_owner,
    reflect_the_ring,
    speak_an_older_version,
    speak_a_newer_version,
    claim_a_tiny_mtu,
    skip_the_handshake,
    greet_and_skip_the_proof,
    greet_twice_and_prove_nothing,
    write_more_than_fits,
]
TOLD = {  # what the ring may say to them, after its HELLO
    prove_another_key: Refuse(REFUSED_KEY, 0, 0),
    prove_nothing: Refuse(REFUSED_KEY, 0, 0),
    replay_the_owner: Refuse(REFUSED_KEY, 0, 0),
    reflect_the_ring: Refuse(REFUSED_KEY, 0, 0),
    greet_twice_and_prove_nothing: Refuse(REFUSED_KEY, 0, 0),
    speak_an_older_version: Refuse(REFUSED_VERSION, PROTOCOL_VERSION, PROTOCOL_VERSION - 1),
    speak_a_newer_version: Refuse(REFUSED_VERSION, PROTOCOL_VERSION, PROTOCOL_VERSION + 1),
    claim_a_tiny_mtu: Refuse(REFUSED_MTU, 64, 23),
}


@dataclass
class Siege:
    """The owner, then the stranger until it is dropped, then the owner again."""

    before: Session
    stranger: Stranger
    after: Session


async def besiege(attack: Attack) -> Siege:
    async with emulated(f"emulator:{attack.__name__}") as on:
        before = await owner(on)
        stranger = Stranger(await on.ring.air.new_central("stranger"))
        await stranger.connect()
        await attack(stranger, before)
        await stranger.dropped()
        return Siege(before, stranger, await owner(on))


@pytest.fixture(scope="module")
def sieges(folder):
    """Every attack on a ring of its own. They mostly wait, so they wait together."""
    return asyncio.run(besiege_all(IN_TIME + AT_ONCE))


async def besiege_all(attacks: list[Attack]) -> dict[Attack, Siege | BaseException]:
    room = asyncio.Semaphore(RINGS_AT_ONCE)

    async def in_turn(attack: Attack) -> Siege:
        async with room:
            return await besiege(attack)

    outcomes = await asyncio.gather(*map(in_turn, attacks), return_exceptions=True)
    return dict(zip(attacks, outcomes, strict=True))


@pytest.mark.parametrize("attack", AT_ONCE + IN_TIME, ids=lambda attack: attack.__name__)
def test_a_stranger_learns_nothing_is_dropped_and_counted_and_the_owner_is_served(sieges, attack):
    siege = sieges[attack]
    if isinstance(siege, BaseException):
        raise siege
    heard, known = siege.stranger.heard, siege.before.up

    hellos = [record for record in heard if record[0] == Hello.KIND]
    assert len(hellos) <= 1
    assert all(len(record) == len(HELLO) and record not in known for record in hellos)
    others = [record for record in heard if record[0] != Hello.KIND]
    assert others == ([encode(TOLD[attack])] if attack in TOLD else [])

    deadline_s = UNPROVEN_S if attack in IN_TIME else 0
    assert deadline_s - 1 < siege.stranger.held_s < deadline_s + SLACK_S

    was, now = siege.before.counters, siege.after.counters
    assert now.refused - was.refused + now.forged - was.forged >= 1
    assert siege.after.up[0] not in known  # another nonce for the owner, too


def test_a_stranger_who_says_back_what_the_owner_says_is_not_taken_for_the_ring():
    session = HostSession(bytes(KEY_BYTES), BEST_MTU, now_ms=0)
    hello = session.next()
    session.receive(hello, now_ms=1)
    proof = session.next()

    with pytest.raises(DeviceError, match="the keys differ"):
        session.receive(proof, now_ms=2)
    assert session.next() is None


async def test_a_ring_that_was_flooded_still_converses():
    async with emulated("emulator:") as on:
        await owner(on)
        stranger = Stranger(await on.ring.air.new_central("stranger"))
        await stranger.connect()
        for _ in range(2000):
            await stranger.write(b"\xff" * (BEST_MTU - 3))
        await stranger.dropped()
    async with talking("hello") as them:
        record = await them.say(murmur(0.5))

    assert (record.heard, record.error, record.link.lost_frames) == ("hello", None, 0)


async def test_a_ring_that_serves_its_owner_is_not_even_seen():
    async with talking("hello") as them:
        stranger = Stranger(await them.ring.air.new_central("stranger"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await stranger.connect()
        seen = list(stranger.advertised)  # before its owner leaves: then it is to be seen

    assert seen == []


async def test_the_advertisement_names_nobody_and_is_another_each_time():
    async with emulated("emulator:") as on:
        first = Stranger(await on.ring.air.new_central("stranger"))
        await first.connect()
        await first.write(b"")
        await first.dropped()
        second = Stranger(await on.ring.air.new_central("another stranger"))
        await second.connect()

    assert len(first.advertised[0]) == len(second.advertised[0]) == 31
    assert first.advertised[0][:25] == second.advertised[0][:25]  # flags, service, company
    assert first.advertised[0][25:] != second.advertised[0][25:]  # the tag


async def test_a_flipped_bit_in_any_byte_of_a_record_is_seen_and_the_true_record_taken():
    # Of a sealed PING; the top bit of the first byte apart, without which it is no sealed record.
    flips = [(place, 1 << place % 7) for place in range(PING_RECORD_BYTES)]
    half = len(flips) // 2  # all of them are too many for one connection
    async with emulated("emulator:") as on:
        await owner(on, flips[:half])
        await owner(on, flips[half:])
        after = await owner(on)

    assert after.counters.forged == len(flips)


async def test_sixteen_changed_records_end_the_connection_and_the_owner_may_return():
    async with emulated("emulator:") as on:
        tapped = TappedLink(on.link, [(COUNTER_BYTES, 1)] * FORGED_LIMIT)
        async with asyncio.timeout(DEADLINE_S), Ears(tapped) as client:
            with pytest.raises(LinkError, match="out of reach"):
                await client.listen()
        after = await owner(on)

    assert after.counters.forged == FORGED_LIMIT
