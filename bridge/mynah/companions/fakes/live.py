"""A fake server that speaks, over a WebSocket: who connects, what they ask, how that ends."""

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from typing import Any, ClassVar, Final, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from mynah.companions.fakes.behaviour import CUT
from mynah.companions.fakes.script import WAYS, Step, Way, saying

MOST_FRAGMENTS: Final = 400
"""Of a message that trickles: a longer one comes a few bytes at a time."""

CLOSE_S: Final = 0.1
"""The other end of a test has gone by then."""

_TEXT, _BINARY = 0x81, 0x82
_LONG: Final = 126
_STATUS: Final = {"301": 301, "401": 401, "html": 200}

_quiet = logging.getLogger("mynah.companions.fakes.live")
_quiet.setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Asked:
    """What a client asked for, and how that ended."""

    said: str
    told: str
    """All that it told, as text."""
    connection: int
    """Which connection it came over: the same number is the same connection."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False
    """The client left, or called it off, before the answer was over."""


class LiveFake:
    """Listens on the loopback address. A kind of server is a subclass."""

    companion: ClassVar[str] = ""
    port: ClassVar[int] = 0
    path: ClassVar[str] = "/"
    client: ClassVar[type["Client"]]

    def __init__(self, port: int = 0, key: str = "") -> None:
        """Port 0 is any that is free; without a `key` everybody is let in."""
        self.requests: list[Asked] = []
        self.asked = asyncio.Event()
        """There was a request for an answer."""
        self.messages: list[dict[str, Any]] = []
        """All that came and was JSON, in order."""
        self.headers: list[Mapping[str, str]] = []
        """Of each connection."""
        self.clients: list[Client] = []
        self.key = key
        self.way = "echo"
        self.left_bytes: int | None = None
        self._answers: Iterator[str] | None = None
        self._port = port
        self._server: Server | None = None

    @classmethod
    def ways(cls) -> Mapping[str, Way]:
        """How it can behave, by name."""
        return WAYS

    def behave(self, way: str) -> None:
        """From now on, in this way: a name, or `cut@N`: as echo, and hangs up after N bytes."""
        cut = way.startswith(CUT)
        self.left_bytes = int(way.removeprefix(CUT)) if cut else None
        self.way = "echo" if cut else way

    def say(self, answers: Sequence[str]) -> None:
        """These, one a turn, over and over."""
        self._answers = cycle(answers)

    def script(self, said: str) -> AsyncIterator[Step]:
        """What it does next."""
        script = WAYS[self.way].script if self._answers is None else saying(next(self._answers))
        return script(said)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self._port}{self.path}"

    def settings(self) -> str:
        """What to write into the settings, to talk to this one."""
        return f'[companions.{self.companion}]\nurl = "{self.address}"\n'

    async def hang_up(self) -> None:
        """On everybody, as a server does that is started again."""
        for client in self.clients:
            await client.connection.close()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._accept,
            "127.0.0.1",
            self._port,
            process_request=self._refused,
            close_timeout=CLOSE_S,
            logger=_quiet,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _refused(self, connection: ServerConnection, _request: Request) -> Response | None:
        if self.way not in _STATUS:
            return None
        response = connection.respond(HTTPStatus(_STATUS[self.way]), "<p>Hello.</p>\n")
        response.headers["Location"] = "ws://127.0.0.1:9/elsewhere"
        return response

    async def _accept(self, connection: ServerConnection) -> None:
        self.headers.append(connection.request.headers if connection.request else {})
        client = self.client(self, connection, len(self.headers))
        self.clients.append(client)
        try:
            with suppress(ConnectionClosed, ConnectionResetError):
                await client.greet()
                async for message in connection:
                    if isinstance(message, str):
                        self.messages.append(json.loads(message))
                    await client.receive(message)
        finally:
            await client.stop()


class Client:
    """One connection: one answer at a time is given over it."""

    def __init__(self, fake: LiveFake, connection: ServerConnection, number: int) -> None:
        self.fake = fake
        self.connection = connection
        self._number = number
        self._asked: Asked | None = None
        self._task: asyncio.Task[None] | None = None

    async def greet(self) -> None:
        """Somebody connected."""

    async def receive(self, message: str | bytes) -> None:
        """A message came."""
        raise NotImplementedError

    async def perform(self, said: str) -> None:
        """Answer."""
        raise NotImplementedError

    async def send(self, message: Mapping[str, Any] | str | bytes) -> None:
        """Whole, or as the fake behaves now."""
        frame = json.dumps(message) if isinstance(message, Mapping) else message
        if self.fake.left_bytes is not None:
            await self._cut(frame)
        elif self.fake.way == "trickle":
            await self.connection.send(_bytewise(frame))
        else:
            await self.connection.send(frame)

    async def answer(self, said: str, told: str) -> None:
        """As the fake behaves now; what was being answered is not any more."""
        await self.stop()
        self._asked = asked = Asked(said, told, self._number)
        self.fake.requests.append(asked)
        self._task = asyncio.create_task(self._perform(asked), name="fake: an answer")
        self.fake.asked.set()

    async def stop(self) -> None:
        """Whoever asked does not listen any more."""
        asked, task = self._asked, self._task
        if asked is None or task is None or asked.ended.is_set():
            return
        asked.hung_up = not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        asked.ended.set()

    def leave(self) -> None:
        """Hang up without a farewell; what was sent still comes."""
        self.connection.transport.close()

    async def _perform(self, asked: Asked) -> None:
        with suppress(ConnectionClosed, ConnectionResetError):
            await self.perform(asked.said)
        asked.ended.set()

    async def _cut(self, frame: str | bytes) -> None:
        """After so many bytes the connection ends, in the middle of a frame if it comes so."""
        data = frame.encode() if isinstance(frame, str) else frame
        left = self.fake.left_bytes or 0
        self.fake.left_bytes = left - len(data)
        if left >= len(data):
            await self.connection.send(frame)
            return
        size = bytes([len(data)]) if len(data) < _LONG else struct.pack("!BH", _LONG, len(data))
        head = bytes([_TEXT if isinstance(frame, str) else _BINARY]) + size
        self.connection.transport.write(head + data[:left])
        self.leave()
        raise ConnectionResetError


def _bytewise(frame: Any) -> Iterator[Any]:
    size = 1 + len(frame) // MOST_FRAGMENTS
    return (frame[at : at + size] for at in range(0, len(frame), size))
