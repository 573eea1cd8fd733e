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
from mynah.turn.ending_chinese import lean
from mynah.turn.prosody import NEUTRAL, Prosody

LEAST_MS: Final = 180.0
"""People answer after 200; and a voice detector needs most of it to tell an end from a plosive."""

MOST_MS: Final = 1500.0
"""Where all speaks for more to come: of 390 pauses inside turns two were longer."""

CAP_MS: Final = 2200.0
"""For the slowest wearer: after longer, he repeats what he said."""

STEEPNESS: Final = 15
"""Of the way from the least wait to the most, around p = 1/2; from 15 to 30 it makes no difference.
With 4 the median wait was a third longer for as few cut-offs: what lies in the middle is long
enough to annoy and too short to help."""

RHYTHM: Final = 1.5
"""Waits for each pause that was made twice in this turn, as in a list, a verse, a telephone number:
who paused so twice does it a third time. With this, for as few cut-offs, the median wait over
recordings with their own pauses alone is 480 ms, and 650 without it."""

RHYTHMIC_PAUSE_MS: Final = 300.0
"""A shorter pause is a breath."""

MOST_TURNS: Final = 1.5
"""Of words, in this wearer's usual turns: with each word after these no turn is likelier over."""

STRANGERS_TURNS: Final = 0.75
"""The same, before the first of his turns: who is not known yet is given more time."""

NUMBERS_WEIGHT: Final = -1.0
"""Of a telephone number that may go on. Given, not fitted: few recordings have any."""

AUDIO_WEIGHT: Final = 0.45
"""Of smart-turn's doubt beside words and voice. Where it heard an end it is not believed: it says
so of half of all pauses, and the median wait for as few cut-offs was a third longer."""

SUREST: Final = 3.0
"""Log-odds: a model that is sure is not sure of this wearer."""

USUAL_STOP: Final[Mapping[Mark, float]] = {
    Mark.STOP: 0.8,
    Mark.QUESTION: 0.9,
    Mark.COMMA: 0.13,
    Mark.NONE: 0.17,
    Mark.ELLIPSIS: 0.08,
}
"""How likely Whisper thinks a stop where it set these: for a decode that does not tell."""

TYPICAL_PAUSE_MS: Final = 450.0
"""Inside a turn, before this wearer has made any."""

TYPICAL_WORDS: Final = 4.0
"""Of a turn, before this wearer has had any: "I missed you today." After a few, his own count."""

COUNTED_PAUSE_MS: Final = 200.0
"""Shorter is between two syllables."""

_PRIOR: Final = 4  # pauses or turns: before so many, the wearer is mostly like others
_REMEMBERED: Final = 20  # a mood lasts longer than a turn, and not for days

LANGUAGES: Final = frozenset({"en"})
"""Whose words are read. In the others the voice and the silence decide alone ..."""

CHINESE: Final = "zh"
"""... but for how a Chinese turn ends, which is given and not fitted."""


class Profile(StrEnum):
    """How patient; how long it waits at least."""

    SNAPPY = "snappy"
    BALANCED = "balanced"
    PATIENT = "patient"


FLOOR_MS: Final[Mapping[Profile, float]] = {
    Profile.SNAPPY: 200.0,
    Profile.BALANCED: 320.0,
    Profile.PATIENT: 560.0,
}
"""The wait where the turn is surely over; where it surely is not, all wait the same. Of 43
recordings with their own pauses alone 260 to 360 ms cut off two, 560 ms none."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known in a pause."""

    text: str
    """All of the turn so far, with Whisper's punctuation."""
    language: str = "en"
    prosody: Prosody = NEUTRAL
    audio: float | None = None
    """The probability of an end that a model heard, where one is installed."""
    full_stop: float | None = None
    """How likely Whisper thinks that a sentence ends here, where its decode tells."""

    @property
    def reads_words(self) -> bool:
        """Whether the words count, or only the voice."""
        return self.language in LANGUAGES


