"""A WebSocket that outlives a turn: opened before one, and read all the time."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final, TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.json_socket import JsonSocket

MOST_MESSAGE_BYTES: Final = 8_000_000
"""Some servers send an answer's sound in one piece: two minutes of 24 kHz, in base64."""

SEND_S: Final = 2.0
"""A message of ours is small: who takes longer to take it has stopped reading."""

Message: TypeAlias = str | bytes
Take: TypeAlias = Callable[[Message | None], None]
"""Is given each message, and None when the connection is gone."""


class LiveSocket:
    """To one server, whenever it is wanted."""

    def __init__(self, url: str, headers: Mapping[str, str], trouble: Trouble, take: Take) -> None:
        """`take` is called for whatever the server sends, from the first message on."""
        self._url = url
        self._headers = headers
        self._trouble = trouble
        self._take = take
        self._connection: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """As far as is known."""
        return self._reading is not None and not self._reading.done()

    async def open(self) -> None:
        """Connect anew; CompanionError if that fails."""
        await self.close()
        opened = await _Opened.open(self._url, self._trouble, self._headers)
        self._connection = opened.connection
        self._reading = asyncio.create_task(
            self._read(self._connection), name="companion: what its server sends"
        )

    async def send(self, message: Mapping[str, Any] | bytes) -> None:
        """What can't be sent cuts the connection: `take` is told, as of any other end."""
        if self._connection is None:
            return
        # In ASCII: what is echoed to a server may be half a letter, which no UTF-8 can hold.
        frame = message if isinstance(message, bytes) else json.dumps(message)
        try:
            async with asyncio.timeout(SEND_S):
                await self._connection.send(frame)
        except (TimeoutError, ConnectionClosed):
            self.cut()

    def cut(self) -> None:
        """Hang up without a farewell."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def close(self) -> None:
        """Hang up. May be called twice."""
        connection, self._connection = self._connection, None
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if connection is not None:
            with suppress(ConnectionClosed, OSError):
                await connection.close()

    async def _read(self, connection: ClientConnection) -> None:
        try:
            with suppress(ConnectionClosed):
                while True:
                    self._take(await connection.recv())
        finally:
            if connection is self._connection:
                self._take(None)


class _Opened(JsonSocket):
    """A connection is made as all others are; sound is no JSON, and is read here."""

    most_message_bytes: ClassVar[int] = MOST_MESSAGE_BYTES

    @property
    def connection(self) -> ClientConnection:
        return self._connection
