"""How long each voice stack waits, run again by us on the same evidence: its policy, never itself.

Parameters are those in the peers' sources. All hear the same pauses and the same words; Whisper
takes the same time for all. Speech that goes on before a policy is through withdraws it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mynah.bench.evidence import HEARD_AFTER_MS, Evidence, Pause
from mynah.turn.delay import FLOOR_MS, Habit, Profile, delay_ms
from mynah.turn.ending import Mark, mark_of

ASR_MS: Final = 150.0
"""What Whisper takes for what was said, for all: tiny.en on one thread, spliced and gated."""


@dataclass(frozen=True, slots=True)
class Case:
    """A pause, and what this project makes of it."""

    pause: Pause
    p: float
    """That the turn is over, by weights that were fitted without this speaker."""
    habit: Habit
    """Of the wearer, as this pause begins."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a policy does in a pause, counted from its begin."""

    commit_ms: float
    """Of silence after which the turn is taken."""
    decode_ms: float = HEARD_AFTER_MS
    """Of silence after which Whisper is asked; without its words there is nothing to answer."""

    @property
    def through_ms(self) -> float:
        return max(self.commit_ms, self.decode_ms + ASR_MS)


SMART_TURN_MS: Final = 80.0
"""What smart-turn takes on one thread; Whisper runs meanwhile."""

Rule = Callable[[Case, float], Wait]
"""A pause and the knob's value."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule with one knob."""

    name: str
    says: str
    """What it is, and what of its original is left out."""
    knob: str
    values: Sequence[float]
    own: float
    """As its makers set it."""
    rule: Rule


Turn = tuple[Evidence, Sequence[Case]]


@dataclass(frozen=True, slots=True)
class Taken:
    """When a turn was taken."""

    late_ms: float
    """From done until then; negative if the wearer was cut off."""
    goes_on_after_ms: float
    """From then until the wearer is heard to go on; infinite if he was done."""


NEVER: Final = Taken(math.inf, math.inf)


def taken(turn: Turn, rule: Rule, knob: float) -> Taken:
    """Where no words were heard there is nothing to answer, and every policy goes on waiting."""
    evidence, cases = turn
    for case in cases:
        through_ms = rule(case, knob).through_ms
        if case.pause.text and through_ms < case.pause.length_ms:
            late_ms = case.pause.begin_ms + through_ms - evidence.done_ms
            return Taken(late_ms, case.pause.length_ms - through_ms)
    return NEVER


def _mynah(case: Case, floor_ms: float) -> Wait:
    return Wait(delay_ms(case.p, floor_ms, case.habit))


def _vad(_: Case, silence_ms: float) -> Wait:
    return Wait(silence_ms)


def _home_assistant(_: Case, silence_ms: float) -> Wait:
    return Wait(silence_ms, decode_ms=silence_ms)


PIPECAT_STOP_MS: Final = 200.0
PIPECAT_INCOMPLETE_MS: Final = 3000.0


def _pipecat(_: Case, timeout_ms: float) -> Wait:
    return Wait(PIPECAT_STOP_MS + timeout_ms, decode_ms=PIPECAT_STOP_MS)


def _smart_turn(case: Case, threshold: float) -> Wait:
    whole = (case.pause.audio or 0.0) > threshold
    more_ms = SMART_TURN_MS if whole else PIPECAT_INCOMPLETE_MS
    return Wait(PIPECAT_STOP_MS + more_ms, decode_ms=PIPECAT_STOP_MS)


LIVEKIT_SILENCE_MS: Final = 250.0
LIVEKIT_LEAST_MS: Final = 300.0
LIVEKIT_MOST_MS: Final = 2500.0


def _livekit(case: Case, threshold: float) -> Wait:
    likely = case.p >= threshold
    return Wait(LIVEKIT_LEAST_MS if likely else LIVEKIT_MOST_MS, decode_ms=LIVEKIT_SILENCE_MS)


HF_SILENCE_MS: Final = 64.0
HF_COMPLETE_MS: Final = 800.0
HF_INCOMPLETE_MS: Final = 2000.0


def _hf(case: Case, threshold: float) -> Wait:
    p = case.p if case.pause.audio is None else case.pause.audio
    grace_ms = HF_COMPLETE_MS if p >= threshold else HF_INCOMPLETE_MS
    return Wait(HF_SILENCE_MS + grace_ms, decode_ms=HF_SILENCE_MS)


KOLJA_MS: Final = {
    Mark.STOP: 390.0,
    Mark.QUESTION: 330.0,
    Mark.ELLIPSIS: 2300.0,
    Mark.COMMA: 1250.0,
    Mark.NONE: 1250.0,
}
KOLJA_DECODE_MS: Final = 200.0


def _kolja(case: Case, factor: float) -> Wait:
    return Wait(factor * KOLJA_MS[mark_of(case.pause.text)], decode_ms=KOLJA_DECODE_MS)


def _range(first: float, last: float, step: float) -> list[float]:
    return [round(float(value), 3) for value in np.arange(first, last + step / 2, step)]


_SILENCES_MS: Final = _range(100, 2000, 50)
_THRESHOLDS: Final = _range(0, 1, 0.02)
_OUR_P: Final = "given our own p in place of its model, which is licensed for LiveKit alone"

OURS: Final = "mynah"
SMART_TURN: Final = "pipecat-200+smartturn"
"""Only where its model file is."""

POLICIES: Final = (
    Policy(
        OURS,
        "delay(p) from words, Whisper's full stop, voice and the wearer's own turns and pauses",
        "least wait, ms",
        _range(180, 1500, 20),
        FLOOR_MS[Profile.BALANCED],
        _mynah,
    ),
    Policy("vad-500", "a timer on silence", "silence, ms", _SILENCES_MS, 500, _vad),
    Policy(
        "ha-700",
        "Home Assistant: a timer on silence, then Whisper; GLaDOS alike, 640 ms",
        "silence, ms",
        _SILENCES_MS,
        700,
        _home_assistant,
    ),
    Policy(
        "pipecat-200+600",
        "pipecat's timeout strategy: 200 ms, then 600",
        "timeout, ms",
        _SILENCES_MS,
        600,
        _pipecat,
    ),
    Policy(
        SMART_TURN,
        "pipecat's default: 200 ms, then smart-turn v3.2, else 3 s",
        "threshold of smart-turn",
        _THRESHOLDS,
        0.5,
        _smart_turn,
    ),
    Policy(
        "livekit-300/2500",
        f"LiveKit's two delays, {_OUR_P}",
        "threshold of p",
        _THRESHOLDS,
        0.36,
        _livekit,
    ),
    Policy(
        "hf-64+800/2000",
        "speech-to-speech's two graces, by smart-turn (by our own p where that is not here)",
        "threshold of p",
        _THRESHOLDS,
        0.5,
        _hf,
    ),
    Policy(
        "kolja",
        "RealtimeVoiceChat's pauses by punctuation, without its DistilBERT",
        "factor on its pauses",
        _range(0.2, 4.0, 0.1),
        1.0,
        _kolja,
    ),
)
