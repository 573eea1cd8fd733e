"""Metrics and health over HTTP, for this computer alone; what may ask is in gate.py."""

import asyncio
import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

import h11

from mynah.errors import MynahError, UserError
from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.seeing.gate import Gate
from mynah.seeing.redaction import REDACTION

LOOPBACK: Final = "127.0.0.1"

LONGEST_HEAD_BYTES: Final = 8192
"""Prometheus sends 300 bytes."""

PIECE_BYTES: Final = 4096

PATIENCE_S: Final = 5.0
"""For a whole question and its answer: over loopback it takes a millisecond."""

MOST_CONNECTIONS: Final = 8
"""A scraper, a health check, and a person looking; more are hung up on."""

TOKEN_BYTES: Final = 32

Page = Callable[[], tuple[str, bytes]]
"""A page's content type and content, as it is now."""


class LocalServer:
    """Use it as `async with LocalServer(…)`. One question a connection."""

    def __init__(
        self, pages: Mapping[str, Page], token: str, *, port: int = 0, address: str = LOOPBACK
    ) -> None:
        """Port 0 is any that is free. UserError if the address is not of this computer alone."""
        if not _is_loopback(address):
            raise UserError(f"{address}: metrics are for this computer alone; use {LOOPBACK}")
        self.port = port
        self._address = address
        self._pages = pages
        self._token = token
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._accept, self._address, self.port, limit=LONGEST_HEAD_BYTES
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise MynahError(
                f"port {self.port} for metrics can't be opened ({reason}); set metrics.port"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._gate = Gate(self.port, self._token)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._serve(reader, writer)
        except (TimeoutError, OSError):
            writer.transport.abort()  # whoever sends nothing gets nothing
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD_BYTES)
        try:
            request = await _head(http, reader)
            status = self._gate.verdict(request.method, request.target, list(request.headers))
        except h11.RemoteProtocolError as error:
            request, status = None, HTTPStatus(error.error_status_hint)
        kind, body = "text/plain; charset=utf-8", f"{status.phrase}\n".encode()
        if status is HTTPStatus.OK and request is not None:
            kind, body = self._pages[request.target.decode()]()
        if request is not None and request.method == b"HEAD":
            body = b""  # h11 holds us to it
        for part in _answer(http, status, kind, body):
            writer.write(part)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        with suppress(OSError):  # what they still send must not turn our answer into a reset
            await reader.read(PIECE_BYTES)


async def _head(http: h11.Connection, reader: asyncio.StreamReader) -> h11.Request:
    while True:
        event = http.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            raise ConnectionError("hung up before there was a question")
        http.receive_data(await reader.read(PIECE_BYTES))


def _answer(http: h11.Connection, status: HTTPStatus, kind: str, body: bytes) -> list[bytes]:
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", "Bearer"))
    head = h11.Response(status_code=status, reason=status.phrase.encode(), headers=headers)
    events = [head, h11.Data(data=body), h11.EndOfMessage()]
    return [http.send(event) or b"" for event in events]


def token_file() -> Path:
    """Where the endpoint's token lies: who may read it may ask."""
    return data_folder() / "metrics.token"


def known_token(path: Path | None = None) -> str:
    """The token, made if there is none; for nobody else to read."""
    path = path or token_file()
    private_folder(path.parent)
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(TOKEN_BYTES) + "\n")
    path.chmod(OWNER_ONLY)
    token = path.read_text("ascii").strip()
    if len(token) < 2 * TOKEN_BYTES:
        raise UserError(f"{path}: not a token; delete it, and another is made")
    REDACTION.hide(token)
    return token


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False  # a name may point anywhere
