"""One question over HTTP that was let in, and its answer: whole, or in parts as they come."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import h11

from mynah.errors import UserError
from mynah.seeing.gate import Route

PIECE_BYTES: Final = 65_536

BODY_S: Final = 60.0
"""For a body: 25 MB that somebody reads from a slow disk."""

TAKE_S: Final = 10.0
"""For a part of an answer: who takes none for so long takes no more."""

PLAIN: Final = "text/plain; charset=utf-8"


class TooLargeError(UserError):
    """A body is longer than was announced, or than it may be."""


class Exchange:
    """A question and its answer, over a connection that is closed after it."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        http: h11.Connection,
        request: h11.Request,
        route: Route,
        extra: list[tuple[str, str]],
    ) -> None:
        """`extra` are headers of every answer."""
        self.reader, self.writer = streams
        self.http = http
        self.request = request
        self.route = route
        # As the gate cuts it: whoever was refused may have sent no address at all.
        self.path, _, query = request.target.decode("latin-1").partition("?")
        self.query = dict(parse_qsl(query))
        self.begun = False
        """An answer was begun: it is too late for another."""
        self._extra = extra
        self._body_read = asyncio.Event()
        if not route.most_bytes:
            self._body_read.set()

    def header(self, name: str) -> str:
        """Its value, or empty."""
        wanted = name.lower().encode()
        found = (value for each, value in self.request.headers if each == wanted)
        return next(found, b"").decode("latin-1")

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes; TooLargeError, TimeoutError or ConnectionError if it does not."""
        if self.http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        deadline_s = asyncio.get_running_loop().time() + BODY_S
        left_bytes = self.route.most_bytes
        while not isinstance(event := self.http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                async with asyncio.timeout_at(deadline_s):
                    self.http.receive_data(await self.reader.read(PIECE_BYTES))
            elif isinstance(event, h11.Data):
                left_bytes -= len(event.data)
                if left_bytes < 0:
                    raise TooLargeError(f"more than {self.route.most_bytes} bytes; send less")
                yield bytes(event.data)
            else:
                raise ConnectionError("hung up in the middle of a question")
        self._body_read.set()

    async def body(self) -> bytes:
        """All of it."""
        return b"".join([part async for part in self.parts()])

    async def until_hung_up(self) -> None:
        """Returns when the other side has gone after its question."""
        await self._body_read.wait()
        with suppress(OSError):
            while await self.reader.read(PIECE_BYTES):
                pass  # whatever it is, nobody asked for it

    async def answer(
        self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """All at once."""
        nothing = status == HTTPStatus.NO_CONTENT
        length = {} if nothing else {"Content-Length": str(len(body))}
        await self._begin(status, kind, {**length, **(headers or {})})
        # h11 holds us to it.
        await self.send(b"" if nothing or self.request.method == b"HEAD" else body)
        await self.end()

    async def begin(self, kind: str, headers: Mapping[str, str] | None = None) -> None:
        """An answer that comes in parts; `end` ends it."""
        await self._begin(HTTPStatus.OK, kind, headers or {})

    async def send(self, part: bytes) -> None:
        """TimeoutError or ConnectionError if nobody takes it."""
        if part:
            await self._write(h11.Data(data=part))

    async def end(self) -> None:
        await self._write(h11.EndOfMessage())

    async def _begin(self, status: int, kind: str, more: Mapping[str, str]) -> None:
        self.begun = True
        headers = [
            ("Content-Type", kind),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
            *more.items(),
            *self._extra,
        ]
        if status == HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", "Bearer"))
        phrase = HTTPStatus(status).phrase.encode()
        await self._write(h11.Response(status_code=status, reason=phrase, headers=headers))

    async def _write(self, event: h11.Event) -> None:
        self.writer.write(self.http.send(event) or b"")
        async with asyncio.timeout(TAKE_S):
            await self.writer.drain()


async def refuse_plainly(exchange: Exchange, status: HTTPStatus) -> None:
    """In the words of HTTP."""
    await exchange.answer(status, PLAIN, f"{status.phrase}\n".encode())
