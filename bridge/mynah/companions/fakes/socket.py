"""A fake server of a WebSocket: a part of an answer is a message; how it behaves, a Behaviour."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from mynah.companions.fakes.behaviour import CUT, Behaviour, Dialect, cut_at, scripted
from mynah.companions.fakes.turn import Turn

TRICKLE: Final = "trickle"

CLOSE_S: Final = 0.1
"""The other end of a test has gone by then."""

_quiet = logging.getLogger("mynah.companions.fakes.websockets")
_quiet.setLevel(logging.CRITICAL)


class FakeSocketServer:
    """Listens on the loopback address. A kind of server is a subclass with ways to behave."""

    companion: ClassVar[str]
    """Who talks to it."""
    port: ClassVar[int] = 0
    """Where `mynah fake` puts it if nobody says where; 0 is any that is free."""
    dialect: ClassVar[Dialect]

    def __init__(self, port: int = 0, always: Behaviour | None = None) -> None:
        """Port 0 is any that is free."""
        self.requests: list[Turn] = []
        self.messages: list[dict[str, Any]] = []
        """All that came, in order."""
        self.headers: list[Mapping[str, str]] = []
        """Of each connection."""
        self.asked = asyncio.Event()
        """There was a request for an answer."""
        self.way = "echo"
        self._port = port
        self._always = always
        self._server: Server | None = None
        self._open: set[ServerConnection] = set()

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        """How it can behave, by name."""
        raise NotImplementedError

    async def receive(self, client: "Client", fields: dict[str, Any]) -> None:
        """A message came."""
        raise NotImplementedError

    async def greet(self, client: "Client") -> None:
        """Somebody connected."""

    def worded(self, turn: Turn, part: bytes) -> str | bytes:
        """One part of an answer as a message."""
        raise NotImplementedError

    def behave(self, way: str) -> None:
        """From now on, in this way: a name, or `cut@N`."""
        self.way = way
        if way == TRICKLE:
            way = "echo"  # in fragments of one letter each: a message is never cut itself
        if way.startswith(CUT):
            self._always = cut_at(self.ways()["echo"], int(way.removeprefix(CUT)))
        else:
            self._always = self.ways()[way]

    def say(self, answers: Sequence[str]) -> None:
        """From now on, these answers: one a request, then again from the first."""
        self._always = scripted(self.dialect, answers)

    def settings(self) -> str:
        """What its companion needs to find it, as TOML."""
        return f'[companions.{self.companion}]\nurl = "{self.address}"'

    @property
    def behaviour(self) -> Behaviour:
        return self._always or self.ways()["echo"]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    base_url = address

    async def hang_up(self) -> None:
        """On everybody, as a server does that is started again."""
        for each in list(self._open):
            await each.close()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._accept, "127.0.0.1", self._port, close_timeout=CLOSE_S, logger=_quiet
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _accept(self, connection: ServerConnection) -> None:
        self._open.add(connection)
        if connection.request is not None:
            self.headers.append(connection.request.headers)
        client = Client(self, connection, len(self.headers))
        try:
            with suppress(ConnectionClosed):
                await self.greet(client)
                async for message in connection:
                    fields = json.loads(message)
                    self.messages.append(fields)
                    await self.receive(client, fields)
        finally:
            self._open.discard(connection)
            await client.leave()


class Client:
    """One connection: at most one answer at a time is written to it."""

    def __init__(self, server: FakeSocketServer, connection: ServerConnection, number: int) -> None:
        self._server = server
        self._connection = connection
        self._number = number
        self._answers: dict[object, tuple[Turn, asyncio.Task[None]]] = {}

    async def send(self, fields: object) -> None:
        await self._connection.send(json.dumps(fields))

    def answer(self, key: object, said: str, body: dict[str, Any]) -> None:
        """As the server behaves now."""
        turn = Turn(body, said, self._number)
        task = asyncio.create_task(self._write(turn, self._server.behaviour))
        self._answers[key] = turn, task
        self._server.requests.append(turn)
        self._server.asked.set()

    async def call_off(self, key: object) -> bool:
        """Whether there was something to call off."""
        turn, task = self._answers.pop(key, (None, None))
        if turn is None or task is None:
            return False
        running = not task.done()
        turn.hung_up = turn.hung_up or running
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        turn.ended.set()
        return running

    async def leave(self) -> None:
        for key in list(self._answers):
            await self.call_off(key)

    async def _write(self, turn: Turn, behaviour: Behaviour) -> None:
        with suppress(ConnectionClosed):
            async for part in behaviour.parts(turn.said):
                for message in part.splitlines():
                    await self._connection.send(self._fragments(turn, message))
            if not behaviour.tidy:
                self._connection.transport.abort()
        turn.ended.set()

    def _fragments(self, turn: Turn, part: bytes) -> str | bytes | list[str]:
        message = self._server.worded(turn, part)
        if self._server.way == TRICKLE and isinstance(message, str):
            return list(message)
        return message


def over_socket(ways: Mapping[str, Behaviour]) -> dict[str, Behaviour]:
    """Those of HTTP's ways that there are here."""
    without = ("once", "not-http", "html", "busy", "silence", "unfinished", "long", "one-line")
    return {
        name: way
        for name, way in ways.items()
        if name not in without and not name[0].isdigit() and "-" not in name
    }
