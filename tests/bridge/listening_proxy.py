"""A wire between a client and a server that notes when what passes, and can be slow."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

PIECE = 512  # bytes: about two of a chat server's events


@dataclass
class Connection:
    asked_s: float | None = None
    """When the client's last words passed."""
    told_s: list[float] = field(default_factory=list)
    """When the server's words passed, piece by piece."""
    hung_up_s: float | None = None
    """When the client closed it."""
    over: asyncio.Event = field(default_factory=asyncio.Event)


class ListeningProxy:
    def __init__(self, address, *, piece_s=0.0):
        """`piece_s` is the least time between two pieces of an answer."""
        url = urlsplit(address)
        self._host, self._port = url.hostname, url.port
        self._piece_s = piece_s
        self.connections = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1")
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for connection in self.connections:
            await connection.over.wait()

    async def _accept(self, reader, writer):
        connection = Connection()
        self.connections.append(connection)
        upstream, server = await asyncio.open_connection(self._host, self._port)
        answering = asyncio.create_task(self._answer(connection, upstream, writer))
        with suppress(ConnectionError):
            while data := await reader.read(PIECE):
                connection.asked_s = monotonic()
                server.write(data)
        connection.hung_up_s = monotonic()
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        server.close()
        writer.close()
        connection.over.set()

    async def _answer(self, connection, upstream, writer):
        while data := await upstream.read(PIECE):
            connection.told_s.append(monotonic())
            writer.write(data)
            await asyncio.sleep(self._piece_s)
        writer.close()
