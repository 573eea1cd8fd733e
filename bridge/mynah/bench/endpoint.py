"""When the turn is taken: how late and how often too early, for us and for our peers' policies.

A policy is a curve: the less it waits, the more often it cuts somebody off.
"""

import hashlib
import importlib.util
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import Samples
from mynah.audio.files import read_speech, write_wav
from mynah.bench import clips
from mynah.bench.evidence import Evidence, Listener
from mynah.bench.fit_delay import habits_of, hints_of, unseen
from mynah.bench.memo import Memo, memo_folder
from mynah.bench.pauses import Source, own_gaps, speaker_of, turns_of
from mynah.bench.policies import POLICIES, SMART_TURN, Case, Policy, Turn, late_ms
from mynah.bench.smart_turn import VARIABLE, SmartTurn, smart_turn_file
from mynah.bench.word_times import WordTimes
from mynah.errors import UserError
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.models import catalogue, find, is_here
from mynah.speech.tts import PiperSynthesizer
from mynah.turn.delay import FLOOR_MS, Profile, probability
from mynah.view import View

MODEL: Final = "tiny.en"
VOICE: Final = "joe"

EDITION: Final = 2
"""Of how Whisper is asked: another number, and nothing that was kept counts any more."""

ALLOWED: Final = 0.05
"""Of turns that may be cut off: where policies are compared."""

FILLERS: Final = ("Um,", "Uh,", "Er,", "Hmm,")
DIGITS: Final = (
    "My number is five five five, one two three, four seven eight nine.",
    "The code is seven two four, nine one six.",
    "It is zero one five one, two two three, eight six four.",
    "Card number four four one two, zero zero three nine, one eight two seven.",
    "Call me at eight hundred, six four two, one one nine three.",
    "The pin is three eight, five two.",
)


@dataclass(frozen=True, slots=True)
class Point:
    """A policy with its knob somewhere."""

    knob: float
    latency_p50_ms: float | None
    """From done until the turn is taken with its words known; None if all were cut off."""
    latency_p95_ms: float | None
    false_cutoff_rate: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all policies are told, and what could not be made."""

    evidence: list[Evidence]
    left_out: dict[str, str]


@dataclass(frozen=True)
class EndpointResult:
    """Curves, and the turns they were measured on."""

    turns: tuple[Turn, ...]
    left_out: dict[str, str]

    @cached_property
    def curves(self) -> dict[str, list[Point]]:
        """Each policy's, with its knob everywhere."""
        return {policy.name: curve(policy, self.turns) for policy in self.policies}

    @property
    def policies(self) -> list[Policy]:
        """Those that could be run."""
        return [policy for policy in POLICIES if policy.name not in self.left_out]

    @property
    def kinds(self) -> dict[str, int]:
        """How many turns of each kind."""
        return dict(Counter(evidence.kind.value for evidence, _ in self.turns))

    @cached_property
    def own(self) -> dict[str, Point]:
        """Each policy as its makers set it."""
        return {each.name: point(each, self.turns, each.own) for each in self.policies}

    @cached_property
    def profiles(self) -> dict[str, Point]:
        """Ours, at the settings that can be chosen."""
        ours = POLICIES[0]
        return {str(name): point(ours, self.turns, FLOOR_MS[name]) for name in Profile}

    @property
    def latency_at_5pct(self) -> dict[str, float | None]:
        """Where policies are compared."""
        return {name: latency_at(points) for name, points in self.curves.items()}

    def cut_off_by_kind(self, policy: Policy, knob: float) -> dict[str, float]:
        """The share of each kind's turns."""
        shares = {}
        for kind in self.kinds:
            some = [turn for turn in self.turns if turn[0].kind.value == kind]
            shares[kind] = point(policy, some, knob).false_cutoff_rate
        return shares

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "turns": len(self.turns),
            "kinds": self.kinds,
            "policies": {name: [asdict(each) for each in c] for name, c in self.curves.items()},
            "latency_at_5pct": self.latency_at_5pct,
            "own": {name: asdict(each) for name, each in self.own.items()},
            "profiles": {name: asdict(each) for name, each in self.profiles.items()},
            "says": {policy.name: policy.says for policy in self.policies},
            "left_out": self.left_out,
        }


def point(policy: Policy, turns: Sequence[Turn], knob: float) -> Point:
    """One setting over all turns; those that were cut off have no latency."""
    late = np.array([late_ms(turn, policy.rule, knob) for turn in turns])
    kept = late[late >= 0]
    # Where the wearer is never answered the wait has no end, and neither has the percentile.
    return Point(knob, _level(kept, 50), _level(kept, 95), round(float(np.mean(late < 0)), 4))


