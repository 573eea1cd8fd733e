"""A conversation over one connection, ready, and shown to whoever watches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar

from mynah.app import Conversation
from mynah.errors import MynahError
from mynah.lag import watched
from mynah.link.client import RingClient
from mynah.link.place import Place
from mynah.seeing import log
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah.view import View

Result = TypeVar("Result")

LOOKS_HZ: Final = 12
"""A level that is shown more often is not seen better."""


@asynccontextmanager
async def conversing(
    place: Place, stages: Stages, on_turn: Callable[[TurnRecord], None], view: View
) -> AsyncIterator["asyncio.Task[None]"]:
    """A conversation that is ready, as the task that keeps it going; leaving ends it."""
    if stages.witness is not None:
        place, stages, on_turn = stages.witness(place, stages, on_turn)
    async with AsyncExitStack() as stack:
        with view.busy(f"connecting to {place.name}"):
            client = await stack.enter_async_context(RingClient(place.link))
        stages.captions = view.shows_captions
        lag = await stack.enter_async_context(watched())
        conversation = Conversation(client, stages, on_turn, lag, view.trouble)
        running = asyncio.create_task(_run(conversation, place, view), name="conversation")
        try:
            await unless(running, conversation.ready.wait())
            with log.linked(place.name):
                yield running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def unless(task: "asyncio.Task[None]", awaited: Awaitable[Result]) -> Result:
    """What is awaited, unless the task ends first: then what it raised."""
    waiting = asyncio.ensure_future(awaited)
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        task.result()
        raise MynahError("the conversation ended by itself")
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _run(conversation: Conversation, place: Place, view: View) -> None:
    """Whatever ends first, the link or the ring itself, ends the conversation."""
    async with asyncio.TaskGroup() as group:
        group.create_task(conversation.run(), name="conversation")
        group.create_task(_watch(conversation, place, view), name="watch")
        group.create_task(_ended(place), name="ring")


async def _ended(place: Place) -> None:
    await place.ended()


async def _watch(conversation: Conversation, place: Place, view: View) -> None:
    while True:
        glimpse = conversation.glimpse()
        view.show(glimpse, place.name, place.hint(glimpse))
        await asyncio.sleep(1 / LOOKS_HZ)
