"""An HTTP server for this computer alone: one question a connection, let in by its gate."""

import asyncio
import ipaddress
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self, TypeAlias

import h11

from mynah.errors import MynahError, UserError
from mynah.seeing.exchange import PIECE_BYTES, Exchange, TooLargeError, refuse_plainly
from mynah.seeing.gate import Gate, Route

LOOPBACK: Final = "127.0.0.1"

LONGEST_HEAD_BYTES: Final = 8192
"""Prometheus sends 300 bytes, a browser 1 kB."""

HEAD_PIECE_BYTES: Final = 4096
"""A head that comes whole in one piece is never too long for its parser."""

PATIENCE_S: Final = 5.0
"""For a head: over loopback it takes a millisecond."""

MOST_CONNECTIONS: Final = 8
"""A scraper, a health check, and a person looking; more are hung up on."""

LINGER_S: Final = 1.0
LINGER_BYTES: Final = 64 * 1024 * 1024
"""So long, what is still sent after an answer is thrown away: it would turn the answer into a
reset, and who was refused would not know why."""

_NOBODY: Final = h11.Request(method="GET", target="/", headers=[("Host", "nobody")])

_logger = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Exchange], Coroutine[Any, Any, None]]
"""Answers. Cancelled when the other side hangs up."""

Refuse: TypeAlias = Callable[[Exchange, HTTPStatus], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class House:
    """What is behind a port."""

    gate: Callable[[int], Gate]
    """Of the port that was had."""
    answer: Handler
    refuse: Refuse = refuse_plainly
    called: str = "metrics"
    """As a person knows it, and as its section of the settings is called."""
    most_connections: int = MOST_CONNECTIONS


class LoopbackServer:
    """Use it as `async with LoopbackServer(…)`."""

    def __init__(
        self,
        house: House,
        *,
        port: int = 0,
        address: str = LOOPBACK,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Port 0 is any that is free. UserError if the address is not of this computer alone."""
        if not is_loopback(address):
            raise UserError(
                f"{address}: {house.called} are for this computer alone; use {LOOPBACK}"
            )
        self.port = port
        self._house = house
        self._address = address
        self._patience_s = patience_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._accept, self._address, self.port, limit=LONGEST_HEAD_BYTES
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            called = self._house.called
            raise MynahError(
                f"port {self.port} for {called} can't be opened ({reason}); set {called}.port"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._gate = self._house.gate(self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._house.most_connections:
            writer.transport.abort()
            return
        # A task of ours: asyncio's own would complain that it was cancelled.
        task = asyncio.create_task(self._keep(reader, writer), name="connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
            await _part(reader, writer)
        except (TimeoutError, OSError):
            writer.transport.abort()  # whoever sends nothing gets nothing
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD_BYTES)
        extra: list[tuple[str, str]] = []
        route = Route()
        try:
            async with asyncio.timeout(self._patience_s):
                request = await _head(http, reader)
            headers = list(request.headers)
            status = self._gate.verdict(request.method, request.target, headers)
            extra = self._gate.allowed(request.target, headers)
            route = self._gate.route(request.target)
        except h11.RemoteProtocolError as error:
            request, status = _NOBODY, HTTPStatus(error.error_status_hint)
        exchange = Exchange((reader, writer), http, request, route, extra)
        if status is HTTPStatus.OK:
            await self._answer(exchange)
        else:
            await self._house.refuse(exchange, status)

    async def _answer(self, exchange: Exchange) -> None:
        answering = asyncio.create_task(self._house.answer(exchange), name="answer")
        gone = asyncio.create_task(_gone(exchange), name="hung up?")
        try:
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, gone):
                task.cancel()
            await asyncio.gather(answering, gone, return_exceptions=True)
        error = None if answering.cancelled() else answering.exception()
        if isinstance(error, TimeoutError | OSError):
            raise error  # nobody takes it, or nobody sends the rest
        if error is not None and exchange.begun:
            _note(error)
        elif error is not None:
            await self._house.refuse(exchange, _status_of(error))


async def _gone(exchange: Exchange) -> None:
    if exchange.route.socket:
        await asyncio.Event().wait()  # it reads for itself
    await exchange.until_hung_up()


def _status_of(error: BaseException) -> HTTPStatus:
    if isinstance(error, TooLargeError):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, h11.RemoteProtocolError):
        return HTTPStatus(error.error_status_hint)
    _note(error)
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _note(error: BaseException) -> None:
    # Only its kind: a message may hold what was said.
    _logger.warning("an answer over HTTP failed: %s", type(error).__name__)


async def _head(http: h11.Connection, reader: asyncio.StreamReader) -> h11.Request:
    while True:
        event = http.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            raise ConnectionError("hung up before there was a question")
        http.receive_data(await reader.read(HEAD_PIECE_BYTES))


async def _part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say goodbye, and hear the other side out for a moment."""
    if writer.can_write_eof() and not writer.is_closing():
        writer.write_eof()
    left_bytes = LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while left_bytes > 0 and (sent := await reader.read(PIECE_BYTES)):
                left_bytes -= len(sent)


def is_loopback(address: str) -> bool:
    """Whether it is a number of this computer alone; a name may point anywhere."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
