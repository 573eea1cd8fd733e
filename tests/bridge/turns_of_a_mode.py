"""Clips that were spoken in a benchmark, made up of the spans of their waterfalls."""

from pathlib import Path

from mynah.bench.clips import Clip
from mynah.scripted import Spoken
from mynah.turn.record import STAGES, LinkFigures, TurnRecord

WORDS = "ten of clubs"
DONE_MS = 5000.0


def clip(number, words=WORDS):
    return Clip(Path(f"clip_{number}.wav"), words)


def record(*spans_ms, transcript=WORDS, done_ms=DONE_MS, error=None):
    """Without spans it has no reply."""
    v2v_ms = float(sum(spans_ms)) if spans_ms else None
    return TurnRecord(
        1,
        transcript=transcript,
        v2v_ms=v2v_ms,
        waterfall=dict(zip(STAGES, map(float, spans_ms), strict=False)),
        done_ms=done_ms,
        reply_start_ms=None if v2v_ms is None else done_ms + v2v_ms,
        link=LinkFigures(frames=100, lost_frames=1, underruns=2),
        error=error,
    )


def spoken(*spans_ms, reference_ms=DONE_MS, cut_off=False, **more):
    """One turn."""
    return Spoken((record(*spans_ms, **more),), reference_ms, cut_off)
