"""The computer's sound card: what gives and takes 20 ms at a time, at a pace of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol, TypeAlias

from mynah.audio import Samples, portaudio
from mynah.errors import SoundCardError

Fill: TypeAlias = Callable[[bytearray, float], None]
"""`fill(pcm, in_ms)`: the next 20 ms; their first sample is heard in so many ms. In any thread."""

Hear: TypeAlias = Callable[[Samples, bool], None]
"""`hear(samples, lost)`: the next 20 ms; whether some before them were lost. In any thread."""


class Stream(Protocol):
    """Sound that flows."""

    def check(self) -> None:
        """SoundCardError if it flows no more."""


class SoundCard(Protocol):
    """Its two ends, each open while in its context; SoundCardError if there is none."""

    def output(self, fill: Fill) -> AbstractAsyncContextManager[Stream]:
        """The speaker."""

    def input(self, hear: Hear) -> AbstractAsyncContextManager[Stream]:
        """The microphone."""


class ComputerSoundCard:
    """The computer's default speaker and microphone, whatever they are when they are opened."""

    def output(self, fill: Fill) -> AbstractAsyncContextManager[Stream]:
        return _held(partial(portaudio.open_output, fill))

    def input(self, hear: Hear) -> AbstractAsyncContextManager[Stream]:
        return _held(partial(portaudio.open_input, hear))


async def flowing(stream: Stream, stop: asyncio.Event) -> None:
    """Return when `stop` is set; SoundCardError when the stream flows no more."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), portaudio.LOOK_S)
        if not stop.is_set():  # else it may be closed already
            stream.check()


def has_output() -> bool:
    """Whether there is a speaker; the first look takes a tenth of a second, or some with many."""
    return portaudio.has_device(portaudio.OUTPUT)


def has_input() -> bool:
    """Whether there is a microphone; as above."""
    return portaudio.has_device(portaudio.INPUT)


@asynccontextmanager
async def _held(open_stream: Callable[[], portaudio.Stream]) -> AsyncIterator[Stream]:
    """Opened and closed in a thread, since cards take their time; whoever is cancelled, closed."""
    opening = asyncio.ensure_future(asyncio.to_thread(open_stream))
    try:
        stream = await asyncio.shield(opening)
    except asyncio.CancelledError:
        with contextlib.suppress(SoundCardError):
            await asyncio.to_thread((await opening).close)
        raise
    try:
        yield stream
    finally:
        await asyncio.shield(asyncio.to_thread(stream.close))
