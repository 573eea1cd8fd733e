"""wyoming-faster-whisper as ears: our sound to its server, its words to us."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.bench.wyoming_server import Address, WyomingServer
from mynah.errors import WorkerError
from mynah.speech.asr import PATIENCE_MS, Transcript

MODULE: Final = "wyoming_faster_whisper"

CHUNK: Final = SPEECH_HZ
"""One second an event; in 64 ms, as satellites send it, an utterance took no longer."""

_WIDTH_BYTES: Final = 2
_WARM_UP_S: Final = 2


def options(model: Path, language: str | None) -> list[str]:
    """How it is started: with our model in int8, as we run it, and its own defaults else.

    In float32, its default for this model, it took 1.4 times as long. Its default of four threads
    is what its users get: on two cores, two threads took 0.85 of their time.
    """
    return [
        *("--stt-library", "faster-whisper", "--model", str(model), "--data-dir", str(model)),
        *("--local-files-only", "--language", language or "auto", "--compute-type", "int8"),
    ]


class WyomingTranscriber:
    """Sends what was said when it is over, since its server begins only then.

    Sent ahead, as a satellite does it, 20 clips were ready no sooner: 400 ms after the end, and 386
    sent whole.
    """

    def __init__(self, server: WyomingServer | Address, language: str | None = "en") -> None:
        """A server to start, or one that runs."""
        self._server = server
        self._language = language
        self._address = server if isinstance(server, Address) else None

    async def start(self) -> None:
        if self._address is None and isinstance(self._server, WyomingServer):
            self._address = await self._server.start()
        # Its first decode is slower than the next.
        await self.transcribe(np.zeros(_WARM_UP_S * SPEECH_HZ, np.int16))

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        """Its protocol has no hurry and no certainty; an utterance that is empty gets no words."""
        del patience_ms
        from wyoming.asr import Transcribe
        from wyoming.asr import Transcript as Event
        from wyoming.audio import AudioChunk, AudioStart, AudioStop

        if self._address is None:
            raise WorkerError(f"{MODULE} was not started")
        sound, language = samples.astype("<i2").tobytes(), self._language
        form = (SPEECH_HZ, _WIDTH_BYTES, 1)
        step = CHUNK * _WIDTH_BYTES
        try:
            async with self._address.client() as client:
                await client.write_event(Transcribe(language=language).event())
                await client.write_event(AudioStart(*form).event())
                for begin in range(0, len(sound), step):
                    chunk = AudioChunk(*form, sound[begin : begin + step])
                    await client.write_event(chunk.event())
                await client.write_event(AudioStop().event())
                while (event := await client.read_event()) is not None:
                    if Event.is_type(event.type):
                        heard = " ".join(Event.from_event(event).text.split())
                        return _transcript(heard, language, len(samples) / SPEECH_HZ)
        except (OSError, TimeoutError) as error:
            raise WorkerError(f"{MODULE} did not answer: {error!r}") from error
        raise WorkerError(f"{MODULE} hung up without an answer")

    async def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        yield await self.transcribe(samples, patience_ms=patience_ms)

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        """It hears whole turns alone."""

    async def stop(self) -> None:
        if isinstance(self._server, WyomingServer):
            self._address = None
            await self._server.stop()


def _transcript(text: str, language: str | None, seconds: float) -> Transcript:
    return Transcript(text, language or "", 0.0, 0.0 if text else 1.0, seconds)
