"""A fake HTTP server: what is listened to, noted and answered; how, a Behaviour says."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Final, Self

from mynah.companions.fakes.behaviour import CUT, Behaviour, Dialect, cut_at, scripted

LONGEST_REQUEST_BYTES: Final = 1_000_000
"""A persona and some turns are a hundredth of it."""

_NOTE: Final = re.compile(r"\(.*\)")

NOT_FOUND: Final = {"error": {"message": "no such page"}}


@dataclass(slots=True)
class Request:
    """What a client asked for, and how that ended."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int
    """Which connection it came over: the same number is the same connection."""
    said: str = ""
    """What the wearer said, wherever this server's requests hold it."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False
    """The client closed the connection before the answer was over."""

    @property
    def told(self) -> str:
        """All that the client told, as text."""
        return json.dumps(self.body, ensure_ascii=False)


class FakeHttpServer:
    """Listens on the loopback address. A kind of server is a subclass with ways to behave."""

    root: ClassVar[str] = ""
    """What a base URL ends in."""
    companion: ClassVar[str]
    """Who talks to it."""
    port: ClassVar[int] = 0
    """Where `mynah fake` puts it if nobody says where; 0 is any that is free."""
    dialect: ClassVar[Dialect]

    def __init__(self, port: int = 0, always: Behaviour | None = None) -> None:
        """Port 0 is any that is free; `always` is how it behaves, whatever a request says."""
        self.requests: list[Request] = []
        """Those that ask for an answer."""
        self.calls: list[Request] = []
        """All others: lists of models, orders to stop."""
        self.asked = asyncio.Event()
        """There was a request for an answer."""
        self._port = port
        self._always = always
        self._since = 0  # requests before it began to behave like this
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        """How it can behave, by name."""
        raise NotImplementedError

    def said(self, request: Request) -> str:
        """What the wearer said; notes in brackets come to a strict server in the same message."""
        messages = request.body.get("messages") or [{}]
        content = str(messages[-1].get("content", ""))
        lines = [line for line in content.split("\n") if not _NOTE.fullmatch(line)]
        return lines[-1] if lines else content

    def behaviour(self, request: Request) -> Behaviour:
        """How to answer, if it was not told how to behave."""
        return self.ways().get(str(request.body.get("model")), self.ways()["echo"])

    def page(self, request: Request) -> object | None:
        """What a request that asks for no answer gets, as JSON; None for one that does."""
        return NOT_FOUND if request.method == "GET" else None

    def behave(self, way: str) -> None:
        """From now on, in this way: a name, or `cut@N`."""
        if way.startswith(CUT):
            self._always = cut_at(self.ways()["hasty"], int(way.removeprefix(CUT)))
        else:
            self._always = self.ways()[way]
        self._since = len(self.requests)

    def say(self, answers: Sequence[str]) -> None:
        """From now on, these answers: one a request, then again from the first."""
        self._always = scripted(self.dialect, answers)

    def settings(self) -> str:
        """What its companion needs to find it, as TOML; empty for nothing."""
        return f'[companions.{self.companion}]\nbase_url = "{self.base_url}"'

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        return self.address + self.root

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._connections += 1
        number = self._connections
        try:
            # A cancellation is the end of this server, and of what was begun alone.
            with suppress(
                ConnectionError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError
            ):
                while await self._serve(reader, writer, number):
                    pass
        finally:
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """One request; whether the connection is of further use."""
        request = await _read(reader, number)
        page = self.page(request)
        if page is not None:
            self.calls.append(request)
            writer.write(_head(404 if page is NOT_FOUND else 200, "application/json", {}))
            writer.write(_part(json.dumps(page).encode()) + _part(b""))
            return True
        request.said = self.said(request)
        behaviour = self._chosen(request)
        again = any(each.connection == number for each in self.requests)
        self.requests.append(request)
        self.asked.set()
        if behaviour.once and again:
            return False
        answer = asyncio.create_task(_answer(writer, request, behaviour))
        # The client has nothing to send now: what can be read is its farewell.
        farewell = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({answer, farewell}, return_when=asyncio.FIRST_COMPLETED)
            request.hung_up = not answer.done() or answer.exception() is not None
        finally:
            answer.cancel()
            farewell.cancel()
            await asyncio.gather(answer, farewell, return_exceptions=True)
            request.ended.set()
        return behaviour.tidy and not request.hung_up

    def _chosen(self, request: Request) -> Behaviour:
        behaviour = self._always or self.behaviour(request)
        if behaviour.then is not None and len(self.requests) > self._since:
            behaviour = behaviour.then
        refused = behaviour.refuses(request.body) if behaviour.refuses is not None else None
        return refused or behaviour


async def _answer(writer: asyncio.StreamWriter, request: Request, behaviour: Behaviour) -> None:
    if behaviour.head:
        writer.write(_head(behaviour.status, behaviour.content_type, behaviour.headers))
    async for part in behaviour.parts(request.said):
        if part:
            writer.write(_part(part))
            await writer.drain()
    if behaviour.tidy:
        writer.write(_part(b""))
        await writer.drain()


async def _read(reader: asyncio.StreamReader, number: int) -> Request:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = {}
    for line in filter(None, lines[1:]):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if length > LONGEST_REQUEST_BYTES:
        raise ValueError(f"a request of {length} bytes")
    body = await reader.readexactly(length)
    return Request(method, path, headers, json.loads(body) if body else {}, number)


def _head(status: int, content_type: str, headers: Mapping[str, str]) -> bytes:
    fields = {"Content-Type": content_type, "Transfer-Encoding": "chunked", **headers}
    known = {each.value: each.phrase for each in HTTPStatus}
    lines = [f"HTTP/1.1 {status} {known.get(status, 'Odd')}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _part(data: bytes) -> bytes:
    """A chunk of HTTP's; an empty one ends the body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
