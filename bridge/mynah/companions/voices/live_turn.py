"""One answer of a server that talks when it likes: its messages, in order, bounded, in time."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, Generic, TypeVar

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.steps import BrokenError

MOST_MESSAGES: Final = 30_000
"""Ten minutes of speech in packets of 20 ms, the shortest that servers send."""

MOST_BYTES: Final = 40_000_000
"""Ten minutes of 24 kHz sound in base64."""

Heard = TypeVar("Heard")


class LiveTurn(Generic[Heard]):
    """Filled by who reads the socket, emptied by who plays the answer."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._messages: asyncio.Queue[Heard | Exception | None] = asyncio.Queue()
        self._left = MOST_MESSAGES
        self._left_bytes = MOST_BYTES
        self.begun = False
        """It is: what it sent before that belonged to another answer."""
        self.over = False
        """It is not any more."""
        self._full = False

    def put(self, message: Heard, size: int) -> None:
        """One more, of so many bytes."""
        self._left -= 1
        self._left_bytes -= size
        if self._full or self.over:
            return
        self._full = self._left < 0 or self._left_bytes < 0
        self._messages.put_nowait(self._trouble.too_much(MOST_BYTES) if self._full else message)

    def end(self) -> None:
        """The last message was the last."""
        self.over = True

    def break_off(self) -> None:
        """The connection broke."""
        self._stop(BrokenError())

    def give_way(self) -> None:
        """Another answer was asked for: nobody wants this one."""
        self._stop(None)

    def _stop(self, why: BrokenError | None) -> None:
        if not self.over:
            self.over = True
            self._messages.put_nowait(why)

    async def messages(self) -> AsyncGenerator[Heard, None]:
        """Up to the last, or until nobody wants them; BrokenError, CompanionError if it stalls."""
        while not (self.over and self._messages.empty()):
            try:
                async with asyncio.timeout(self._trouble.wait_s):
                    message = await self._messages.get()
            except TimeoutError as error:
                raise self._trouble.silent(begun=self.begun) from error
            if isinstance(message, Exception):
                raise message
            if message is None:
                return
            yield message
