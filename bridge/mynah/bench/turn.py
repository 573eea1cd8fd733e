"""Voice to voice: how long a wearer waits for the reply's first sound, and for what.

With a held button the release ends the turn: there are no false cut-offs to count.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from mynah.bench.clips import Clip, cut
from mynah.bench.wer import word_error_rate
from mynah.config import Settings
from mynah.scripted import Script, converse
from mynah.turn.record import STAGES, TurnRecord
from mynah.view import View

PERCENTS: Final = (50, 95, 100)


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds: of voice to voice, or of one of its stages."""

    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, values_ms: Iterable[float]) -> "Figures | None":
        """Between two values the percentile lies in proportion; None of nothing."""
        each = list(values_ms)
        if not each:
            return None
        return cls(*(round(float(level), 1) for level in np.percentile(each, PERCENTS)))

    def as_json(self) -> dict[str, float]:
        """For other programs."""
        return {"p50": self.p50, "p95": self.p95, "max": self.max}


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What came of it, clip by clip."""

    settings: Settings
    clips: tuple[Clip, ...]
    turns: tuple[TurnRecord, ...]
    """One a clip, in the same order."""

    @property
    def answered(self) -> list[TurnRecord]:
        """The turns that count, fastest first; the others are failures, whatever they took."""
        whole = [turn for turn in self.turns if turn.error is None and turn.v2v_ms is not None]
        return sorted(whole, key=_v2v_ms)

    @property
    def failed(self) -> list[TurnRecord]:
        """The turns that had no whole reply."""
        return [turn for turn in self.turns if turn.error is not None or turn.v2v_ms is None]

    @property
    def v2v(self) -> Figures | None:
        """From the wearer's release to the reply's first sound."""
        return Figures.of(map(_v2v_ms, self.answered))

    @property
    def middle(self) -> TurnRecord | None:
        """The turn in the middle: its stages add up, which medians of stages don't."""
        answered = self.answered
        return answered[(len(answered) - 1) // 2] if answered else None

    @property
    def stages(self) -> dict[str, Figures]:
        """Each stage's own figures."""
        figures = {
            stage: Figures.of(
                turn.waterfall[stage] for turn in self.answered if stage in turn.waterfall
            )
            for stage in STAGES
        }
        return {stage: each for stage, each in figures.items() if each is not None}

    @property
    def bound_by(self) -> dict[str, int]:
        """How often each stage took longest, most often first."""
        return dict(Counter(turn.bound_by for turn in self.answered if turn.bound_by).most_common())

    @property
    def word_error_rate(self) -> float:
        """Of what was understood, in every turn, against what was said."""
        heard = [turn.transcript for turn in self.turns]
        said = [clip.words for clip in self.clips]
        return word_error_rate(zip(said, heard, strict=True))

    def counted(self, name: str) -> int:
        """A figure of the link, over all turns."""
        return sum(int(getattr(turn.link, name)) for turn in self.turns)

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "policy": "hold",
            "link": self.settings.link,
            "model": self.settings.hearing.model,
            "companion": self.settings.companion,
            "voice": self.settings.speaking.voice,
            "clips": len(self.clips),
            "failed": len(self.failed),
            "word_error_rate": round(self.word_error_rate, 4),
            "v2v_ms": self.v2v.as_json() if self.v2v else None,
            "stages_ms": {stage: each.as_json() for stage, each in self.stages.items()},
            "bound_by": self.bound_by,
            "frames": self.counted("frames"),
            "lost_frames": self.counted("lost_frames"),
            "underruns": self.counted("underruns"),
            "enomem": self.counted("enomem"),
            "turns": [turn.as_json() for turn in self.turns],
        }


async def measure(clips: Sequence[Clip], settings: Settings, view: View) -> TurnResult:
    """Speak every clip to an emulated ring and hear every reply out, in real time."""
    collector = _Collector(view, clips)
    with tempfile.TemporaryDirectory(prefix="mynah-bench-") as folder:
        paths = tuple(
            Path(folder, f"{number:02}_{clip.path.stem}.wav")
            for number, clip in enumerate(clips, 1)
        )
        with view.busy("cutting the clips where their speakers are done"):
            for clip, path in zip(clips, paths, strict=True):
                await asyncio.to_thread(cut, clip, path)
        await converse(Script(paths, settings), collector)
    return TurnResult(settings, tuple(clips), tuple(collector.turns))


class _Collector(View):
    """Shows what it collects, under the name of the clip and not of what was made of it."""

    def __init__(self, view: View, clips: Sequence[Clip]) -> None:
        self.turns: list[TurnRecord] = []
        self._view = view
        self._clips = clips

    def busy(self, what: str) -> AbstractContextManager[object]:
        return self._view.busy(f"{what}; {len(self.turns)} of {len(self._clips)} clips are done")

    def turn(self, record: TurnRecord, companion: str) -> None:
        record.input = str(self._clips[len(self.turns)].path)
        self.turns.append(record)
        self._view.turn(record, companion)


def _v2v_ms(turn: TurnRecord) -> float:
    return turn.v2v_ms or 0.0
