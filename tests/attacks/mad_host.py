"""A host that has the key and has gone mad: the ring stays bounded, and serves the next one."""

import random
from collections.abc import Iterator

from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Finish, Go, Mood, Ping, Preload
from mynah_wire.fragments import FRAGMENT, MORE
from mynah_wire.kinds import BOTH_WAYS, HOST_SAYS
from mynah_wire.message import Message
from tests.attacks.cases import Case, Told
from tests.attacks.false_rings import claim_at_random, claim_the_largest, weight
from tests.attacks.victims import RingVictim

MANY = 40  # of one kind
MIXED = 200  # of all kinds
STEP_MS = 20
MOST_BYTES = 100_000  # of all that a ring knows besides the sound it recorded
LARGEST = 0xFFFFFFFF  # of a field of 32 bits
ALMOST = 3000  # short of it


def mad_host(told: Told) -> Iterator[Case]:
    """Absurd commands, in any order, while its wearer goes on using it."""
    for message_class in HOST_SAYS + BOTH_WAYS:
        for claim in (claim_the_largest, claim_at_random):
            dice = random.Random(5)
            claims = [claim(message_class, dice) for _ in range(MANY)]
            yield _obeyed(told, f"{message_class.__name__}, {claim.__name__}", claims)
    for seed in range(10):
        dice = random.Random(seed)
        claims = [claim_at_random(dice.choice(HOST_SAYS), dice) for _ in range(MIXED)]
        yield _obeyed(told, f"all kinds, seed {seed}", claims)


def mad_host_for_months(told: Told) -> Iterator[Case]:
    """Sums that no honest host reaches: two million PRELOADs, 74 hours of one reply."""
    for reply in range(5):
        claims = [Preload(reply, IMA_ADPCM, LARGEST), Ping(1)]
        yield _obeyed(told, "credit beyond 32 bits", claims, credited_ms=LARGEST - ALMOST)
    endless = [Preload(1, IMA_ADPCM, 0), Finish(1, LARGEST), Go(1), *[Mood(0)] * MANY]
    yield _obeyed(told, "a reply beyond 32 bits", endless, played=LARGEST // 320)


def endless_fragments_to_the_ring(told: Told) -> Iterator[Case]:
    """Fragments that never are a message."""
    for first in (0x12, 0x50, 0x7F, 0x21):
        ring = RingVictim(told)
        channel = ring.owner()
        for number in range(10 * MANY):
            piece = bytes([first | FRAGMENT, (number & 0x7F) | MORE]) + bytes(200)
            ring.write(channel.seal_piece(piece))
        yield Case("they fill the memory", weight(ring.state()) > MOST_BYTES)


def _obeyed(
    told: Told, what: str, claims: list[Message], credited_ms: int = 0, played: int = 0
) -> Case:
    """Accepted if anything breaks, or grows, or nobody is served after it."""
    ring = RingVictim(told)
    try:
        channel = ring.owner()
        ring.ring.core.playback._consumed_ms += credited_ms
        for number, message in enumerate(claims):
            ring.say(channel, message)
            ring.wait(STEP_MS)
            if number == len(claims) // 2:
                ring.ring.core.playback._position += played
                ring.ring.press(ring.now_ms)
                ring.wait(STEP_MS)
                ring.ring.release(ring.now_ms)
        size = weight(ring.state())
        ring.disconnect()
        ring.owner()
    except Exception as error:  # noqa: BLE001 - whatever it is, it should not be
        return Case(f"{what}: {error!r}", accepted=True)
    return Case(f"{what}: {size} bytes", size > MOST_BYTES)


MAD_HOST = [mad_host, mad_host_for_months, endless_fragments_to_the_ring]
