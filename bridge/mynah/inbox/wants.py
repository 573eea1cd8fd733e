"""What happens to an inbox, and what it wants done about it."""

from dataclasses import dataclass

from mynah.inbox.key import Key
from mynah_wire.message import Message


@dataclass(frozen=True, slots=True)
class AllHeld:
    """The ring told of all that it holds, and none of that was lost on the way."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is over, and with it every turn that was in hand."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What was appended before the `Sync` survives whatever happens to this computer."""

    key: Key


@dataclass(frozen=True, slots=True)
class Failed:
    """The disk refused a part of it."""

    key: Key


@dataclass(frozen=True, slots=True)
class Noted:
    """The outcome stands in the journal, or can't: either way the ring may forget it."""

    key: Key


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What was kept can't be read any more."""

    key: Key


@dataclass(frozen=True, slots=True)
class Told:
    """A turn took it and is over."""

    key: Key
    frame: int | None = None
    """Up to there, with more to come; None: all of it."""


@dataclass(frozen=True, slots=True)
class Untold:
    """The turn that had it is over and nobody was answered: it is wanted again."""

    key: Key


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline came."""


OfUtterance = Synced | Failed | Noted | Spoilt | Told | Untold
Event = Message | AllHeld | Lost | OfUtterance | Tick


@dataclass(frozen=True, slots=True)
class Hear:
    """To be taken by the conversation, as said by the ring now."""

    message: Message


@dataclass(frozen=True, slots=True)
class Tell:
    """To be sent to the ring."""

    message: Message


@dataclass(frozen=True, slots=True)
class Append:
    """To be added to its file, which begins with its first record."""

    key: Key
    record: bytes


@dataclass(frozen=True, slots=True)
class Sync:
    """To be made safe; answered with Synced or Failed."""

    key: Key


@dataclass(frozen=True, slots=True)
class Note:
    """To be written into the journal; answered with Noted if it is over."""

    key: Key
    outcome: str
    """See journal.py."""
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Trim:
    """What comes before a frame is not needed any more."""

    key: Key
    frame: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Its file is not needed any more."""

    key: Key


@dataclass(frozen=True, slots=True)
class Deliver:
    """To be answered as soon as nobody has the floor; answered with Told, Untold or Spoilt."""

    key: Key
    frame: int = 0
    """Its first that was not answered yet."""
    reason: str | None = None
    """Why there is no more of it."""
    quiet: bool = False
    """It may be nothing but silence: the end of a stream that a tap opened."""


@dataclass(frozen=True, slots=True)
class Report:
    """It is lost; the wearer is to be told why."""

    key: Key
    reason: str
    said_ms: float | None
    """Wall clock, as far as it is known."""


Action = Hear | Tell | Append | Sync | Note | Trim | Remove | Deliver | Report
OnDisk = Append | Sync | Note | Trim | Remove
