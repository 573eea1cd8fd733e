"""What a link's supervisor is told, and what it wants done."""

from dataclasses import dataclass
from typing import TypeAlias

from mynah.link.trouble import Kind

# What happened


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ring shall be reached, and stay so."""


@dataclass(frozen=True, slots=True)
class AdapterWent:
    """The computer's Bluetooth is off, or was pulled out."""


@dataclass(frozen=True, slots=True)
class AdapterCame:
    """It is on."""


@dataclass(frozen=True, slots=True)
class Found:
    """The ring was heard."""


@dataclass(frozen=True, slots=True)
class Connected:
    """There is a link, and what the ring offers is known."""


@dataclass(frozen=True, slots=True)
class MtuKnown:
    """Records can be sent."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Both ends have the key, and the ring has told what it can do."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The link is gone."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Failed:
    """What was tried did not work."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Tick:
    """It is `deadline_ms`."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The ring is not wanted any more."""


Event: TypeAlias = (
    Wanted
    | AdapterWent
    | AdapterCame
    | Found
    | Connected
    | MtuKnown
    | Proven
    | Lost
    | Failed
    | Tick
    | Ended
)


# What is to be done, in order


@dataclass(frozen=True, slots=True)
class HangUp:
    """Give up what is under way, link and all; wait until that is done."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Listen until the ring is heard, however long that takes."""


@dataclass(frozen=True, slots=True)
class Connect:
    """With a new client each time."""

    cached: bool
    """Whether what this computer remembers of the ring may be believed."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Listen to the ring, and learn the MTU."""


@dataclass(frozen=True, slots=True)
class Greet:
    """Prove the key, and converse."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Clear what this computer remembers of the ring, and connections that nobody holds."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the person, in the one line of its kind."""

    kind: Kind
    wait_ms: float
    """Until it is tried again; 0 while it is looked for."""
    loud: bool
    """Whether it is news; what only a person can mend is told again, ever more seldom."""


@dataclass(frozen=True, slots=True)
class Cheer:
    """All is well again: what was told holds no longer."""


Action: TypeAlias = HangUp | Scan | Connect | Exchange | Greet | Forget | Tell | Cheer
