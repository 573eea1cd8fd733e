"""What came of clips that were spoken in one way: waits, words, false cut-offs. Pure.

A turn that was cut off counts in the rate and in nothing else but the words.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mynah.bench.clips import Clip
from mynah.bench.wer import errors, word_error_rate, words
from mynah.scripted import Spoken
from mynah.turn.record import STAGES, TurnRecord

HOLD: Final = "hold"
HANDS_FREE: Final = "hands_free"

MIDDLE_SHARE: Final = 0.2
"""Of the turns, around the median: their mean waterfall adds up to it, which medians of stages
don't, and rests on more than one turn."""

MISHEARD_SHARE: Final = 0.5
"""Of a part's words, that may be heard otherwise with the rest behind them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A turn that was answered, from the reference end of the wearer's turn."""

    turn: TurnRecord
    v2v_ms: float
    waterfall: dict[str, float]

    @classmethod
    def of(cls, spoken: Spoken) -> "Reply | None":
        """None without a whole reply, and of a turn that was cut off."""
        turn = spoken.answer
        if turn is None or spoken.cut_off or turn.reply_start_ms is None:
            return None
        done_ms = turn.done_ms if spoken.done_ms is None else spoken.done_ms
        if done_ms is None or turn.done_ms is None:
            return None
        # Where speech fades out, the bridge hears its end some frames off, mostly before.
        waterfall = _since(turn.waterfall, done_ms - turn.done_ms)
        return cls(turn, turn.reply_start_ms - done_ms, waterfall)


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to talk, over all clips."""

    clips: tuple[Clip, ...]
    spoken: tuple[Spoken, ...]
    """One a clip, in the same order."""
    cpu_cores: float = 0.0
    """Kept busy by the bridge and its workers or servers, in the mean."""

    @property
    def replies(self) -> list[Reply]:
        """The turns that count, fastest first."""
        replies = [Reply.of(spoken) for spoken in self.spoken]
        return sorted((each for each in replies if each), key=lambda reply: reply.v2v_ms)

    @property
    def failed(self) -> list[tuple[Clip, str]]:
        """The clips that had no whole reply, and why."""
        pairs = zip(self.clips, self.spoken, strict=True)
        return [
            (clip, spoken.turns[-1].error or "no reply")
            for clip, spoken in pairs
            if spoken.answer is None
        ]

    @property
    def false_cutoff_rate(self) -> float:
        """Of the clips, those in which a reply sounded before the wearer was done."""
        return sum(spoken.cut_off for spoken in self.spoken) / len(self.spoken)

    @property
    def wer(self) -> float:
        """Of all words understood of a clip, in whatever turns, against what was said."""
        heard = [_words(spoken.turns) for spoken in self.spoken]
        said = [clip.words for clip in self.clips]
        return word_error_rate(zip(said, heard, strict=True))

    def percentile_ms(self, percent: float) -> float | None:
        """From voice to voice; between two values in proportion; None of nothing."""
        waits_ms = [reply.v2v_ms for reply in self.replies]
        return round(float(np.percentile(waits_ms, percent)), 1) if waits_ms else None

    @property
    def waterfall_p50(self) -> dict[str, float]:
        """What the median wait is made of."""
        replies = self.replies
        if not replies:
            return {}
        # As many on either side of the median.
        trim = (len(replies) - max(1, round(len(replies) * MIDDLE_SHARE))) // 2
        middle = replies[trim : len(replies) - trim]
        named = {stage for reply in middle for stage in reply.waterfall}
        return {
            stage: round(sum(reply.waterfall.get(stage, 0.0) for reply in middle) / len(middle), 1)
            for stage in STAGES
            if stage in named
        }

    @property
    def bound_by(self) -> dict[str, int]:
        """How often each stage took longest, most often first."""
        bounds = [max(each.waterfall, key=each.waterfall.__getitem__) for each in self.replies]
        return dict(Counter(bounds).most_common())

    def counted(self, name: str) -> int:
        """A figure of the link, over all turns."""
        turns = (turn for spoken in self.spoken for turn in spoken.turns)
        return sum(int(getattr(turn.link, name)) for turn in turns)

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "p50_ms": self.percentile_ms(50),
            "p95_ms": self.percentile_ms(95),
            "n": len(self.replies),
            "wer": round(self.wer, 4),
            "waterfall_p50": self.waterfall_p50,
            "false_cutoff_rate": round(self.false_cutoff_rate, 4),
            "failed": len(self.failed),
            "cpu_cores": round(self.cpu_cores, 2),
            "bound_by": self.bound_by,
            **{name: self.counted(name) for name in ("frames", "lost_frames", "underruns")},
            "turns": [
                {"reference_ms": spoken.done_ms, "cut_off": spoken.cut_off, **turn.as_json()}
                for spoken in self.spoken
                for turn in spoken.turns
            ],
        }


def _since(waterfall: dict[str, float], later_ms: float) -> dict[str, float]:
    """The stages from a moment on that is so much later than the first one's begin."""
    if later_ms <= 0:
        return {**waterfall, "endpoint_wait": waterfall.get("endpoint_wait", 0.0) - later_ms}
    spans = {}
    for stage, span_ms in waterfall.items():
        over_ms = min(span_ms, later_ms)
        spans[stage] = span_ms - over_ms
        later_ms -= over_ms
    return spans


def _words(turns: Sequence[TurnRecord]) -> str:
    """Each word once: what was gone on with is heard again in the next turn, from its begin."""
    heard = [words(turn.transcript) for turn in turns]
    kept = [
        turn.transcript
        for turn, mine, after in zip(turns, heard, [*heard[1:], None], strict=True)
        if after is None or not (turn.reply_start_ms is None or _begins_with(after, mine))
    ]
    return " ".join(kept)


def _begins_with(later: list[str], earlier: list[str]) -> bool:
    """Whether the same was said, in ears that know more by now."""
    return errors(earlier, later[: len(earlier)]) <= len(earlier) * MISHEARD_SHARE


def ratio(ours: Mode | None, theirs: Mode | None) -> float | None:
    """Of the median waits; None if either is unknown."""
    waits_ms = [None if mode is None else mode.percentile_ms(50) for mode in (ours, theirs)]
    return round(waits_ms[0] / waits_ms[1], 3) if waits_ms[0] and waits_ms[1] else None
