"""What a turn was and what it cost: one line of turns.jsonl."""

import json
from dataclasses import asdict, dataclass, field
from typing import Final

STAGES: Final = (
    "uplink",  # the wearer is done -> the stream's END is here
    "endpoint_wait",  # -> the turn is taken to be over; nothing with a held button
    "asr",  # -> its words
    "companion",  # -> the companion's first words
    "clause",  # -> the first clause that can be spoken
    "tts",  # -> its first sound
    "downlink",  # -> sent, and on the air for half of the link's least round trip
    "device_buffer",  # -> heard
)
"""The waterfall, in order: each stage ends where the next begins, so that they add up."""


@dataclass(slots=True)
class LinkFigures:
    """The link during one turn."""

    interval_ms: float | None = None
    """As the ring was told; None if it was not."""
    mtu: int | None = None
    frames: int = 0
    """Received."""
    lost_frames: int = 0
    """Gaps on the sample clock from START to END, whatever made them."""
    underruns: int = 0
    enomem: int = 0


@dataclass(slots=True)
class Guesses:
    """Answers begun before the wearer was known to be done, in one turn."""

    hits: int = 0
    """Released."""
    misses: int = 0
    """Dropped, because the wearer went on or was misheard."""
    wasted_tokens: int = 0
    """Pieces of the companion's text in those."""
    wasted_ms: float = 0.0
    """From their words to their end."""


@dataclass(slots=True)
class TurnRecord:
    """One turn. Times are the ring's clock in ms."""

    turn: int
    input: str | None = None
    transcript: str = ""
    reply: str = ""
    heard: str = ""
    """What of the reply was played."""
    felt: list[str] = field(default_factory=list)
    """What the ring was made to do beside it: hug, purr …"""
    overheard: list[str] = field(default_factory=list)
    """What was said over the reply and did not end it."""
    v2v_ms: float | None = None
    """From the wearer's last sound, or the release if that is later, to the reply's first sound."""
    waterfall: dict[str, float] = field(default_factory=dict)
    bound_by: str | None = None
    done_ms: float | None = None
    reply_start_ms: float | None = None
    reply_end_ms: float | None = None
    said_at: str | None = None
    """Of what was answered late: when it was said, in ISO 8601, if that is known."""
    late_s: float | None = None
    """How long ago that was, at least; None if the turn was not late."""
    kept: bool = False
    """It is not answered yet: it will be, late, as another turn."""
    answered_by: str | None = None
    """Who did in the companion's place: the fallback, or `care` ..."""
    because: str | None = None
    """... and why."""
    occasion: str | None = None
    """Why the companion spoke though nobody had: a touch, a ritual, or `companion`."""
    revisions: int = 0
    """How often the wearer went on after a pause."""
    guesses: Guesses = field(default_factory=Guesses)
    link: LinkFigures = field(default_factory=LinkFigures)
    loop_lag_ms: float = 0.0
    """How late the bridge's own loop was at worst."""
    error: str | None = None
    events: list[list[object]] = field(default_factory=list)
    """What the turn machine was told and what it did (tape.py)."""

    def as_json(self) -> dict[str, object]:
        """The object that is written."""
        return asdict(self)

    def line(self) -> str:
        """The same as JSON, on one line."""
        text = json.dumps(self.as_json(), ensure_ascii=False)
        # What a terminal obeys, what turns the order of letters round or has no encoding is
        # spelled out.
        return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


class Stopwatch:
    """Marks the ends of a turn's stages, on the host's clock."""

    def __init__(self, done_ms: float) -> None:
        """`done_ms` is when the wearer was done."""
        self.done_ms = done_ms
        self._ends_ms: dict[str, float] = {}

    def mark(self, stage: str, at_ms: float) -> None:
        """A stage ended; only its first mark counts."""
        if stage not in STAGES:
            raise ValueError(f"no stage is called {stage!r}")
        self._ends_ms.setdefault(stage, at_ms)

    def waterfall(self) -> dict[str, float]:
        """Milliseconds of each stage up to the last that ended; they add up to all of the time."""
        # Two clocks, and a radio that starts before all is sent: an end may seem to lie before the
        # wearer was done, or after the sound was heard. It is put where the whole allows.
        heard_ms = self._ends_ms.get(STAGES[-1], float("inf"))
        ended = [number for number, stage in enumerate(STAGES) if stage in self._ends_ms]
        spans = {}
        begin_ms = self.done_ms
        for stage in STAGES[: max(ended, default=-1) + 1]:
            end_ms = max(begin_ms, min(self._ends_ms.get(stage, begin_ms), heard_ms))
            spans[stage] = round(end_ms - begin_ms, 1)
            begin_ms = end_ms
        return spans
