"""A ring within reach, whatever reaches it, and how a person talks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from mynah.link.base import Link
from mynah.link.uri import open_link

HINT: Final = "hold the ring's button and talk - Ctrl-C: leave"


@dataclass(frozen=True, slots=True)
class Place:
    """A ring within reach."""

    name: str
    """What a person calls it."""
    link: Link
    hint: Callable[[], str]
    """What a person does to talk, as far as it is known by now."""
    ended: Callable[[], Awaitable[None]]
    """Raises when there is no such ring any more."""


@asynccontextmanager
async def at_ring(uri: str) -> AsyncIterator[Place]:
    """Where a real ring is, by its URI; one that is out of reach is found out later."""
    yield Place(f"ring {uri}", open_link(uri), lambda: HINT, _forever)


async def _forever() -> None:
    await asyncio.Event().wait()