@dataclass(frozen=True, slots=True)
class Habit:
    """How this wearer talks: running geometric means; and the pauses of the turn that goes on."""

    pause_ms: float = TYPICAL_PAUSE_MS
    pauses: int = 0
    words: float = TYPICAL_WORDS
    """Of a turn."""
    turns: int = 0
    longest_ms: float = 0.0
    """Of the pauses in this turn."""
    twice_ms: float = 0.0
    """The second longest: a pause as long has been made twice in this turn."""

    def after_pause(self, pause_ms: float) -> "Habit":
        """One more inside a turn, as soon as the wearer goes on."""
        if not pause_ms >= COUNTED_PAUSE_MS:
            return self
        pause_ms = min(pause_ms, CAP_MS)
        return replace(
            self,
            pause_ms=_moved(self.pause_ms, pause_ms, self.pauses),
            pauses=self.pauses + 1,
            longest_ms=max(self.longest_ms, pause_ms),
            twice_ms=max(self.twice_ms, min(self.longest_ms, pause_ms)),
        )

    def after_turn(self, words: int) -> "Habit":
        """A turn that is over, with as many words as were heard of it."""
        over = replace(self, longest_ms=0.0, twice_ms=0.0)
        if words < 1:
            return over
        return replace(over, words=_moved(self.words, words, self.turns), turns=self.turns + 1)

    @property
    def most_turns(self) -> float:
        """How many usual turns' words count; of a stranger nobody knows yet what is much."""
        known = min(self.turns / _PRIOR, 1.0)
        return STRANGERS_TURNS + (MOST_TURNS - STRANGERS_TURNS) * known

    @property
    def rhythm_ms(self) -> float:
        """The wait that the pauses of this turn ask for."""
        return RHYTHM * self.twice_ms if self.twice_ms >= RHYTHMIC_PAUSE_MS else 0.0


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
    stop = USUAL_STOP[end.mark] if hints.full_stop is None else hints.full_stop
    return voice | {
        "full_stop": _surety(stop),
        "open_tail": float(end.open_tail),
        "turns": MOST_TURNS if end.answer else min(end.words / habit.words, habit.most_turns),
    }


def probability(hints: Hints, habit: Habit = USUAL, weights: Weights | None = None) -> float:
    """Of the turn being over, among pauses of which as many are ends as are not."""
    known = weights if weights is not None else shipped(words=hints.reads_words)
    odds = sum(known[name] * value for name, value in features(hints, habit).items())
    if hints.reads_words and ending(hints.text).numbers:
        odds += NUMBERS_WEIGHT
    if hints.language == CHINESE:
        odds += lean(hints.text)
    if hints.audio is not None:
        odds += AUDIO_WEIGHT * min(0.0, _surety(hints.audio))
    return 1 / (1 + math.exp(-odds))


def delay_ms(p: float, floor_ms: float = LEAST_MS, habit: Habit = USUAL) -> float:
    """The silence after which a turn that is over with probability `p` is taken."""
    over, goes_on = p**STEEPNESS, (1 - p) ** STEEPNESS
    doubt = goes_on / (over + goes_on)
    wait_ms = floor_ms + max(0.0, MOST_MS - floor_ms) * doubt
    # Only the root: nobody's pauses are all alike.
    wait_ms *= math.sqrt(habit.pause_ms / TYPICAL_PAUSE_MS)
    return min(CAP_MS, max(LEAST_MS, wait_ms, habit.rhythm_ms))


def wait_ms(hints: Hints, profile: Profile = Profile.BALANCED, habit: Habit = USUAL) -> float:
    """The silence after which the turn is taken, as far as is known now."""
    return delay_ms(probability(hints, habit), FLOOR_MS[profile], habit)


@cache
def shipped(*, words: bool = True) -> Weights:
    """The fitted weights; `python -m mynah.bench.fit_delay` fits them again."""
    fitted = json.loads(files("mynah.turn").joinpath("delay.json").read_text("utf-8"))
    weights: dict[str, float] = fitted["with_words" if words else "voice_alone"]
    return weights


def _surety(p: float) -> float:
    """Of a model's probability: log-odds, from -1 to 1."""
    edge = 1 / (1 + math.exp(SUREST))
    inside = min(max(p, edge), 1 - edge)
    return math.log(inside / (1 - inside)) / SUREST
