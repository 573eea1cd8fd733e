"""A ring within reach, whatever reaches it, and how a person talks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from mynah.link.base import Link
from mynah.link.keys import KeyStore
from mynah.link.uri import BLE, open_link
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State

if TYPE_CHECKING:
    from mynah.link.scanner import Scanner

SHOWN_DIGITS: Final = slice(6, 12)
"""Of a device id, which is a MAC and four zeros: what a maker counts, not the maker."""

_DEAF: Final = "touch the ring: it has no microphone, and what answers is the computer"


@dataclass(frozen=True, slots=True)
class Place:
    """A ring within reach."""

    name: str
    """What a person calls it."""
    link: Link
    hint: Callable[[Glimpse], str]
    """What a person may do now; asked for as often as the conversation is looked at."""
    ended: Callable[[], Awaitable[None]]
    """Raises when there is no such ring any more."""
    expected: bool = False
    """Whether a cable that is not there at first is waited for, as one that was pulled is."""


OpenPlace: TypeAlias = Callable[[], AbstractAsyncContextManager[Place]]
"""Finds a ring's place, anew at each call."""


@asynccontextmanager
async def at_ring(uri: str, *, expected: bool = False) -> AsyncIterator[Place]:
    """Where a real ring is, by its URI; one that is out of reach is found out later."""
    yield Place(f"ring {uri}", open_link(uri), _hint, _forever, expected)


def real_places(
    uris: list[str], store: KeyStore | None = None, *, expected: bool = False
) -> list[OpenPlace]:
    """Of each ring that these URIs name, once; `ble:` names all that are paired."""
    store = store or KeyStore()
    places: list[OpenPlace] = [
        partial(at_ring, uri, expected=expected)
        for uri in dict.fromkeys(uris)
        if not uri.startswith(BLE)
    ]
    wireless = [uri.removeprefix(BLE) for uri in uris if uri.startswith(BLE)]
    if not wireless:
        return places
    keys = [key for key in store.all() if "" in wireless or key.device_id in wireless]
    unknown = set(wireless) - {key.device_id for key in keys} - {""}
    if unknown or not keys:
        return [partial(at_ring, f"{BLE}{device_id}") for device_id in unknown or {""}]
    from mynah.link.scanner import Scanner  # bleak takes a while to import

    scanner = Scanner()
    return places + [partial(_over_the_air, key.device_id, store, scanner) for key in keys]


@asynccontextmanager
async def _over_the_air(
    device_id: str, store: KeyStore, scanner: "Scanner"
) -> AsyncIterator[Place]:
    from mynah.link.ble import BleLink

    link = BleLink(store.all, device_id, scanner=scanner)
    yield Place(shown_name(device_id), link, _hint, _forever)


def shown_name(device_id: str) -> str:
    """What a person calls that ring."""
    return f"ring {device_id[SHOWN_DIGITS]}"


def _hint(glimpse: Glimpse) -> str:
    if glimpse.state is State.LISTENING:
        talk = "hold the ring's button and talk"
        return f"{talk if glimpse.can_hear else _DEAF} - Ctrl-C: leave"
    return "press the button to interrupt" if glimpse.state is State.SPEAKING else ""


async def _forever() -> None:
    await asyncio.Event().wait()
