"""A ring within reach, whatever reaches it, and how a person talks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mynah.link.base import Link
from mynah.link.uri import open_link
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State


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


@asynccontextmanager
async def at_ring(uri: str) -> AsyncIterator[Place]:
    """Where a real ring is, by its URI; one that is out of reach is found out later."""
    yield Place(f"ring {uri}", open_link(uri), _hint, _forever)


def _hint(glimpse: Glimpse) -> str:
    if glimpse.state is State.LISTENING:
        return "hold the ring's button and talk - Ctrl-C: leave"
    return "press the button to interrupt" if glimpse.state is State.SPEAKING else ""


async def _forever() -> None:
    await asyncio.Event().wait()
