"""A line to a server that speaks: opened once, one answer at a time, and none of an old one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.voices.live_socket import LiveSocket, Message
from mynah.companions.voices.live_turn import LiveTurn

STOP_S: Final = 2.0
"""A server that is told to stop says at once that it did; one that does not is hung up on."""

MOST_UNSENT: Final = 64
"""Answers to a server's own questions. One that asks more than it reads is hung up on."""

Heard = TypeVar("Heard")
Offer = TypeVar("Offer")


class LiveLine(Generic[Heard, Offer]):
    """A protocol is a subclass: what it says to begin and to stop, and what its messages mean.

    Messages carry no mark of the answer that they belong to, or none that all servers set. So after
    an answer was called off, all is dropped up to where the server says that it stopped.
    """

    def __init__(self, url: str, headers: Mapping[str, str], trouble: Trouble) -> None:
        self._socket = LiveSocket(url, headers, trouble, self._take)
        self._trouble = trouble
        self._ready = False  # greeted
        self._opening = asyncio.Lock()
        self._turn: LiveTurn[Heard] | None = None
        self._quiet = asyncio.Event()  # nothing of an old answer can come
        self._quiet.set()
        self._stops_by_s = 0.0  # on the loop's clock
        self._sending: set[asyncio.Task[None]] = set()
        self.unasked: Callable[[Offer], None] | None = None
        """Is told of what nobody asked for."""

    @property
    def alive(self) -> bool:
        """As far as is known."""
        return self._socket.is_open and self._ready

    async def open(self) -> None:
        """If it is not; CompanionError if nobody is there, or does not greet back."""
        async with self._opening:
            if self.alive:
                return
            self._ready = False
            self._quiet.set()
            await self._socket.open()
            try:
                async with asyncio.timeout(self._trouble.wait_s):
                    await self.greet()
            except TimeoutError as error:
                await self._socket.close()
                raise self._trouble.unreachable("it does not greet") from error
            self._ready = True

    async def attend(self, turn: LiveTurn[Heard]) -> None:
        """From here on the server's answer is this one's; any other is called off."""
        await asyncio.gather(*self._sending)  # it is told what it was to be told, in order
        if self._turn is not None:
            self._turn.give_way()
            await self.call_off(self._turn)
        try:
            async with asyncio.timeout_at(self._stops_by_s):
                await self._quiet.wait()
        except TimeoutError:
            self._socket.cut()  # it would not hear a farewell either
            await self._socket.close()
        await self.open()
        self._turn = turn

    async def call_off(self, turn: LiveTurn[Heard]) -> None:
        """Nobody listens any more; nothing happens if the answer is over."""
        if turn is self._turn:
            self._turn = None
            self._quiet.clear()
            self._stops_by_s = asyncio.get_running_loop().time() + STOP_S
            await self._socket.send(self.stop())

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._socket.close()

    async def greet(self) -> None:
        """Say hello, and wait until the server has; CompanionError if it won't."""
        raise NotImplementedError

    def stop(self) -> Mapping[str, Any]:
        """What to say to have it stop."""
        raise NotImplementedError

    def take(self, message: Message) -> None:
        """It said something."""
        raise NotImplementedError

    def gone(self) -> None:
        """It hung up."""

    def answered(self, turn: LiveTurn[Heard]) -> None:
        """That was all of an answer."""
        turn.end()
        self._turn = None

    def stopped(self) -> None:
        """Nothing of an answer that was called off comes any more."""
        self._quiet.set()

    def tell(self, message: Mapping[str, Any]) -> None:
        """From where nobody can wait."""
        if len(self._sending) >= MOST_UNSENT:
            self._socket.cut()
            return
        task = asyncio.create_task(self._socket.send(message), name="companion: told")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _take(self, message: Message | None) -> None:
        if message is not None:
            self.take(message)
            return
        self._ready = False
        self._quiet.set()
        self.gone()
        if self._turn is not None:
            self._turn.break_off()
            self._turn = None