def curve(policy: Policy, turns: Sequence[Turn]) -> list[Point]:
    """Every setting."""
    return [point(policy, turns, knob) for knob in policy.values]


def latency_at(points: Sequence[Point], rate: float = ALLOWED) -> float | None:
    """The least p50 with so few cut-offs, between two settings in proportion; None without one."""
    known = [(each.false_cutoff_rate, each.latency_p50_ms) for each in points]
    fine = [(share, ms) for share, ms in known if ms is not None and share <= rate]
    if not fine:
        return None
    best_share, best_ms = min(fine, key=lambda each: (each[1], each[0]))
    over = [(share, ms) for share, ms in known if ms is not None and share > rate and ms < best_ms]
    if not over:
        return best_ms
    next_share, next_ms = min(over, key=lambda each: (each[0], -each[1]))
    part = (rate - best_share) / (next_share - best_share)
    return round(best_ms + part * (next_ms - best_ms), 1)


def cases(evidence: Sequence[Evidence]) -> tuple[Turn, ...]:
    """Each turn with what we make of it, knowing nothing of this speaker but earlier recordings."""
    turns = []
    for turn, habit in habits_of(evidence):
        weights = unseen(turn.speaker)
        judged = [
            Case(pause, probability(hints, habit, weights), habit)
            for pause, hints in zip(turn.pauses, hints_of(turn), strict=True)
        ]
        turns.append((turn, judged))
    return tuple(turns)


async def measure(speech: Path | None, limit: int | None, view: View) -> EndpointResult:
    """Over a folder of English recordings; UserError if there is none."""
    gathered = await gather(speech, limit, view)
    return EndpointResult(cases(gathered.evidence), gathered.left_out)


async def gather(speech: Path | None, limit: int | None, view: View) -> Gathered:
    """The turns, heard by Whisper in every pause; what was heard before is not decoded again."""
    folder = speech or clips.speech_folder()
    if folder is None:
        raise UserError("there are no recordings of people; name a folder of them: --speech")
    listed = clips.listed(folder, "en", limit)
    with view.busy("looking for places to pause in"):
        word_times = WordTimes(find(MODEL))
        fillers, digits, left_out = await _synthesised()
        sources = [_source(clip, word_times) for clip in listed]
    transcriber = WhisperTranscriber(find(MODEL))
    memo = Memo(f"heard-{MODEL}-{EDITION}")
    path = smart_turn_file()
    smart_turn = None if path is None else SmartTurn(path)
    if smart_turn is None:
        left_out[SMART_TURN] = f"its model file is not here; {VARIABLE} may name it"
    listener = Listener(transcriber, memo, smart_turn)
    evidence: list[Evidence] = []
    await transcriber.start()
    try:
        for number, source in enumerate([*sources, *digits], 1):
            with view.busy(f"{source.name} ({number} of {len(sources) + len(digits)})"):
                evidence += [await listener.hear(turn) for turn in turns_of(source, fillers)]
                memo.save()
                if smart_turn is not None:
                    smart_turn.save()
    finally:
        await transcriber.stop()
    return Gathered(evidence, left_out)


def _source(clip: clips.Clip, word_times: WordTimes) -> Source:
    sound = read_speech(clip.path)
    name = clip.path.stem
    return Source(name, speaker_of(name), sound, word_times.boundaries(sound))


async def _synthesised() -> tuple[list[Samples], list[Source], dict[str, str]]:
    if importlib.util.find_spec("piper") is None or not is_here(catalogue()[VOICE]):
        return [], [], {"fillers, digits": "Piper and its voice are not installed here"}
    synthesizer = PiperSynthesizer(find(VOICE))
    try:
        fillers = [await _line(synthesizer, line) for line in FILLERS]
        digits = [await _line(synthesizer, line) for line in DIGITS]
    finally:
        await synthesizer.stop()
    sources = [
        Source(f"digits_{number}", VOICE, sound, own_gaps(sound), synthesised=True)
        for number, sound in enumerate(digits)
    ]
    return fillers, sources, {}


async def _line(synthesizer: PiperSynthesizer, line: str) -> Samples:
    """Piper says a line differently each time: what it said first is kept."""
    name = hashlib.sha256(line.encode()).hexdigest()[:16]
    path = memo_folder() / "lines" / f"{VOICE}-{name}.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, np.concatenate([samples async for samples in synthesizer.speak(line)]))
    return read_speech(path)


def _level(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", percent: float) -> float | None:
    if not len(values):
        return None
    level = float(np.percentile(values, percent, method="higher"))
    return round(level, 1) if math.isfinite(level) else None
