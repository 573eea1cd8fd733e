"""A fake OpenAI-compatible server, for tests and for whoever writes a companion or a server."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Self

from mynah.companions.fake_answers import BEHAVIOURS, Behaviour

LONGEST_REQUEST_BYTES: Final = 1_000_000
"""A persona and some turns are a hundredth of it."""


@dataclass(slots=True)
class Request:
    """What a client asked for, and how that ended."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int
    """Which connection it came over: the same number is the same connection."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False
    """The client closed the connection before the answer was over."""

    @property
    def said(self) -> str:
        """The last message."""
        messages = self.body.get("messages") or [{}]
        return str(messages[-1].get("content", ""))


class FakeServer:
    """Listens on the loopback address; the model that a request names says how it behaves."""

    def __init__(self, port: int = 0, always: Behaviour | None = None) -> None:
        """Port 0 is any that is free; `always` is how it behaves whatever the model's name."""
        self.requests: list[Request] = []
        self.asked = asyncio.Event()
        """There was a request."""
        self._port = port
        self._always = always
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

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
            with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
                while await self._serve(reader, writer, number):
                    pass
        finally:
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """One request; whether the connection is of further use."""
        request = await _read(reader, number)
        if request.path.endswith("/models"):
            models = [{"id": name, "about": each.about} for name, each in BEHAVIOURS.items()]
            writer.write(_head(200, "application/json", {}))
            writer.write(_part(json.dumps({"data": models}).encode()) + _part(b""))
            return True
        again = any(each.connection == number for each in self.requests)
        self.requests.append(request)
        self.asked.set()
        named = BEHAVIOURS.get(str(request.body.get("model")), BEHAVIOURS["echo"])
        behaviour = self._always or named
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


async def _answer(writer: asyncio.StreamWriter, request: Request, behaviour: Behaviour) -> None:
    if behaviour.head:
        writer.write(_head(behaviour.status, behaviour.content_type, dict(behaviour.headers)))
    async for part in behaviour.parts(request.said):
        writer.write(_part(part))
        await writer.drain()
    if behaviour.tidy:
        writer.write(_part(b""))
        await writer.drain()


async def _read(reader: asyncio.StreamReader, number: int) -> Request:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    _, path, _ = lines[0].split(" ")
    headers = {}
    for line in filter(None, lines[1:]):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if length > LONGEST_REQUEST_BYTES:
        raise ValueError(f"a request of {length} bytes")
    body = await reader.readexactly(length)
    return Request(path, headers, json.loads(body) if body else {}, number)


def _head(status: int, content_type: str, headers: dict[str, str]) -> bytes:
    fields = {"Content-Type": content_type, "Transfer-Encoding": "chunked", **headers}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _part(data: bytes) -> bytes:
    """A chunk of HTTP's; an empty one ends the body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
