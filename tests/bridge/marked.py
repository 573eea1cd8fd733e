"""Words that ears tell apart by their tone, and a voice whose replies the sound itself tells apart.

So it is known of every sound what was answered, and of every frame that a ring played whose it is.
"""

import asyncio
from itertools import count

import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.speech.asr import PATIENCE_MS, ScriptedTranscriber, Transcript

FRAME = SPEECH_HZ // 50  # 20 ms, of which a whole number of each tone's periods is a frame
STEP_HZ = 50
FIRST_HZ = 400
TONES = 60
LOUD = 9000
WORD_MS = 300
FALL_MS = 250  # a voice that comes to its end
FALL = 3.5
SURE = 0.99
WITHIN_WORD = 3  # frames that may be lost
SILENT = 300
TONAL = (
    0.3  # of its power in one line of the spectrum: a frame that fades away has 0.6, a click 0.1
)


def tone(number, ms=WORD_MS):
    times = np.arange(ms * SPEECH_HZ // 1000) / SPEECH_HZ
    wave = LOUD * np.sin(2 * np.pi * (FIRST_HZ + number % TONES * STEP_HZ) * times)
    return wave.astype(np.int16)


def falling(number, ms=WORD_MS):
    sound = tone(number, ms)
    tail = FALL_MS * SPEECH_HZ // 1000
    sound[-tail:] = sound[-tail:] / FALL
    return sound


def number_of(sound):
    """Of the tone that it is."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float)))
    return round((spectrum.argmax() * SPEECH_HZ / len(sound) - FIRST_HZ) / STEP_HZ)


def is_tone(sound):
    """A reply that goes on begins with the last milliseconds of a frame: a click of every tone."""
    power = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    return power.max() > TONAL * power.sum()


def frames_of(sound):
    return sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)


def bursts(sound):
    """The tones in it, each without the silence around it."""
    frames = frames_of(sound)
    loud = np.flatnonzero(np.abs(frames).max(axis=1) > SILENT)
    if not len(loud):
        return []
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > WITHIN_WORD) + 1)
    return [frames[group[0] : group[-1] + 1].ravel() for group in groups]


class Ears(ScriptedTranscriber):
    """Hears which of its words sound; each decode takes as long as the next delay, or the last."""

    def __init__(self, *words, delays_s=(0.0,)):
        super().__init__(())
        self.words = words
        self.texts = []
        self._delays_s = list(delays_s)

    async def transcribe(self, samples, *, patience_ms=PATIENCE_MS):
        del patience_ms
        await asyncio.sleep(self._delays_s.pop(0) if len(self._delays_s) > 1 else self._delays_s[0])
        self.heard.append(samples)
        self.texts.append(" ".join(self._word(burst) for burst in bursts(samples)))
        sure = SURE if self.texts[-1].endswith((".", "?")) else None
        return Transcript(self.texts[-1], "en", 0.0, 0.0, len(samples) / SPEECH_HZ, full_stop=sure)

    def _word(self, burst):
        return self.words[number_of(burst) % len(self.words)]


class Attentive:
    """Says it back, or its text, and notes what it is asked, what is over, and what it is told."""

    free = True

    def __init__(self, text=None, *, thinks_s=0.0, sentences=1):
        self.asked, self.left, self.told = [], [], []
        self._text = text
        self._thinks_s = thinks_s
        self._sentences = sentences

    async def reply(self, said):
        self.asked.append(said.text)
        try:
            await asyncio.sleep(self._thinks_s)
            yield f"{self._text or said.text}. "
            for _ in range(1, self._sentences):
                await asyncio.sleep(0.1)
                yield f"{self._text or said.text}. "
        finally:
            self.left.append(said.text)

    def heard(self, said, text):
        self.told.append((said.text, text))

    async def close(self):
        pass


class Voice:
    """Each reply is a tone of its own, 60 ms a letter; each clause takes a while."""

    LETTER_MS = 60

    def __init__(self, delay_s=0.0):
        self.said = []
        """Of each reply, by its number."""
        self._delay_s = delay_s
        self._numbers = count()

    async def start(self):
        pass

    async def stop(self):
        pass

    def reply(self):
        self.said.append("")
        return _Reply(self, next(self._numbers), self._delay_s)


class _Reply:
    def __init__(self, voice, number, delay_s):
        self._voice, self._number, self._delay_s = voice, number, delay_s

    async def speak(self, text):
        await asyncio.sleep(self._delay_s)
        self._voice.said[self._number] += f"{text} "
        yield tone(self._number, Voice.LETTER_MS * sum(map(str.isalnum, text)))


def played(ring):
    """The numbers of the replies that sounded, in order; one comes twice if it was interleaved."""
    frames = frames_of(ring.sound())
    loud = (frame for frame in frames if np.abs(frame).max() > SILENT)
    numbers = [number_of(frame) for frame in loud if is_tone(frame)]
    return [
        number
        for number, before in zip(numbers, [None, *numbers], strict=False)
        if number != before
    ]
