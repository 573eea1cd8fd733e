"""One utterance on its way here: how much of it came, and who has it. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from mynah.inbox import records
from mynah.inbox.key import Key
from mynah.inbox.records import Ending
from mynah.inbox.seen import Seen
from mynah.inbox.wants import Append, Sync
from mynah.link.utterance import LONGEST_FRAMES
from mynah_wire.clock import elapsed_ms
from mynah_wire.codecs import codec
from mynah_wire.uplink import CROWDED, OPEN, POWERLESS

GONE: Final = 255
"""A verdict that no ring says: it has no more of this one, and did not say why."""

ANEW: Final = 254
"""No ring says that either: it has begun anew since, and has no more of this one."""

REASONS: Final = {
    POWERLESS: "the ring lost its power while this was said",
    CROWDED: "the ring had no place left for it: other utterances needed it",
    GONE: "the link was lost while this was said, and the ring has no more of it",
    ANEW: "the ring lost its power before all of this was told",
}

NOTHING: Final = "the link was lost while this was said, and the ring has nothing of it"
UNREADABLE: Final = "what was kept of it on this computer can't be read any more"

UNSURE_MS: Final = 10_000.0
"""READY may have been so long on its way, and what comes after it seems to lie in the future.
What was said more than six days ago seems to lie days ahead: then nobody knows."""

USABLE_MS: Final = 260
"""Of sound: what is shorter can't be told from a touch of the button, which lasts up to 250 ms."""


class Place(StrEnum):
    """Where the rest of it is."""

    COMING = "coming"
    """On its way as live audio."""
    AWAY = "away"
    """With the ring, if it has it still."""
    HELD = "held"
    """With the ring, which said so: it is to be fetched."""
    HERE = "here"
    """All of it came."""
    SAFE = "safe"
    """And is on the disk."""


@dataclass(slots=True)
class Letter:
    """What is known of it."""

    key: Key
    codec: int
    said_ms: float | None
    """Wall clock at its first sample; None if nobody knows."""
    noted_ms: float
    """Wall clock when it was first heard of."""
    place: Place
    seen: Seen = field(default_factory=Seen)
    told: int = 0
    """Its first frame that no turn took."""
    ending: Ending | None = None
    live: bool = False
    """The conversation hears it as it comes."""
    device_ms: int = 0
    """Ring clock at its first sample."""
    heard: int = 0
    """The next frame that the conversation is to hear of one that is fetched."""
    in_hand: bool = False
    """A turn has it."""
    written: bool = False
    """It has a file."""
    tapped: bool = False
    """No button is held for it."""
    fresh: bool = False
    """It was fetched while it was still being said."""
    verdict: int = OPEN
    """As HELD said last."""
    dropped: int = 0
    """Frames that the ring lost; of those before the first that was asked for it does not tell."""
    attempts: int = 0
    """To fetch it, without an answer."""
    retry_ms: float = 0.0
    """The disk refused it: not before then again."""
    due_ms: float | None = None
    """When it can't stay where it is."""

    @property
    def reason(self) -> str | None:
        """Why there is no more of it."""
        return None if self.ending is None else REASONS.get(self.ending.verdict)

    @property
    def is_usable(self) -> bool:
        """Whether what is here of it is worth a turn."""
        return self.seen.count * codec(self.codec).frame_ms >= USABLE_MS

    @property
    def is_hands_free(self) -> bool:
        """No button is held for it: in parts only what a tap opened is told."""
        return self.tapped or self.told > 0

    @property
    def is_wanted(self) -> bool:
        """Whether it is to be answered late."""
        return self.place is Place.SAFE and not self.in_hand

    @property
    def wanted_frame(self) -> int:
        """From where on it is fetched: whoever hears it live hears all of it."""
        return self.heard if self.live else self.seen.first_missing(self.told)

    def open(self) -> list[Append]:
        """Begin its file, if it has none."""
        if self.written:
            return []
        self.written = True
        header = records.header(self.codec, self.said_ms, self.noted_ms)
        return [Append(self.key, header)]

    def add(self, frame: int, data: bytes) -> list[Append]:
        """A frame came; nothing if it was here, is malformed or absurdly far off."""
        fits = len(data) == codec(self.codec).frame_bytes and frame - self.told < LONGEST_FRAMES
        if not fits or not self.seen.add(frame):
            return []
        return [*self.open(), Append(self.key, records.frame(frame, data))]

    def finish(self, ending: Ending) -> list[Append | Sync]:
        """All of it is here that will ever be."""
        self.place, self.ending, self.due_ms = Place.HERE, ending, None
        return [*self.open(), Append(self.key, records.end(ending)), Sync(self.key)]

    def refused(self) -> None:
        """The disk has nothing of it."""
        self.place, self.ending, self.written = Place.AWAY, None, False
        self.seen = Seen(self.told)

    def tell(self, frame: int) -> None:
        """A turn took all before a frame."""
        self.told = max(self.told, frame)
        self.seen.forget(frame)


def age_ms(said_ms: int, ready_ms: int, since_ms: float) -> float | None:
    """How long ago it was said, by the ring's clock; `since_ms` ago that was at `ready_ms`."""
    ago_ms = elapsed_ms(ready_ms, said_ms) + since_ms
    return max(0.0, ago_ms) if ago_ms > -UNSURE_MS else None
