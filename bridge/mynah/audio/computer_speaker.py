"""The computer's own speaker, for a ring that has none: same buffer, cursors and interruption."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Final

from mynah.audio import Samples
from mynah.audio.card_rate import FRAME_MS
from mynah.audio.computer_reply import LOUDEST, ComputerReply
from mynah.audio.portaudio import LOOK_S
from mynah.audio.sound_card import ComputerSoundCard, SoundCard, Stream
from mynah.audio.speaker import Played
from mynah.errors import SoundCardError

LINGER_S: Final = 2.0
"""A reply soon after another finds the card awake; after that it may sleep."""


class ComputerSpeaker:
    """A Speaker. It opens the card when a reply begins, and what is pushed meanwhile waits."""

    stops_itself: Final = False
    delay_ms: Final = 0.0

    def __init__(
        self,
        listener: Callable[[Played | SoundCardError], None],
        volume: int | None = None,
        card: SoundCard | None = None,
    ) -> None:
        """`listener` is called on the loop; `volume` in percent, None is full."""
        self._listener = listener
        self._card = card or ComputerSoundCard()
        self._loop = asyncio.get_running_loop()
        self._reply = ComputerReply(LOUDEST if volume is None else volume)
        self._lock = threading.Lock()  # around the reply: the card fills in a thread of its own
        self._moved = asyncio.Event()
        self._awaited = False
        self._keeper: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def begin(self, reply: int) -> None:
        with self._lock:
            self._reply.begin(reply)
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="computer's speaker")

    def push(self, reply: int, samples: Samples) -> None:
        with self._lock:
            self._reply.push(reply, samples)

    def go(self, reply: int) -> None:
        with self._lock:
            self._reply.go(reply)

    def finish(self, reply: int) -> None:
        with self._lock:
            self._reply.finish(reply)

    def duck(self, reply: int) -> None:
        with self._lock:
            self._reply.duck(reply)

    def pause(self, reply: int) -> None:
        with self._lock:
            self._reply.pause(reply)

    def resume(self, reply: int) -> None:
        with self._lock:
            self._reply.resume(reply)

    def drop(self, reply: int) -> None:
        with self._lock:
            self._reply.drop(reply)
        self._moved.set()

    def flush(self, reply: int) -> None:
        with self._lock:
            self._reply.flush(reply)
        self._moved.set()

    async def drained(self, queued_ms: int) -> None:
        while self._reply.queued_ms > queued_ms:
            self._moved.clear()
            self._awaited = True
            await self._moved.wait()

    async def close(self) -> None:
        self._closing.set()
        self._forget()
        if self._keeper is not None:
            await self._keeper

    async def _keep(self) -> None:
        """Have the card open while there is a reply, and a little longer."""
        while self._reply.active and not self._closing.is_set():
            try:
                async with self._card.output(self._fill) as stream:
                    await self._watch(stream)
            except SoundCardError as error:
                self._fail(error)

    async def _watch(self, stream: Stream) -> None:
        idle_s = 0.0
        while idle_s < LINGER_S:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LOOK_S)
            if self._closing.is_set():
                return
            idle_s = 0.0 if self._reply.active else idle_s + LOOK_S
            try:
                stream.check()
            except SoundCardError as error:
                self._fail(error)  # at once: a card that hangs takes seconds to be closed
                return

    def _fail(self, error: SoundCardError) -> None:
        told = self._reply.active
        self._forget()
        if told:
            self._listener(error)

    def _forget(self) -> None:
        with self._lock:
            self._reply.forget()
        self._moved.set()

    def _fill(self, pcm: bytearray, in_ms: float) -> None:
        """In the card's thread."""
        heard_ms = self._loop.time() * 1000 + in_ms
        with self._lock:
            queued_ms = self._reply.queued_ms
            self._reply.take(pcm, round(in_ms))
            news = list(self._reply.told(heard_ms + FRAME_MS))
            moved = self._awaited and self._reply.queued_ms < queued_ms
        for played in news:
            self._loop.call_soon_threadsafe(self._listener, played)
        if moved:
            self._loop.call_soon_threadsafe(self._moved.set)
