"""The Whisper worker: `python -m mynah.speech.asr_worker MODEL`. Replies for each window.

The first reply for a window is its text; a second one, if there is time and need, a better text.
"""

import argparse
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.speech.child import ChildPipe, Reply
from mynah.speech.growing import GrowingVad
from mynah.speech.guards import (
    LEAST_SPEECH_FRAMES,
    UNSURE,
    goes_round,
    is_invented,
    is_thin,
    unrolled,
)
from mynah.speech.messages import Message
from mynah.speech.splice import Sound
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY, Probabilities
from mynah.speech.windows import windows

if TYPE_CHECKING:
    from mynah.speech.whisper import Decoder, Heard

KEPT_WINDOWS: Final = 32
"""Of a long turn that is decoded while it grows, only the last window is new; this is 3 min."""

FORGETTING: Final = 0.9
"""A decode that was slow once, beside another program, is thought half as slow after 7 refusals."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a window became."""

    heard: "Heard"
    careful: bool
    """From the careful decode: it is not tried again."""


class Listener:
    """Answers requests; `clock_ms` is read before and after each decode."""

    def __init__(
        self,
        decoder: "Decoder",
        language: str,
        probabilities: Callable[[Samples], Probabilities],
        clock_ms: Callable[[], float] = lambda: 1000 * time.perf_counter(),
    ) -> None:
        self._decoder = decoder
        self._language = language
        self._probabilities = probabilities
        self._clock_ms = clock_ms
        self._kept: OrderedDict[tuple[str, bytes], Text] = OrderedDict()
        self._careful_ms = 0.0

    def warm_up(self) -> None:
        """The first decode of each kind is slow; the careful one tells what one takes."""
        second = np.zeros(SPEECH_HZ, np.float32)
        self._decoder.spliced(second, self._language)
        self._careful(second, self._language)

    def answer(self, request: Message) -> Iterator[Reply]:
        """Silence has no windows, so that Whisper is never asked to invent words for it."""
        samples = np.frombuffer(request.payload, "<i2")
        began_ms = self._clock_ms()
        deadline_ms = began_ms + request.fields.get("patience_ms", 0.0)
        probabilities = self._probabilities(samples)
        if request.fields.get("voice_only"):
            return
        language = self._language
        texts: list[tuple[int, Sound, Text]] = []
        for number, (start, end) in enumerate(windows(probabilities)):
            frames = probabilities[start // FRAME_SAMPLES : -(-end // FRAME_SAMPLES)]
            speech = int(np.count_nonzero(frames >= SPEECH_PROBABILITY))
            if speech < LEAST_SPEECH_FRAMES:
                continue
            sound = np.divide(samples[start:end], FULL_SCALE, dtype=np.float32)
            text = self._first(sound, language, speech * FRAME_SAMPLES / SPEECH_HZ)
            language = language or text.heard.language  # once a turn
            texts.append((number, sound, text))
        for number, sound, text in texts:
            yield self._reply(number, sound, text, began_ms, len(texts))
        for number, sound, text in texts:
            if text.careful or text.heard.average >= UNSURE or not self._in_time(deadline_ms):
                continue
            better = self._keep(sound, language, Text(self._careful(sound, language), careful=True))
            yield self._reply(number, sound, better, began_ms, len(texts))

    def _in_time(self, deadline_ms: float) -> bool:
        """Whether a careful decode would be done by then; one slow one is not held against all."""
        left_ms = deadline_ms - self._clock_ms()
        if 0 < left_ms < self._careful_ms:
            self._careful_ms *= FORGETTING
            return False
        return left_ms >= self._careful_ms

    def _first(self, sound: Sound, language: str, speech_s: float) -> Text:
        kept = self._kept.get((language, sound.tobytes()))
        if kept is not None:
            return kept
        heard = self._decoder.spliced(sound, language)
        careful = goes_round(heard.text) or is_thin(heard.tokens, speech_s)
        if careful and not is_invented(heard.text, heard.average, heard.no_speech):
            heard = self._careful(sound, heard.language)
        return self._keep(sound, language, Text(heard, careful))

    def _careful(self, sound: Sound, language: str) -> "Heard":
        began_ms = self._clock_ms()
        heard = self._decoder.whole(sound, language)
        self._careful_ms = self._clock_ms() - began_ms
        return heard

    def _keep(self, sound: Sound, language: str, text: Text) -> Text:
        self._kept[language, sound.tobytes()] = text
        while len(self._kept) > KEPT_WINDOWS:
            self._kept.popitem(last=False)
        return text

    def _reply(
        self, number: int, sound: Sound, text: Text, began_ms: float, windows_in_all: int
    ) -> Reply:
        heard = text.heard
        invented = is_invented(heard.text, heard.average, heard.no_speech)
        fields = {
            "window": number,
            "windows": windows_in_all,
            "text": "" if invented else unrolled(heard.text),
            "language": heard.language,
            "log_probability": heard.average,
            "no_speech": heard.no_speech,
            "seconds": len(sound) / SPEECH_HZ,
            "unsure": not text.careful and heard.average < UNSURE,
            "cost_ms": self._clock_ms() - began_ms,
        }
        return fields, b""


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beams", type=int, default=1)
    options = parser.parse_args()
    pipe = ChildPipe()
    from mynah.speech.whisper import Whisper  # 1.5 s of imports: after the pipe is ours

    whisper = Whisper(options.model, threads=options.threads, beams=options.beams)
    language = _known(options.language, whisper.languages, options.model.name)
    listener = Listener(whisper, language, GrowingVad().probabilities)
    listener.warm_up()
    pipe.serve(listener.answer)


def _known(language: str, known: frozenset[str], model: str) -> str:
    """The language to hear; "" to detect it."""
    if language and language not in known:
        tongues = "English alone" if known == {"en"} else "en, de, zh and their like"
        raise ValueError(
            f"{model} knows {tongues}, and hearing.language is {language!r}; "
            "set it, or hearing.model"
        )
    return "en" if known == {"en"} else language


if __name__ == "__main__":
    main()
