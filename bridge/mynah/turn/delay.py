"""How long to wait in a pause: the surer the turn is over, the shorter. Pure.

From the words, the voice and the wearer's own pauses comes the probability that the turn is over,
and from that the silence after which it is taken. Ask again when any of them is known better.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from mynah.turn.ending import Mark, ending
from mynah.turn.prosody import NEUTRAL, Prosody

LEAST_MS: Final = 180.0
"""People answer after 200; and a voice detector needs most of it to tell an end from a plosive."""

MOST_MS: Final = 1500.0
"""Where all speaks for more to come: of 390 pauses inside turns two were longer."""

CAP_MS: Final = 2200.0
"""For the slowest wearer: after longer, he repeats what he said."""

STEEPNESS: Final = 15
"""Of the way from the least wait to the most, around p = 1/2; from 15 to 30 it makes no difference.
In proportion to 1 - p the median wait was a fifth longer for as few cut-offs: what lies in the
middle is long enough to annoy and too short to help."""

MOST_TURNS: Final = 1.5
"""Of words, in this wearer's usual turns: with each word after these no turn is likelier over."""

NUMBERS_WEIGHT: Final = -1.0
"""Of a telephone number that may go on. Given, not fitted: few recordings have any."""

AUDIO_WEIGHT: Final = 0.15
"""Of smart-turn's log-odds beside words and voice: it separates ends from pauses with an AUC of
0.67, and adds nothing that could be measured; enough to break a tie."""

LOUDEST_AUDIO: Final = 3.0
"""Log-odds: a model that is sure is not sure of this wearer."""

TYPICAL_PAUSE_MS: Final = 450.0
"""Inside a turn, before this wearer has made any."""

TYPICAL_WORDS: Final = 4.0
"""Of a turn, before this wearer has had any: "I missed you today." After a few, his own count."""

COUNTED_PAUSE_MS: Final = 200.0
"""Shorter is between two syllables."""

_PRIOR: Final = 4  # pauses or turns: before so many, the wearer is mostly like others
_REMEMBERED: Final = 20  # a mood lasts longer than a turn, and not for days

LANGUAGES: Final = frozenset({"en"})
"""Whose words are read. In the others the voice and the silence decide alone."""


class Profile(StrEnum):
    """How patient; how long it waits at least."""

    SNAPPY = "snappy"
    BALANCED = "balanced"
    PATIENT = "patient"


FLOOR_MS: Final[Mapping[Profile, float]] = {
    Profile.SNAPPY: LEAST_MS,
    Profile.BALANCED: 350.0,
    Profile.PATIENT: 700.0,
}
"""The wait where the turn is surely over; where it surely is not, all wait the same."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known in a pause."""

    text: str
    """All of the turn so far, with Whisper's punctuation."""
    language: str = "en"
    prosody: Prosody = NEUTRAL
    audio: float | None = None
    """The probability of an end that a model heard, where one is installed."""

    @property
    def reads_words(self) -> bool:
        """Whether the words count, or only the voice."""
        return self.language in LANGUAGES


@dataclass(frozen=True, slots=True)
class Habit:
    """How this wearer talks: running geometric means."""

    pause_ms: float = TYPICAL_PAUSE_MS
    pauses: int = 0
    words: float = TYPICAL_WORDS
    """Of a turn."""
    turns: int = 0

    def after_pause(self, pause_ms: float) -> "Habit":
        """One more inside a turn, known as such because the wearer went on."""
        if not pause_ms >= COUNTED_PAUSE_MS:
            return self
        mean_ms = _moved(self.pause_ms, min(pause_ms, CAP_MS), self.pauses)
        return replace(self, pause_ms=mean_ms, pauses=self.pauses + 1)

    def after_turn(self, words: int) -> "Habit":
        """A turn that is over, with what was heard of it."""
        if words < 1:
            return self
        return replace(self, words=_moved(self.words, words, self.turns), turns=self.turns + 1)


def _moved(mean: float, value: float, count: int) -> float:
    share = 1 / (min(count, _REMEMBERED) + _PRIOR + 1)
    return math.exp((1 - share) * math.log(mean) + share * math.log(value))


USUAL: Final = Habit()

Weights = Mapping[str, float]


def features(hints: Hints, habit: Habit = USUAL) -> dict[str, float]:
    """What the probability is made of; those of the words only where they are read."""
    voice = {"bias": 1.0, "level_fall": hints.prosody.level_fall}
    if not hints.reads_words:
        return voice
    end = ending(hints.text)
    turns = MOST_TURNS if end.answer else min(end.words / habit.words, MOST_TURNS)
    return voice | {
        "stop": float(end.mark is Mark.STOP),
        "question": float(end.mark is Mark.QUESTION),
        "ellipsis": float(end.mark is Mark.ELLIPSIS),
        "comma": float(end.mark is Mark.COMMA),
        "open_tail": float(end.open_tail),
        "turns": turns,
    }


def probability(hints: Hints, habit: Habit = USUAL, weights: Weights | None = None) -> float:
    """Of the turn being over, among pauses of which as many are ends as are not."""
    known = weights if weights is not None else shipped(words=hints.reads_words)
    odds = sum(known[name] * value for name, value in features(hints, habit).items())
    if hints.reads_words and ending(hints.text).numbers:
        odds += NUMBERS_WEIGHT
    if hints.audio is not None:
        odds += AUDIO_WEIGHT * _bounded_log_odds(hints.audio)
    return 1 / (1 + math.exp(-odds))


def delay_ms(p: float, floor_ms: float = LEAST_MS, habit: Habit = USUAL) -> float:
    """The silence after which a turn that is over with probability `p` is taken."""
    over, goes_on = p**STEEPNESS, (1 - p) ** STEEPNESS
    doubt = goes_on / (over + goes_on)
    wait_ms = floor_ms + max(0.0, MOST_MS - floor_ms) * doubt
    return min(CAP_MS, max(LEAST_MS, wait_ms * habit.pause_ms / TYPICAL_PAUSE_MS))


def wait_ms(hints: Hints, profile: Profile = Profile.BALANCED, habit: Habit = USUAL) -> float:
    """The silence after which the turn is taken, as far as is known now."""
    return delay_ms(probability(hints, habit), FLOOR_MS[profile], habit)


@cache
def shipped(*, words: bool = True) -> Weights:
    """The fitted weights; `python -m mynah.bench.fit_delay` fits them again."""
    fitted = json.loads(files("mynah.turn").joinpath("delay.json").read_text("utf-8"))
    weights: dict[str, float] = fitted["with_words" if words else "voice_alone"]
    return weights


def _bounded_log_odds(p: float) -> float:
    edge = 1 / (1 + math.exp(LOUDEST_AUDIO))
    inside = min(max(p, edge), 1 - edge)
    return math.log(inside / (1 - inside))
