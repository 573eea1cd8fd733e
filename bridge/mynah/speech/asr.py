"""Hearing: sound in, words out."""

import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from mynah.audio import SPEECH_HZ, Samples
from mynah.errors import WorkerError
from mynah.speech.rolling import Rolling
from mynah.speech.sharing import Sharing
from mynah.speech.worker import Worker

WINDOW_DEADLINE_S: Final = 60.0
"""For 15 s of sound: tiny.en takes 0.25 s, a large model on two slow cores half a minute."""

THREADS: Final = 1
"""Two are no faster on short sound, and leave no core for the radio and the voice."""

BEAMS: Final = 5
"""Of the careful decode: as fast as one, since the encoder's 30 s take nine tenths of it."""

PATIENCE_MS: Final = 500.0
"""How late a better text may still be. tiny.en has one within 400 ms; `base` takes 900."""

LONG: Final = 30 * SPEECH_HZ
"""Of sound: it takes tiny.en half a second, for which another wearer should not have to wait."""


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
    unsure: bool = False
    """A careful decode may find better words: worth its time, if there is any."""
    cost_ms: float = 0.0
    """What it took to compute, so far."""
    full_stop: float | None = None
    """How likely a sentence ends after the words; None where they had to be heard with care."""
    end_probability: float | None = None
    """That the turn is over, as smart-turn hears it, where it is installed and through."""


_logger = logging.getLogger(__name__)


class Transcriber(Protocol):
    """Turns an utterance into words."""

    async def start(self) -> None:
        """Load what is needed; the first utterance is then as fast as the next."""

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        """The words in 16 kHz mono sound of any length.

        Where they are unsure, better ones if those take no longer than `patience_ms`; with 0 the
        first words that come, as a guess while the speaker may go on needs no more.
        """

    def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        """The same: the first words that come, then better ones; at least one transcript."""

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        """The words so far of a turn that is still being spoken; None if it is not the time.

        To be called as often as one likes, with all of the turn's sound. It never delays
        `transcribe`, which overtakes it. Without captions it only works ahead on a long turn.
        """

    async def stop(self) -> None:
        """Free what `start` took."""


