"""What is made of a request to hear: windows, two decodes, guards, what was known before."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.speech.aside import Aside
from mynah.speech.child import Reply
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

Key = tuple[str, bytes]
"""A language, and what tells a sound from others."""

KEY_BYTES: Final = 16
"""Of a hash: no two sounds of a lifetime share it. The sounds themselves are up to 1 MB each, and
32 of them, each coming and going at its own time, would tear holes in the heap."""

FORGETTING: Final = 0.9
"""A decode that was slow once, beside another program, is thought half as slow after 7 refusals."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a window became."""

    heard: "Heard"
    careful: bool
    """From the careful decode: it is not tried again."""


@dataclass(frozen=True, slots=True)
class Window:
    """Sound to decode."""

    number: int
    sound: Sound
    speech_s: float
    complete: bool
    """More sound does not change it."""


class Listener:
    """Answers requests; `clock_ms` is read before and after each decode."""

    def __init__(
        self,
        decoder: "Decoder",
        language: str,
        probabilities: Callable[[Samples], Probabilities],
        clock_ms: Callable[[], float] = lambda: 1000 * time.perf_counter(),
        overtaken: Callable[[], bool] = lambda: False,
        end_probability: Callable[[Samples], float] | None = None,
    ) -> None:
        """`overtaken`: nobody wants the answer in hand; `end_probability` hears turns end."""
        self._decoder = decoder
        self._language = language
        self._probabilities = probabilities
        self._clock_ms = clock_ms
        self._end_probability = end_probability
        self._aside: Aside[Text] = Aside(overtaken)
        self._kept: OrderedDict[Key, Text] = OrderedDict()
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
        probabilities = self._probabilities(samples)
        if request.fields.get("voice_only"):
            return
        found = list(_windows(samples, probabilities))
        if request.fields.get("follow"):
            yield from self._follow(found, began_ms, captions=request.fields["captions"])
            return
        language = self._language
        texts: list[tuple[Window, Text]] = []
        for window in found:
            text = self._known(window, language) or self._first(window, language)
            self._keep(window, language, text)
            language = language or text.heard.language  # once a turn
            texts.append((window, text))
        for window, text in texts:
            yield self._reply(window, text, began_ms, len(texts))
        if texts and self._end_probability is not None:
            yield {"end_probability": self._end_probability(samples), "windows": len(texts)}, b""
        deadline_ms = began_ms + request.fields.get("patience_ms", 0.0)
        for window, text in texts:
            if text.careful or text.heard.average >= UNSURE or not self._in_time(deadline_ms):
                continue
            heard = self._careful(window.sound, language)
            better = Text(replace(heard, full_stop=text.heard.full_stop), careful=True)
            self._keep(window, language, better)
            yield self._reply(window, better, began_ms, len(texts))

    def _follow(self, found: list[Window], began_ms: float, *, captions: bool) -> Iterator[Reply]:
        """What is complete is kept, for the pause; what is not is a caption, and forgotten."""
        language = self._language
        texts: list[tuple[Window, Text]] = []
        for window in found:
            if not (window.complete or captions):
                return
            text = self._kept.get(_key(window, language)) or self._ahead(window, language)
            if text is None:
                return
            if window.complete:
                self._keep(window, language, text)
            language = language or text.heard.language
            texts.append((window, text))
        for window, text in texts:
            yield self._reply(window, text, began_ms, len(texts))

    def _ahead(self, window: Window, language: str) -> Text | None:
        if window.complete:
            key = _key(window, language)
            return self._aside.run(key, lambda: self._first(window, language))
        quick = partial(self._decoder.spliced, window.sound, language)
        return self._aside.run(None, lambda: Text(quick(), careful=False))

    def _in_time(self, deadline_ms: float) -> bool:
        """Whether a careful decode would be done by then; one slow one is not held against all."""
        left_ms = deadline_ms - self._clock_ms()
        if 0 < left_ms < self._careful_ms:
            self._careful_ms *= FORGETTING
            return False
        return left_ms >= self._careful_ms

    def _known(self, window: Window, language: str) -> Text | None:
        key = _key(window, language)
        return self._kept.get(key) or self._aside.left_behind(key)

    def _first(self, window: Window, language: str) -> Text:
        heard = self._decoder.spliced(window.sound, language)
        careful = goes_round(heard.text) or is_thin(heard.tokens, window.speech_s)
        if careful and not is_invented(heard.text, heard.average, heard.no_speech):
            heard = self._careful(window.sound, heard.language)
        return Text(heard, careful)

    def _careful(self, sound: Sound, language: str) -> "Heard":
        began_ms = self._clock_ms()
        heard = self._decoder.whole(sound, language)
        self._careful_ms = self._clock_ms() - began_ms
        return heard

    def _keep(self, window: Window, language: str, text: Text) -> None:
        key = _key(window, language)
        self._kept[key] = text
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_WINDOWS:
            self._kept.popitem(last=False)

    def _reply(self, window: Window, text: Text, began_ms: float, windows_in_all: int) -> Reply:
        heard = text.heard
        invented = is_invented(heard.text, heard.average, heard.no_speech)
        fields = {
            "window": window.number,
            "windows": windows_in_all,
            "text": "" if invented else unrolled(heard.text),
            "language": heard.language,
            "log_probability": heard.average,
            "no_speech": heard.no_speech,
            "full_stop": heard.full_stop,
            "seconds": len(window.sound) / SPEECH_HZ,
            "unsure": not text.careful and heard.average < UNSURE,
            "cost_ms": self._clock_ms() - began_ms,
        }
        return fields, b""


def _windows(samples: Samples, probabilities: Probabilities) -> Iterator[Window]:
    spans = windows(probabilities)
    for number, (start, end) in enumerate(spans):
        frames = probabilities[start // FRAME_SAMPLES : -(-end // FRAME_SAMPLES)]
        speech = int(np.count_nonzero(frames >= SPEECH_PROBABILITY))
        if speech < LEAST_SPEECH_FRAMES:
            continue
        sound = np.divide(samples[start:end], FULL_SCALE, dtype=np.float32)
        yield Window(number, sound, speech * FRAME_SAMPLES / SPEECH_HZ, number < len(spans) - 1)


def _key(window: Window, language: str) -> Key:
    return language, hashlib.blake2b(window.sound.data, digest_size=KEY_BYTES).digest()
