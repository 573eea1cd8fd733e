"""When not to believe Whisper. Pure.

It goes round in circles, stops before the speaker does, or hears words where there are none.
"""

import re
from collections.abc import Iterator
from typing import Final

TOKENS_PER_SECOND: Final = 8
TOKENS_AT_LEAST: Final = 12
"""Fast speech is 6 tokens a second; the cap ends a decoder that repeats itself."""

UNSURE: Final = -0.3
"""Average log-probability below which a second decode is worth its time: 5 of 43 recordings, a
quarter of them in noise. Chosen on one half of them, in quiet, hiss and babble."""

FEWEST_TOKENS_PER_SECOND: Final = 2.2
"""Of speech. People are at 2.4 or above; below it, tiny.en stopped at a pause and left out the rest
(30 % of the words of a minute were lost so, and none with this guard)."""

LEAST_SPEECH_FRAMES: Final = 3
"""96 ms. Hum and coughs have up to 2 such frames, the shortest words 7."""

NO_SPEECH: Final = 0.5
GUESS: Final = -0.8
"""Hum, coughs and "mm" were at most this sure of their words; words are surer, or less silent."""

INVENTED: Final = frozenset(
    ("you", "thank you", "thanks for watching", "bye", "yeah", "mm", "mmm", "hmm", "m")
)
"""What Whisper writes for no words, and its training has for the end of a film."""

_SUSPICIOUS: Final = {1: 4, 2: 3}
_SUSPICIOUS_OF_LONGER: Final = 2
"""How often a phrase of so many words may not follow itself, or it is decoded again with care."""

_ENDLESS: Final = 5
"""How often nobody says anything, whatever the careful decode writes."""

_LONGEST_PHRASE: Final = 20

_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")


def token_cap(seconds: float) -> int:
    """How many tokens a sound may have."""
    return int(TOKENS_PER_SECOND * seconds) + TOKENS_AT_LEAST


def goes_round(text: str) -> bool:
    """Whether a phrase follows itself as often as people rarely say it."""
    said = [match.group().lower() for match in _WORD.finditer(text)]
    return any(
        _times(said, start, length) >= _SUSPICIOUS.get(length, _SUSPICIOUS_OF_LONGER)
        for start, length in _phrases(said)
    )


def unrolled(text: str) -> str:
    """The text with what is said endlessly said once."""
    matches = list(_WORD.finditer(text))
    said = [match.group().lower() for match in matches]
    for start, length in _phrases(said):
        times = _times(said, start, length)
        if times >= _ENDLESS:
            once, again = start + length, start + times * length
            rest = unrolled(text[matches[again - 1].end() :])
            return (text[: matches[once - 1].end()] + rest).strip()
    return text


def is_thin(tokens: int, speech_s: float) -> bool:
    """Whether too little was written for so much speech."""
    return tokens < FEWEST_TOKENS_PER_SECOND * speech_s


def is_invented(text: str, average: float, no_speech: float) -> bool:
    """Whether nobody said this: unsure of its words, and rather sure that there are none."""
    said = " ".join(match.group().lower() for match in _WORD.finditer(text))
    if not said:
        return True
    doubtful = average < GUESS and no_speech > NO_SPEECH
    return doubtful and (said in INVENTED or average < 2 * GUESS)


def _phrases(said: list[str]) -> Iterator[tuple[int, int]]:
    """Where each phrase begins, and of how many words it is; early and short ones first."""
    for start in range(len(said)):
        for length in range(1, min(_LONGEST_PHRASE, (len(said) - start) // 2) + 1):
            yield start, length


def _times(said: list[str], start: int, length: int) -> int:
    """How often the phrase is said in a row."""
    phrase, times = said[start : start + length], 1
    while said[start + times * length : start + (times + 1) * length] == phrase:
        times += 1
    return times
