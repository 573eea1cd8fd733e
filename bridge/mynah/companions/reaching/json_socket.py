"""A WebSocket that carries JSON: opened without detours, bounded, closed within half a second."""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    WebSocketException,
)
from websockets.protocol import State

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.objects import object_in
from mynah.companions.reaching.openai_http import (
    CONNECT_S,
    MOST_BYTES,
    TooMuchError,
    is_this_computer,
)
from mynah.companions.reaching.steps import BrokenError

CLOSE_S: Final = 0.5
"""For the other side's farewell; then the connection is cut."""

SEND_S: Final = 5.0
"""A side that takes so long to read one message is gone."""

MOST_MESSAGE_BYTES: Final = 1_000_000
"""A sentence is a thousandth of it."""

TOO_BIG: Final = 1009
"""How a WebSocket says that a message was too long."""

# At its own level `debug` the library writes down every frame, and so every token and every word.
_quiet = logging.getLogger("mynah.companions.websockets")
_quiet.setLevel(logging.WARNING)


class _Direct(connect):
    """Follows no redirects, so that a token goes nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class JsonSocket:
    """One connection, used once."""

    most_message_bytes: ClassVar[int] = MOST_MESSAGE_BYTES

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._left_bytes = MOST_BYTES

    @classmethod
    async def open(
        cls, url: str, trouble: Trouble, headers: Mapping[str, str] | None = None
    ) -> Self:
        """CompanionError if nobody is there, or nobody who speaks it."""
        try:
            return cls(
                await _Direct(
                    url,
                    additional_headers=headers,
                    compression=None,  # a sentence gains nothing by it
                    # A proxy is for the world outside.
                    proxy=None if is_this_computer(url) else True,
                    open_timeout=CONNECT_S,
                    close_timeout=CLOSE_S,
                    max_size=cls.most_message_bytes,
                    logger=_quiet,
                )
            )
        except InvalidStatus as error:
            response = error.response
            raise trouble.refused(response.status_code, response.headers, "") from error
        except InvalidHandshake as error:
            raise trouble.no_stream("no WebSocket") from error
        except (OSError, WebSocketException, EOFError) as error:
            raise trouble.unreachable(str(error)) from error

    @property
    def alive(self) -> bool:
        """As far as is known."""
        return self._connection.state is State.OPEN

    def begin(self) -> None:
        """Another answer: it may be as long as any."""
        self._left_bytes = MOST_BYTES

    async def send(self, fields: Mapping[str, Any]) -> None:
        """BrokenError if the other side is gone."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._connection.send(json.dumps(fields, ensure_ascii=False))
        except (ConnectionClosed, TimeoutError) as error:
            self.cut()
            raise BrokenError from error

    async def receive(self) -> dict[str, Any]:
        """The next object, empty if it is none; BrokenError, TooMuchError."""
        try:
            message = await self._connection.recv()
        except ConnectionClosed as error:
            sent = error.sent
            if sent is not None and sent.code == TOO_BIG:
                raise TooMuchError from error
            raise BrokenError from error
        self._left_bytes -= len(message)
        if self._left_bytes < 0:
            raise TooMuchError
        return (isinstance(message, str) and object_in(message)) or {}

    def cut(self) -> None:
        """Hang up without a word."""
        self._connection.transport.abort()

    async def close(self) -> None:
        """Hang up. May be called twice."""
        with suppress(WebSocketException, OSError):
            await self._connection.close()
