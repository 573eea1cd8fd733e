"""Hearing: sound in, words out."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from mynah.audio import SPEECH_HZ, Samples
from mynah.speech.messages import Message
from mynah.speech.worker import Worker

WINDOW_DEADLINE_S: Final = 60.0
"""For 28 s of sound: tiny.en takes 0.4 s, a large model on two slow cores half a minute."""

THREADS: Final = 1
"""Two are 10 % faster (355 ms against 395), and leave no core for the radio and the voice."""

BEAMS: Final = 5
"""Over 43 recordings as fast as one beam: the encoder's fixed 30 s window takes nine tenths."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard; `text` is empty if nobody spoke."""

    text: str
    language: str
    """As Whisper names it: en, de, zh …"""
    average_log_probability: float
    """Of the tokens: 0 is certain, below -1 is a guess."""
    no_speech_probability: float
    seconds: float
    """How long the sound was."""


class Transcriber(Protocol):
    """Turns an utterance into words."""

    async def start(self) -> None:
        """Load what is needed; the first utterance is then as fast as the next."""

    async def transcribe(self, samples: Samples) -> Transcript:
        """The words in 16 kHz mono sound of any length."""

    async def stop(self) -> None:
        """Free what `start` took."""


class WhisperTranscriber:
    """faster-whisper in a process of its own; a language of None is detected in each utterance."""

    def __init__(
        self,
        model: Path,
        *,
        language: str | None = "en",
        threads: int = THREADS,
        beams: int = BEAMS,
    ) -> None:
        self._language = language or ""
        options = ["--threads", str(threads), "--beams", str(beams), "--language", self._language]
        self._worker = Worker.of_module("whisper", "mynah.speech.asr_worker", str(model), *options)

    async def start(self) -> None:
        await self._worker.start()

    async def transcribe(self, samples: Samples) -> Transcript:
        sound = samples.astype("<i2").tobytes()
        windows = await self._worker.ask({}, sound, deadline_s=WINDOW_DEADLINE_S)
        return self._join(windows, len(samples) / SPEECH_HZ)

    async def stop(self) -> None:
        await self._worker.stop()

    def _join(self, windows: list[Message], seconds: float) -> Transcript:
        """One transcript of all windows; the figures are means by length."""
        fields = [window.fields for window in windows]
        text = " ".join(each["text"] for each in fields if each["text"])
        if not text:
            return Transcript("", self._language, 0.0, 1.0, seconds)
        heard = sum(each["seconds"] for each in fields)
        return Transcript(
            text,
            fields[0]["language"],
            sum(each["log_probability"] * each["seconds"] for each in fields) / heard,
            sum(each["no_speech"] * each["seconds"] for each in fields) / heard,
            seconds,
        )


class ScriptedTranscriber:
    """Hears what it was told to hear, in order, whatever the sound; then nothing."""

    def __init__(self, texts: Iterable[str], language: str = "en") -> None:
        self._texts = iter(texts)
        self._language = language
        self.heard: list[Samples] = []

    async def start(self) -> None:
        pass

    async def transcribe(self, samples: Samples) -> Transcript:
        self.heard.append(samples)
        text = next(self._texts, "")
        no_speech = 0.0 if text else 1.0
        return Transcript(text, self._language, 0.0, no_speech, len(samples) / SPEECH_HZ)

    async def stop(self) -> None:
        pass
