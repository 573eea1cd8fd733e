"""wyoming-piper as a voice: our clauses to its server, its sound to us, at our rate."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.resample import Resampler
from mynah.bench.wyoming_server import Address, WyomingServer
from mynah.errors import WorkerError
from mynah.speech.tts import Voice, voice_file

MODULE: Final = "wyoming_piper"
_WARM_UP: Final = "Hello, how are you?"


def options(voice: Path) -> list[str]:
    """How it is started: with our voice, and its own defaults else."""
    file = voice_file(voice)
    return ["--voice", file.stem, "--data-dir", str(file.parent)]


class WyomingSynthesizer:
    """A connection for each clause, as Home Assistant makes one for each answer."""

    def __init__(self, server: WyomingServer | Address) -> None:
        """A server to start, or one that runs."""
        self._server = server
        self._address = server if isinstance(server, Address) else None

    async def start(self) -> None:
        if self._address is None and isinstance(self._server, WyomingServer):
            self._address = await self._server.start()
        async for _ in self.speak(_WARM_UP):  # it loads its voice for the first words
            pass

    def reply(self) -> Voice:
        return self

    async def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        from wyoming.audio import AudioChunk, AudioStop
        from wyoming.error import Error
        from wyoming.tts import Synthesize

        if self._address is None:
            raise WorkerError(f"{MODULE} was not started")
        resampler = None
        try:
            async with self._address.client() as client:
                await client.write_event(Synthesize(text).event())
                while (event := await client.read_event()) is not None:
                    if Error.is_type(event.type):
                        raise WorkerError(f"{MODULE}: {Error.from_event(event).text}")
                    if AudioStop.is_type(event.type):
                        if resampler is not None:
                            yield resampler.finish()
                        return
                    if AudioChunk.is_type(event.type):
                        chunk = AudioChunk.from_event(event)
                        resampler = resampler or Resampler(chunk.rate, SPEECH_HZ)
                        yield resampler.push(_sound(chunk.audio))
        except (OSError, TimeoutError) as error:
            raise WorkerError(f"{MODULE} did not answer: {error!r}") from error
        raise WorkerError(f"{MODULE} hung up in the middle of a clause")

    async def stop(self) -> None:
        if isinstance(self._server, WyomingServer):
            self._address = None
            await self._server.stop()


def _sound(audio: bytes) -> NDArray[np.float32]:
    return np.frombuffer(audio, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
