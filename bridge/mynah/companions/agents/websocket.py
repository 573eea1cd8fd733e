"""The companion `websocket`: a server of your own that stays connected, and may begin by itself."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, Final

from mynah.companions.agents.channel import Channel, Stream
from mynah.companions.agents.own_backend import OwnSettings, touch_of, turn_of
from mynah.companions.base import Begin, Capabilities, Reply, Said, Touch
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.json_socket import JsonSocket
from mynah.companions.reaching.objects import step_of
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, section, where, with_scheme
from mynah.companions.reaching.steps import BrokenError, answer, once_more
from mynah.companions.reaching.unheard import Unheard
from mynah.errors import CompanionError

NAME: Final = "websocket"

STOP_S: Final = 0.8
"""For the end of an answer that was called off; then the connection is closed and made anew."""


class WebSocketCompanion:
    """Sends a turn, takes objects until one says `end`; takes those that come unasked as well."""

    capabilities = Capabilities(
        memory="server",
        cancel="truncate",
        feels=True,
        thinks=True,
        tools=True,
        touched=True,
        proactive=True,
    )

    def __init__(self, **table: Any) -> None:
        self._settings = section(OwnSettings, NAME, table)
        self._key = key_of(NAME, self._settings.key.get_secret_value(), ANYWHERE)
        self._trouble = Trouble(
            NAME,
            where(self._settings.url),
            self._settings.wait_s,
            key=self._key,
            variable=key_variable(NAME),
        )
        self._unheard = Unheard(self._settings.interrupted)
        self._channel: Channel | None = None
        self._begin: Begin | None = None
        self._number: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connects ahead; a server that is not there yet may be when somebody speaks."""
        try:
            async with asyncio.timeout(self._settings.wait_s):
                await self._connected()
        except TimeoutError:
            return
        except CompanionError as error:
            if not error.retryable:
                raise

    async def reply(self, said: Said) -> Reply:
        kept = self._channel is not None and self._channel.alive
        turn = turn_of(said, self._settings, self._unheard)
        objects = once_more(kept, lambda: self._turn(turn))
        with self._unheard.asking():
            async with aclosing(answer(objects, step_of, self._trouble)) as pieces:
                async for piece in pieces:
                    yield piece

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)
        await self._tell({"op": "cancel", "id": self._number, "heard": heard_text})

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    def notify(self, touch: Touch) -> None:
        """The server is told; an answer comes as anything that it says unasked."""
        telling = self._tell({"op": "touch", **touch_of(touch, self._settings)})
        task = asyncio.create_task(telling, name="tell of a touch")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def on_proactive(self, begin: Begin) -> None:
        self._begin = begin

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._channel is not None:
            await self._channel.close()

    async def _turn(self, turn: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        channel = await self._connected()
        stream = await channel.turn(turn)
        self._number = stream.number
        async with aclosing(self._objects(channel, stream)) as objects:
            async for fields in objects:
                yield fields

    async def _objects(
        self, channel: Channel, stream: Stream
    ) -> AsyncGenerator[dict[str, Any], None]:
        try:
            async with aclosing(stream.objects()) as objects:
                async for fields in objects:
                    yield fields
        finally:
            with suppress(BrokenError):
                await channel.call_off(stream)

    def _unasked(self, channel: Channel, stream: Stream) -> None:
        if self._begin is not None:
            self._begin(answer(self._objects(channel, stream), step_of, self._trouble))

    async def _tell(self, fields: dict[str, Any]) -> None:
        if self._channel is not None and self._channel.alive:
            with suppress(BrokenError):
                await self._channel.tell(fields)

    async def _connected(self) -> Channel:
        if self._channel is not None and self._channel.alive:
            return self._channel
        if self._channel is not None:
            await self._channel.close()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else None
        url = with_scheme(self._settings.url, socket=True)
        socket = await JsonSocket.open(url, self._trouble, headers)
        self._channel = channel = Channel(
            socket, STOP_S, lambda stream: self._unasked(channel, stream)
        )
        return channel
