"""Speaking: words in, sound out, piece by piece."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.resample import Resampler
from mynah.errors import ModelError
from mynah.speech.messages import Message
from mynah.speech.plain import plain_text
from mynah.speech.reading import CHINESE, sayable
from mynah.speech.voices import language_of_voice, such_as
from mynah.speech.worker import Worker

PIECE_DEADLINE_S: Final = 30.0
"""For one sentence: Piper takes a tenth of its length."""

LONGEST_PIECE_CHARACTERS: Final = 400
"""Half a minute of speech, 3 s of work: nothing can be heard or cancelled before it is done."""

THREADS: Final = 2
"""A first clause takes 56 ms instead of 88 on two idle cores, 86 instead of 95 beside a busy one,
for a sixth more work; the loop is late by 1 ms at p95, 4 at most, which one thread makes it too."""

PIECE: Final = SPEECH_HZ // 2
"""Of sound; changing its rate takes 0.2 ms. For more at once the radio would have to wait."""


class Voice(Protocol):
    """Speaks one reply: 16 kHz mono, each clause beginning with its first sound.

    There is nothing to close: a reply that nobody wants any more is simply forgotten.
    """

    def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        """The next clause. Closing the generator cancels the rest of it."""


class Synthesizer(Protocol):
    """Turns text into sound."""

    async def start(self) -> None:
        """Load what is needed; the first clause is then as fast as the next."""

    def reply(self) -> Voice:
        """A voice for one reply; another may begin before this one has ended."""

    def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        """As a reply of one clause: 16 kHz mono, beginning with the first sound."""

    async def stop(self) -> None:
        """Free what `start` took."""


class PiperSynthesizer:
    """Piper in a process of its own, which its licence asks for as well."""

    def __init__(self, model: Path, *, threads: int = THREADS) -> None:
        file = voice_file(model)
        self._name, self._language = file.stem, language_of_voice(file)
        command = ["mynah.speech.piper_worker", str(file), "--threads", str(threads)]
        self._worker = Worker.of_module("piper", *command)

    @property
    def pid(self) -> int | None:
        """Its process, if there is one just now."""
        return self._worker.pid

    async def start(self) -> None:
        Resampler(SPEECH_HZ, SPEECH_HZ)  # loads its library, for which no reply should wait
        await self._worker.start()

    def reply(self) -> Voice:
        return _PiperVoice(self._worker, self._name, self._language)

    def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        return self.reply().speak(text)

    async def stop(self) -> None:
        await self._worker.stop()


class _PiperVoice:
    """The filter that joins the clauses is here: the worker keeps nothing of a reply."""

    def __init__(self, worker: Worker, name: str, language: str) -> None:
        self._worker = worker
        self._name = name
        self._language = language
        self._resampler: Resampler | None = None

    async def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        """ModelError if a reply begins with what the voice can't say; later that is left out."""
        foreign = has_words(text) and not has_words(sayable(text, self._language))
        if foreign and self._resampler is None:
            raise ModelError(
                f"the voice {self._name} can't say Chinese or Japanese; set speaking.voice to a "
                f"Piper voice of that language{such_as(CHINESE)}"
            )
        payload = b"" if foreign else "\n".join(pieces(text)).encode()
        if not payload:
            return
        replies = self._worker.stream({}, payload, deadline_s=PIECE_DEADLINE_S)
        async with aclosing(replies):
            async for reply in replies:
                for sound in self._resampled(reply):
                    yield sound

    def _resampled(self, reply: Message) -> Iterator[Samples]:
        """What the filter holds back at the end of a clause is some of its pause."""
        if self._resampler is None:
            self._resampler = Resampler(reply.fields["rate_hz"], SPEECH_HZ)
        sound = np.frombuffer(reply.payload, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
        for start in range(0, len(sound), PIECE):
            yield self._resampler.push(sound[start : start + PIECE])


class ToneSynthesizer:
    """A tone of 60 ms a letter instead of words, in pieces of at most 200 ms."""

    TONE_HZ: Final = 440
    LOUDNESS: Final = 0.3
    LETTER_MS: Final = 60
    PIECE_MS: Final = 200

    async def start(self) -> None:
        pass

    def reply(self) -> Voice:
        return self

    async def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        letters = sum(letter.isalnum() for letter in text)
        times = np.arange(letters * self.LETTER_MS * SPEECH_HZ // 1000) / SPEECH_HZ
        wave = self.LOUDNESS * FULL_SCALE * np.sin(2 * np.pi * self.TONE_HZ * times)
        length = self.PIECE_MS * SPEECH_HZ // 1000
        for start in range(0, len(wave), length):
            yield wave[start : start + length].astype(np.int16)

    async def stop(self) -> None:
        pass


def voice_file(model: Path) -> Path:
    """The .onnx file itself, or the only one in its folder."""
    voices = sorted(model.glob("*.onnx")) if model.is_dir() else [model]
    if len(voices) != 1:
        raise ModelError(f"{model} holds {len(voices)} .onnx voices; name the file of one")
    if not Path(f"{voices[0]}.json").is_file():
        raise ModelError(f"{voices[0]} has no {voices[0].name}.json beside it; get that too")
    return voices[0]


def pieces(text: str) -> Iterator[str]:
    """What can be read of the text, cut at spaces where it is long."""
    text = plain_text(text)
    while len(text) > LONGEST_PIECE_CHARACTERS:
        cut = text.rfind(" ", 0, LONGEST_PIECE_CHARACTERS + 1)
        cut = cut if cut > 0 else LONGEST_PIECE_CHARACTERS
        yield text[:cut]
        text = text[cut:].lstrip()
    if has_words(text):
        yield text


def has_words(text: str) -> bool:
    """Whether there is anything to say in it."""
    return any(letter.isalnum() for letter in text)
