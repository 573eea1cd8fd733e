"""Somebody who follows a ring by what it advertises: other numbers each time, but to its owner."""

from collections.abc import Iterator

from mynah_device.session import BACKOFF_LIMIT_MS, UNPROVEN_MS
from mynah_wire.advertising import ROTATION_MS, TAG_BYTES, is_tag_of
from mynah_wire.handshake import KEY_BYTES
from tests.attacks.cases import Case, Told
from tests.attacks.victims import RingVictim

RINGS = 5
TURNS = 60  # fifteen hours


def tracking_by_time(told: Told) -> Iterator[Case]:
    """A ring that nobody talks to: its tag is another every quarter of an hour."""
    keys, payloads = _keys(), []
    for key in keys:
        ring = RingVictim(told, key)
        for _ in range(TURNS):
            ring.wait(ROTATION_MS - 1)
            stays = len(ring.ring.advertised)
            ring.wait(1)
            yield Case("a tag outlives its time", len(ring.ring.advertised) == stays)
        payloads.append(ring.ring.advertised)
    yield from _linked(keys, payloads)


def tracking_by_connecting(told: Told) -> Iterator[Case]:
    """A ring that a stranger connects to: it shows another tag after each time."""
    keys, payloads = _keys(), []
    for key in keys:
        ring = RingVictim(told, key)
        for _ in range(TURNS // 4):
            ring.connect()
            ring.wait(UNPROVEN_MS)
            ring.disconnect()
            ring.wait(BACKOFF_LIMIT_MS)
        payloads.append(ring.ring.advertised)
    yield from _linked(keys, payloads)


def tracking_the_unpaired(told: Told) -> Iterator[Case]:
    """A ring without a key: it looks like any other."""
    ring = RingVictim(told, None)
    ring.wait(TURNS * ROTATION_MS)
    yield from _linked([*_keys()], [ring.ring.advertised])


def _linked(keys: list[bytes], payloads: list[list[bytes]]) -> Iterator[Case]:
    """Whether any of it is known again: by its tag, by another's key, or by a byte that stays."""
    seen: set[bytes] = set()
    for number, shown in enumerate(payloads):
        tags = [payload[-TAG_BYTES:] for payload in shown]
        for tag in tags:
            yield Case("a tag comes again", tag in seen)
            seen.add(tag)
            strangers = [key for index, key in enumerate(keys) if index != number]
            known = any(is_tag_of(key, tag) for key in strangers)
            yield Case("another's key knows the tag", known)
        for place in range(TAG_BYTES):
            yield Case("a byte of the tag stays", len({tag[place] for tag in tags}) < len(tags) / 2)
    yield Case("the rings differ in more", len({p[:-TAG_BYTES] for s in payloads for p in s}) > 1)


def _keys() -> list[bytes]:
    return [bytes([number] * KEY_BYTES) for number in range(RINGS)]


TRACKING = [tracking_by_time, tracking_by_connecting, tracking_the_unpaired]