class WhisperTranscriber:
    """Whisper in a process of its own; a language of None is detected once in each utterance."""

    def __init__(
        self,
        model: Path,
        *,
        language: str | None = "en",
        threads: int = THREADS,
        beams: int = BEAMS,
        smart_turn: Path | None = None,
    ) -> None:
        self._language = language or ""
        options = ["--threads", str(threads), "--beams", str(beams), "--language", self._language]
        options += ["--smart-turn", str(smart_turn)] if smart_turn else []
        self._worker = Worker.of_module("whisper", "mynah.speech.asr_worker", str(model), *options)
        self._sharing = Sharing()
        self._rolling = Rolling()

    @property
    def pid(self) -> int | None:
        """Its process, if there is one just now."""
        return self._worker.pid

    @property
    def busy(self) -> bool:
        """Whether a decode is asked for: a guess that could wait is then better left out."""
        return self._sharing.asked > 0

    def beside(self) -> "WhisperTranscriber":
        """Another wearer's, on the same process: neither waits for what the other can spare."""
        other = copy(self)
        other._rolling = Rolling()  # noqa: SLF001 - it is one of us
        self._sharing.wearers += 1
        return other

    async def start(self) -> None:
        await self._worker.start()

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        async with aclosing(self.versions(samples, patience_ms=patience_ms)) as versions:
            return [version async for version in versions][-1]

    async def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        """The first words, then better ones as they come; closing it gives those up.

        With smart-turn the first words come again with `end_probability`, before better ones.
        The same sound with more behind it costs what was added, so that a long turn can be heard
        while it is spoken.
        """
        self._sharing.overtake()
        self._rolling.asked(len(samples))
        if self._sharing.asked and self._sharing.wearers > 1:
            patience_ms = 0.0  # somebody else waits for their first words
        self._sharing.asked += 1
        try:
            if len(samples) > LONG and self._sharing.wearers > 1:
                await self._work_ahead(samples)
            heard = self._hear(samples, {"patience_ms": patience_ms})
            async with aclosing(heard):
                async for version in heard:
                    yield version
        finally:
            self._sharing.asked -= 1

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        """Where a decode fails there is no caption; `transcribe` will say why."""
        busy = self.busy or self._sharing.following
        if not self._rolling.due(len(samples), busy=busy):
            return None
        self._rolling.asked(len(samples))
        return await self._sharing.follow(self._ahead(samples, captions=captions))

    async def overhear(self, samples: Samples) -> None:
        """Look for voice in what was said so far: 4 ms less for what follows, and no words."""
        sound = samples.astype("<i2").tobytes()
        await self._worker.ask({"voice_only": True}, sound, deadline_s=WINDOW_DEADLINE_S)

    async def stop(self) -> None:
        await self._worker.stop()

    async def _work_ahead(self, samples: Samples) -> None:
        """All but the end of a long sound, so that others can overtake it as often as they like."""
        overtaken = True
        while overtaken:
            before = self._sharing.overtaken
            await self._sharing.follow(self._ahead(samples, captions=False))
            overtaken = self._sharing.overtaken != before

    async def _ahead(self, samples: Samples, *, captions: bool) -> Transcript | None:
        asked = {"follow": True, "captions": captions}
        try:
            async with aclosing(self._hear(samples, asked)) as heard:
                versions = [version async for version in heard]
        except WorkerError as error:
            _logger.debug("a rolling decode failed: %s", error)
            return None
        self._rolling.cost(versions[-1].cost_ms)
        return versions[-1] if captions and versions[-1].text else None

    async def _hear(
        self, samples: Samples, asked: Mapping[str, Any]
    ) -> AsyncGenerator[Transcript, None]:
        windows: dict[int, Mapping[str, Any]] = {}
        ended: float | None = None
        seconds = len(samples) / SPEECH_HZ
        sound = samples.astype("<i2").tobytes()
        replies = self._worker.stream(asked, sound, deadline_s=WINDOW_DEADLINE_S)
        async with aclosing(replies):
            async for reply in replies:
                ended = reply.fields.get("end_probability", ended)
                if "window" in reply.fields:
                    windows[reply.fields["window"]] = reply.fields
                if len(windows) == reply.fields["windows"]:
                    yield replace(self._join(windows, seconds), end_probability=ended)
        if not windows:
            yield Transcript("", self._language, 0.0, 1.0, seconds)

    def _join(self, windows: Mapping[int, Mapping[str, Any]], seconds: float) -> Transcript:
        """One transcript of all windows; the figures are means by length."""
        fields = [windows[number] for number in sorted(windows)]
        heard = sum(each["seconds"] for each in fields)
        text = " ".join(each["text"] for each in fields if each["text"])
        cost_ms = max(each["cost_ms"] for each in fields)
        if not text:
            return Transcript("", fields[0]["language"], 0.0, 1.0, seconds, cost_ms=cost_ms)
        return Transcript(
            text,
            fields[0]["language"],
            sum(each["log_probability"] * each["seconds"] for each in fields) / heard,
            sum(each["no_speech"] * each["seconds"] for each in fields) / heard,
            seconds,
            unsure=any(each["unsure"] for each in fields),
            cost_ms=cost_ms,
            full_stop=fields[-1]["full_stop"],
        )


class ScriptedTranscriber:
    """Hears what it was told to hear, in order, whatever the sound; then nothing."""

    def __init__(self, texts: Iterable[str], language: str = "en") -> None:
        self._texts = iter(texts)
        self._language = language
        self.heard: list[Samples] = []

    async def start(self) -> None:
        pass

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        del patience_ms
        self.heard.append(samples)
        text = next(self._texts, "")
        no_speech = 0.0 if text else 1.0
        return Transcript(text, self._language, 0.0, no_speech, len(samples) / SPEECH_HZ)

    async def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        del patience_ms
        yield await self.transcribe(samples)

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        """It hears whole turns alone."""

    async def stop(self) -> None:
        pass
