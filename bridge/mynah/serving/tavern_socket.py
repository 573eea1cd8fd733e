"""GET /ring: the WebSocket over which the extension of SillyTavern and the bridge talk."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import Final

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import SERVER, Protocol, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from mynah.seeing.exchange import PIECE_BYTES, TAKE_S, Exchange
from mynah.seeing.gate import SUBPROTOCOL
from mynah.serving.refusals import RequestError
from mynah.serving.services import Services
from mynah.serving.tabs import MOST_MESSAGE_BYTES, Tab

REPLACED: Final = 4001
"""The close code for a tab whose place a newer one took: two that come back would take turns."""


async def talk(services: Services, exchange: Exchange) -> None:
    """Until one of the two hangs up."""
    socket = Socket(exchange)
    tab = services.tabs.join()
    telling = asyncio.create_task(_tell(socket, tab), name="tell the tab")
    ended = asyncio.create_task(tab.gone.wait(), name="tab gone")
    hearing = asyncio.create_task(_hear(socket, services, tab), name="hear the tab")
    tasks = (telling, ended, hearing)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        services.tabs.part(tab)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await socket.close(REPLACED if tab.replaced else CloseCode.GOING_AWAY)


async def _hear(socket: "Socket", services: Services, tab: Tab) -> None:
    async with aclosing(socket.messages()) as messages:
        async for text in messages:
            services.tabs.take(tab, text)


async def _tell(socket: "Socket", tab: Tab) -> None:
    while True:
        await socket.send(await tab.outgoing.get())


class Socket:
    """A WebSocket whose request was let in. RequestError if it was no request for one."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._message: list[bytes] = []
        # HTTP's own parser has had the request: this one begins after the handshake.
        self._protocol = Protocol(SERVER, state=State.OPEN, max_size=MOST_MESSAGE_BYTES)
        self._response = ServerProtocol(subprotocols=[Subprotocol(SUBPROTOCOL)]).accept(
            Request(exchange.path, _headers(exchange))
        )
        if self._response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            raise RequestError("only a WebSocket is spoken here", HTTPStatus.UPGRADE_REQUIRED)
        exchange.begun = True
        exchange.writer.write(self._response.serialize())

    async def messages(self) -> AsyncGenerator[str, None]:
        """What the other side says, until it hangs up or says what is no text."""
        data = self._exchange.http.trailing_data[0]
        while True:
            if data:
                self._protocol.receive_data(data)
            await self._flush()
            for event in self._protocol.events_received():
                if text := self._text(event):
                    yield text
            if self._protocol.state is not State.OPEN:
                return
            data = await self._exchange.reader.read(PIECE_BYTES)
            if not data:
                return

    async def send(self, text: str) -> None:
        """ConnectionError or TimeoutError if nobody takes it."""
        self._protocol.send_text(text.encode())
        await self._flush()

    async def close(self, code: int) -> None:
        """Say goodbye, and why."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code)
            with suppress(OSError, TimeoutError):
                await self._flush()

    def _text(self, event: object) -> str | None:
        """A message that is whole now; the protocol bounds it."""
        if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.CONT):
            return None
        self._message.append(bytes(event.data))
        if not event.fin:
            return None
        message, self._message = b"".join(self._message), []
        return message.decode(errors="replace")

    async def _flush(self) -> None:
        for part in self._protocol.data_to_send():
            self._exchange.writer.write(part)
        async with asyncio.timeout(TAKE_S):
            await self._exchange.writer.drain()


def _headers(exchange: Exchange) -> Headers:
    headers = Headers()
    for name, value in exchange.request.headers:
        headers[name.decode("latin-1")] = value.decode("latin-1")
    return headers
