"""A sound card without a sound: exact to the sample, in the loop's own time, virtual or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.card_rate import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES
from mynah.audio.sound_card import Fill, Hear, Stream
from mynah.errors import SoundCardError

BUFFER_MS: Final = 60
"""From being asked for to being heard, as with a good driver."""

FRAME_S: Final = FRAME_MS / 1000


class _FakeStream:
    def __init__(self, card: "FakeSoundCard") -> None:
        self._card = card

    def check(self) -> None:
        self._card.check()


class FakeSoundCard:
    """Remembers what it played and when, and hears what it is given."""

    def __init__(self, opening_s: float = 0.0) -> None:
        """`opening_s` is what it takes to wake."""
        self.plugged_in = True
        self.opened = 0
        """How often."""
        self.ends = 0
        """That are open."""
        self.hears: Samples = np.zeros(0, np.int16)
        """What sounds at its microphone each time that it is opened; then silence."""
        self._opening_s = opening_s
        self._played: list[tuple[float, bytes]] = []

    def check(self) -> None:
        """SoundCardError if it was pulled out."""
        if not self.plugged_in:
            raise SoundCardError("the sound card is gone: plug it in again")

    def heard(self, start_ms: float, end_ms: float) -> Samples:
        """What its speaker gave between two moments of the loop's clock."""
        sound = np.zeros(round((end_ms - start_ms) * SPEECH_HZ / 1000), np.int16)
        for at_ms, pcm in self._played:
            first = round((at_ms - start_ms) * SPEECH_HZ / 1000)
            frame = np.frombuffer(pcm, "<i2")[max(0, -first) :]
            room = sound[max(0, first) : max(0, first) + len(frame)]
            room[:] = frame[: len(room)]
        return sound

    @asynccontextmanager
    async def output(self, fill: Fill) -> AsyncIterator[Stream]:
        async with self._running(self._player(fill)) as stream:
            yield stream

    @asynccontextmanager
    async def input(self, hear: Hear) -> AsyncIterator[Stream]:
        async with self._running(self._listener(hear)) as stream:
            yield stream

    @asynccontextmanager
    async def _running(self, step: Callable[[float], None]) -> AsyncIterator[Stream]:
        await asyncio.sleep(self._opening_s)
        self.check()
        self.opened += 1
        self.ends += 1
        task = asyncio.create_task(self._run(step), name="fake sound card")
        try:
            yield _FakeStream(self)
        finally:
            self.ends -= 1
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, step: Callable[[float], None]) -> None:
        due_s = asyncio.get_running_loop().time()
        while self.plugged_in:
            step(due_s * 1000)
            due_s += FRAME_S
            await asyncio.sleep(due_s - asyncio.get_running_loop().time())

    def _player(self, fill: Fill) -> Callable[[float], None]:
        def play(now_ms: float) -> None:
            pcm = bytearray(FRAME_BYTES)
            late_ms = asyncio.get_running_loop().time() * 1000 - now_ms
            fill(pcm, BUFFER_MS - late_ms)
            self._played.append((now_ms + BUFFER_MS, bytes(pcm)))

        return play

    def _listener(self, hear: Hear) -> Callable[[float], None]:
        position = 0

        def listen(_now_ms: float) -> None:
            nonlocal position
            samples = np.zeros(FRAME_SAMPLES, np.int16)
            heard = self.hears[position : position + FRAME_SAMPLES]
            samples[: len(heard)] = heard
            position += FRAME_SAMPLES
            hear(samples, False)

        return listen
