"""Turns with pauses in them: recordings, cut open at word boundaries, their own noise between.

The speech is people's. What is Piper's, fillers and digits, is of a kind that says so.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.bench.clips import ended, whole_end
from mynah.bench.word_times import Boundary
from mynah.emulator.noise import NoiseFloor, floor_of
from mynah.speech.vad import (
    FRAME_SAMPLES,
    SPEECH_PROBABILITY,
    last_speech_end,
    speech_probabilities,
)

SHORTEST_MS: Final = 150
LONGEST_MS: Final = 1200
"""Of a pause that is put in; in between each length is as likely on a logarithmic scale, as pauses
in speech are: many short ones, few long ones."""

AFTER_MS: Final = 4000
"""How long the floor goes on after a turn: longer than any policy waits."""

LOUDEST_NOISE_DB: Final = 5.0
QUIETEST_NOISE_DB: Final = 20.0
"""Speech over noise: a street, and a room with a fan."""

FADE_MS: Final = 8
"""At a cut: shorter clicks, longer would sound like a falling voice."""

PER_KIND: Final = 2
"""Turns made of one recording in one way, with different places and lengths."""

GAP_FRAMES: Final = 2
"""Of silence: less is a consonant."""


BEFORE_FILLER_MS: Final = 60
"""Between a word and the filler after it."""


class Kind(StrEnum):
    """What was done to a recording."""

    AS_RECORDED = "as recorded"
    CLAUSE_END = "pause at a clause's end"
    INSIDE = "pause inside a clause"
    FILLER = "synthesised filler, pause"
    DIGITS = "synthesised digits, pause"
    NOISE = "pause, in noise"


@dataclass(frozen=True, slots=True)
class Turn:
    """What a wearer says in one go, and what the room sounds like afterwards."""

    name: str
    speaker: str
    kind: Kind
    sound: Samples
    done: int
    """The sample at which the wearer is done, as Silero tells without any noise."""
    inserted: tuple[tuple[int, int], ...] = ()
    """First and last sample of each pause that was put in."""


@dataclass(frozen=True, slots=True)
class Source:
    """A recording to make turns of."""

    name: str
    speaker: str
    sound: Samples
    boundaries: Sequence[Boundary]
    synthesised: bool = False
    """Then it is digits, with pauses between their groups."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A recording, and how it is opened."""

    source: Source
    floor: NoiseFloor
    random: np.random.Generator

    def places(self, *, ends_clause: bool) -> list[int]:
        """Some of the boundaries of a sort, in order."""
        fit = [each.sample for each in self.source.boundaries if each.ends_clause == ends_clause]
        taken = self.random.permutation(len(fit))[:PER_KIND]
        return [fit[index] for index in sorted(taken)]

    def pause(self, after: int) -> Samples:
        """The floor, for a random time."""
        low, high = np.log([SHORTEST_MS, LONGEST_MS])
        pause_ms = float(np.exp(self.random.uniform(low, high)))
        return self.floor.at(after, round(pause_ms * SPEECH_HZ / 1000))

    def turn(self, kind: Kind, number: int, sound: Samples, inserted: tuple[int, int]) -> Turn:
        """With the floor after it; `inserted` is empty where nothing was."""
        after = self.floor.at(len(sound), SPEECH_HZ * AFTER_MS // 1000)
        whole = np.concatenate([sound, after])
        done = last_speech_end(whole) or len(sound)
        name = f"{self.source.name}/{kind.value}/{number}"
        spans = (inserted,) if inserted[1] > inserted[0] else ()
        return Turn(name, self.source.speaker, kind, whole, done, spans)


def speaker_of(name: str) -> str:
    """Whose recording it is: what stands before the last part of its name."""
    return re.sub(r"[-_][^-_]*$", "", name)


def turns_of(source: Source, fillers: Sequence[Samples], seed: int = 0) -> list[Turn]:
    """All turns that one recording gives, the same for the same seed; none if nobody speaks."""
    done = whole_end(source.sound)
    if done is None:
        return []
    random = np.random.default_rng([seed, zlib.crc32(source.name.encode())])
    cut = _Cut(source, floor_of(source.sound, seed), random)
    sound = ended(source.sound, done)
    if source.synthesised:
        return _opened(cut, Kind.DIGITS, sound, ends_clause=True)
    turns = [cut.turn(Kind.AS_RECORDED, 0, sound, (0, 0))]
    paused = _opened(cut, Kind.CLAUSE_END, sound, ends_clause=True)
    paused += _opened(cut, Kind.INSIDE, sound, ends_clause=False)
    noisy = [_noisy(cut, turn) for turn in (paused or turns)[::PER_KIND]]
    return turns + paused + _filled(cut, sound, fillers) + noisy


def own_gaps(sound: Samples) -> list[Boundary]:
    """The middles of the silences inside a synthesised line: Piper sets one at each comma."""
    speech = np.flatnonzero(speech_probabilities(sound) >= SPEECH_PROBABILITY)
    return [
        Boundary(int(last + 1 + following) * FRAME_SAMPLES // 2, ends_clause=True)
        for last, following in pairwise(speech)
        if following - last > 1 + GAP_FRAMES
    ]


def _opened(cut: _Cut, kind: Kind, sound: Samples, *, ends_clause: bool) -> list[Turn]:
    turns = []
    for number, place in enumerate(cut.places(ends_clause=ends_clause)):
        pause = cut.pause(place)
        joined = _joined(sound[:place], pause, sound[place:])
        turns.append(cut.turn(kind, number, joined, (place, place + len(pause))))
    return turns


def _filled(cut: _Cut, sound: Samples, fillers: Sequence[Samples]) -> list[Turn]:
    """One turn with a filler; the voice is another's, as loud as the speaker."""
    places = cut.places(ends_clause=False)
    if not places or not fillers:
        return []
    place = places[0]
    filler = fillers[int(cut.random.integers(len(fillers)))]
    filler = _sized(filler, _rms(sound) / _rms(filler))
    gap = cut.floor.at(0, SPEECH_HZ * BEFORE_FILLER_MS // 1000)
    pause = cut.pause(place)
    joined = _joined(sound[:place], gap, filler, pause, sound[place:])
    begin = place + len(gap) + len(filler)
    return [cut.turn(Kind.FILLER, 0, joined, (begin, begin + len(pause)))]


def _noisy(cut: _Cut, turn: Turn) -> Turn:
    """The same turn in steady noise of the speaker's own spectrum, which hides speech best."""
    over_db = cut.random.uniform(LOUDEST_NOISE_DB, QUIETEST_NOISE_DB)
    spectrum = np.abs(np.fft.rfft(turn.sound.astype(np.float64)))
    phases = cut.random.uniform(0, 2 * np.pi, len(spectrum))
    noise = np.fft.irfft(spectrum * np.exp(1j * phases), len(turn.sound))
    noise *= _rms(turn.sound[: turn.done]) / _rms(noise) / 10 ** (over_db / 20)
    name = f"{turn.name}/noise"
    return replace(turn, name=name, kind=Kind.NOISE, sound=_whole(turn.sound + noise))


def _joined(*parts: Samples) -> Samples:
    """One after the other, each but the outer ends faded at its seams."""
    length = SPEECH_HZ * FADE_MS // 1000
    ramp = np.linspace(0.0, 1.0, length)
    faded = []
    for number, part in enumerate(parts):
        piece = part.astype(np.float64)
        if number > 0:
            piece[:length] *= ramp[: len(piece)]
        if number < len(parts) - 1:
            piece[-length:] *= ramp[::-1][-len(piece) :]
        faded.append(np.rint(piece).astype(np.int16))
    return np.concatenate(faded)


def _sized(sound: Samples, by: float) -> Samples:
    return _whole(sound * by)


def _whole(sound: NDArray[Any]) -> Samples:
    rounded: Samples = np.clip(np.rint(sound), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return rounded


def _rms(sound: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) + 1e-9
