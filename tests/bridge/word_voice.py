"""A voice whose words can be counted in a recording: each is a tone with silence after it.

They last as long as Piper's do, by a fit to 185 words of joe's, and about as unevenly.
"""

import asyncio
from zlib import crc32

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ

WORD_MS, LETTER_MS, PAUSE_MS = 25, 63, 90
PAUSES = ".,;:!?"
UNEVEN = 0.5
GAP_MS = 40  # between two words, within their time
FRAME_MS = 20  # all lengths are whole frames: a word that comes late leaves no hole in another

TONE_HZ = 440
LOUDNESS = 0.3
SOUND = 0.02 * FULL_SCALE
BLOCK = SPEECH_HZ // 200
QUIET_BLOCKS = 4  # of 5 ms: less is a hole in a word


def lengths_ms(word, pace=1.0):
    """Of its tone, and of the silence after it."""
    uneven = 1 + UNEVEN * (crc32(word.encode()) % 201 - 100) / 100
    letters = sum(letter.isalnum() for letter in word)
    spoken_ms = pace * uneven * (WORD_MS + LETTER_MS * letters)
    silent_ms = GAP_MS + pace * PAUSE_MS * (word[-1] in PAUSES)
    return _frames_ms(spoken_ms - GAP_MS), _frames_ms(silent_ms)


def _frames_ms(ms):
    return max(1, round(ms / FRAME_MS)) * FRAME_MS


class WordVoice:
    """Word by word, or a clause at once; a second of sound takes `work_s` to make."""

    def __init__(self, *, pace=1.0, work_s=0.0, whole=False):
        self.pace = pace
        self.work_s = work_s
        self._whole = whole

    async def start(self):
        pass

    async def stop(self):
        pass

    def reply(self):
        return self

    async def speak(self, text):
        words = [self._word(word) for word in text.split()]
        for sound in [np.concatenate(words)] if self._whole else words:
            await asyncio.sleep(self.work_s * len(sound) / SPEECH_HZ)
            yield sound

    def _word(self, word):
        tone_ms, silent_ms = lengths_ms(word, self.pace)
        times = np.arange(tone_ms * SPEECH_HZ // 1000) / SPEECH_HZ
        tone = LOUDNESS * FULL_SCALE * np.cos(2 * np.pi * TONE_HZ * times)
        return np.concatenate([tone, np.zeros(silent_ms * SPEECH_HZ // 1000)]).astype(np.int16)


def words_played(sound, text, pace=1.0):
    """How many words of a reply sounded to their ends, by ear."""
    count = 0
    for (first, last), word in zip(_bursts(sound), text.split(), strict=False):
        whole_ms, _ = lengths_ms(word, pace)
        count += (last - first) * 1000 * BLOCK / SPEECH_HZ > whole_ms - FRAME_MS
    return count


def _bursts(sound):
    """First and last block of each tone, and one further."""
    blocks = np.abs(sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)).max(axis=1)
    loud = np.flatnonzero(blocks > SOUND)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > QUIET_BLOCKS)
    firsts = loud[np.concatenate([[0], breaks + 1])]
    lasts = loud[np.concatenate([breaks, [len(loud) - 1]])] + 1
    return list(zip(firsts, lasts, strict=True))
