"""The computer's own microphone, open only while it is needed."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

from mynah.audio import Samples
from mynah.audio.sound_card import ComputerSoundCard, SoundCard, Stream, flowing
from mynah.errors import SoundCardError


class ComputerMicrophone:
    """Use it as `async with ComputerMicrophone(hear)`; SoundCardError if there is none."""

    def __init__(
        self, hear: Callable[[Samples | SoundCardError], None], card: SoundCard | None = None
    ) -> None:
        """`hear` is called on the loop: with 20 ms at a time, and once if the card goes."""
        self.overflows = 0
        """How often sound was lost because nobody took it in time."""
        self._hear = hear
        self._card = card or ComputerSoundCard()
        self._stack = contextlib.AsyncExitStack()
        self._closing = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def heard(samples: Samples, lost: bool) -> None:  # noqa: FBT001 - in the card's thread
            loop.call_soon_threadsafe(self._take, samples, lost)

        stream = await self._stack.enter_async_context(self._card.input(heard))
        self._watcher = asyncio.create_task(self._watch(stream), name="computer's microphone")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self._stack.aclose()
        if self._watcher is not None:
            await self._watcher

    def _take(self, samples: Samples, lost: bool) -> None:  # noqa: FBT001 - a callback's
        self.overflows += lost
        self._hear(samples)

    async def _watch(self, stream: Stream) -> None:
        try:
            await flowing(stream, self._closing)
        except SoundCardError as error:
            self._hear(error)
