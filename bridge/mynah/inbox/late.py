"""An utterance that is answered late: as much of it as was kept, and when it was said."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mynah.inbox.key import Key
from mynah.inbox.records import Kept
from mynah.inbox.wants import Deliver
from mynah.link.utterance import LONGEST_FRAMES, Utterance
from mynah_wire.codecs import codec
from mynah_wire.uplink import HOLD, SAID, Audio, End, Start

STREAM: Final = -1
"""Names it to the turn machine; the ring's own streams have 16 bits, those of voices more."""


@dataclass(frozen=True, slots=True)
class Late:
    """Ready to be answered."""

    key: Key
    utterance: Utterance
    said_ms: float | None
    """Wall clock at its first sample; None if nobody knows."""
    noted_ms: float
    """Wall clock when this computer first heard of it."""
    reason: str | None
    """Why there is no more of it."""
    quiet: bool
    """It may be nothing but silence."""

    @property
    def said_at(self) -> str | None:
        """ISO 8601, in UTC."""
        return iso(self.said_ms)

    def late_s(self, now_ms: float) -> float:
        """By the wall clock: since it was said, or at least since it was heard of."""
        end_ms = self.noted_ms
        if self.said_ms is not None:
            end_ms = self.said_ms + self.utterance.duration_ms
        return round(max(0.0, now_ms - end_ms) / 1000, 1)


def late_of(deliver: Deliver, kept: Kept) -> Late:
    """What was kept, from the first frame that was not answered yet. Takes 0.1 ms a frame."""
    # A ring whose memory was full may have lost minutes in the middle.
    utterance = Utterance(Start(STREAM, kept.codec, HOLD, 0), LONGEST_FRAMES)
    for frame in sorted(kept.frames):
        if frame >= deliver.frame:
            utterance.add(Audio(STREAM, frame - deliver.frame, kept.frames[frame]))
    if kept.ending is not None:
        frames = max(0, kept.ending.frames - deliver.frame)
        utterance.close(End(STREAM, SAID, frames, kept.ending.dropped, 0))
    said_ms = kept.said_ms
    if said_ms is not None and deliver.frame:
        said_ms += deliver.frame * codec(kept.codec).frame_ms
    return Late(deliver.key, utterance, said_ms, kept.noted_ms, deliver.reason, deliver.quiet)


def iso(wall_ms: float | None) -> str | None:
    """A moment as ISO 8601, in UTC, to the second."""
    if wall_ms is None:
        return None
    return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="seconds")
