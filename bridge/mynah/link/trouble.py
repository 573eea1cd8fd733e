"""What can go wrong with the way to a ring: its kind, how soon to try again, what a person can do.

Pure: an error is known by its cause, its class's name and its words, for neither bleak nor BlueZ
has types for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mynah.errors import LinkError, one_line
from mynah_wire.errors import RefusedError
from mynah_wire.handshake import REFUSED_BUSY, REFUSED_KEY, REFUSED_NO_KEY


class Kind(StrEnum):
    """Who or what is in the way."""

    AWAY = "away"
    ASLEEP = "asleep"
    SILENT = "silent"
    BUSY = "busy"
    WRONG_KEY = "wrong key"
    UNFIT = "unfit"
    ADAPTER_OFF = "adapter off"
    NO_ADAPTER = "no adapter"
    DENIED = "denied"
    IN_PROGRESS = "in progress"
    STALE_CACHE = "stale cache"
    BOND_LOST = "bond lost"
    NO_SLOTS = "no slots"
    STALLED = "stalled"
    UNPLUGGED = "unplugged"
    HOPELESS = "hopeless"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind, for the machine and for the person."""

    first_ms: float
    """Waited after the first failure; twice as long after each more."""
    most_ms: float
    line: str
    """What is wrong; empty where the error itself says it best."""
    step: str
    """What the person can do."""


LONGEST_MS: Final = 60_000.0
"""Nobody waits longer than a minute for a ring that is well again."""

# A ring that is away is not found, and what is not found costs it nothing: the scan goes on all the
# while, and only a ring that was heard and not reached is given a moment. 2 s, a scan, a connection
# and a handshake are less than the 5 s within which the next turn is promised.
_SOON: Final = (250.0, 2000.0)
# Looks at something on this computer, which costs nobody anything.
_LOOK: Final = (2000.0, 2000.0)
# BlueZ frees a connection that nobody holds within seconds to minutes; a stalled D-Bus likewise.
_STACK: Final = (1000.0, LONGEST_MS)
# Only a person can mend it. The ring hides for up to 32 s after a refusal.
_PERSON: Final = (LONGEST_MS, LONGEST_MS)

TROUBLES: Final = {
    Kind.AWAY: Trouble(*_SOON, "the ring is out of reach", "come within 10 m of this computer"),
    Kind.ASLEEP: Trouble(
        *_SOON, "the ring is asleep, off, or far away", "press its button, or charge it"
    ),
    Kind.SILENT: Trouble(
        *_STACK, "the ring is there, but does not answer", "if it stays so, switch it off and on"
    ),
    Kind.BUSY: Trouble(
        5000.0,
        15_000.0,
        "another computer or a cable holds the ring",
        "end mynah there, or take the ring off that cable",
    ),
    Kind.WRONG_KEY: Trouble(
        *_PERSON,
        "this computer and the ring have different keys",
        "connect it by cable and run mynah pair",
    ),
    Kind.UNFIT: Trouble(*_PERSON, "", "update the ring's firmware and this bridge"),
    Kind.ADAPTER_OFF: Trouble(
        *_LOOK,
        "Bluetooth is switched off on this computer",
        "switch it on (Linux: rfkill unblock bluetooth && bluetoothctl power on)",
    ),
    Kind.NO_ADAPTER: Trouble(
        *_LOOK, "this computer has no Bluetooth that runs", "run mynah doctor"
    ),
    Kind.DENIED: Trouble(
        *_PERSON, "this program may not use Bluetooth", "run mynah doctor for how to allow it"
    ),
    Kind.IN_PROGRESS: Trouble(
        *_STACK,
        "this computer's Bluetooth is busy with an older connection",
        "wait a minute, or switch Bluetooth off and on",
    ),
    Kind.STALE_CACHE: Trouble(
        *_SOON,
        "this computer remembers the ring wrongly",
        "it is asked anew; if it stays so, remove the ring in the Bluetooth settings",
    ),
    Kind.BOND_LOST: Trouble(
        *_PERSON,
        "this computer wants to pair by radio, which the ring does not do",
        "remove the ring in the Bluetooth settings",
    ),
    Kind.NO_SLOTS: Trouble(
        4000.0,
        LONGEST_MS,
        "this computer's Bluetooth can't hold one more connection",
        "disconnect another device",
    ),
    Kind.STALLED: Trouble(
        *_STACK,
        "this computer's Bluetooth does not answer",
        "if it stays so: sudo systemctl restart bluetooth, or switch it off and on",
    ),
    Kind.UNPLUGGED: Trouble(1000.0, 2000.0, "", "plug the ring in again"),
    Kind.HOPELESS: Trouble(*_PERSON, "", ""),  # the error says both
    Kind.OTHER: Trouble(*_STACK, "", ""),
}

_REFUSALS: Final = {
    REFUSED_KEY: Kind.WRONG_KEY,
    REFUSED_NO_KEY: Kind.WRONG_KEY,
    REFUSED_BUSY: Kind.BUSY,
}

# In lower case. The first that occurs in what an error says decides: the special before the
# general, for one line often quotes another.
_WORDS: Final = (
    ("peer removed pairing information", Kind.BOND_LOST),
    ("error.authentication", Kind.BOND_LOST),
    ("insufficient authentication", Kind.BOND_LOST),
    ("insufficient encryption", Kind.BOND_LOST),
    ("encryption is insufficient", Kind.BOND_LOST),
    ("connection slot", Kind.NO_SLOTS),
    ("available connection", Kind.NO_SLOTS),
    ("dbus.error.accessdenied", Kind.DENIED),
    ("error.notauthorized", Kind.DENIED),
    ("not authorized", Kind.DENIED),
    ("access denied", Kind.DENIED),
    ("denied permission", Kind.DENIED),
    ("no powered bluetooth adapters", Kind.ADAPTER_OFF),
    ("is bluetooth turned on", Kind.ADAPTER_OFF),
    ("turned off", Kind.ADAPTER_OFF),
    ("powered off", Kind.ADAPTER_OFF),
    ("error.notready", Kind.ADAPTER_OFF),
    ("no bluetooth adapter", Kind.NO_ADAPTER),
    ("there is no bluetooth", Kind.NO_ADAPTER),
    ("dbus.error.serviceunknown", Kind.NO_ADAPTER),
    ("bluetooth is unsupported", Kind.NO_ADAPTER),
    ("adapter '", Kind.NO_ADAPTER),
    ("error.inprogress", Kind.IN_PROGRESS),
    ("already in progress", Kind.IN_PROGRESS),
    ("connected already", Kind.IN_PROGRESS),
    ("org.bluez.gatt", Kind.STALE_CACHE),
    ("invalid handle", Kind.STALE_CACHE),
    ("attribute not found", Kind.STALE_CACHE),
    ("has not its service", Kind.STALE_CACHE),
    ("service discovery has not been performed", Kind.STALE_CACHE),
    ("dbus.error.noreply", Kind.STALLED),
    ("dbus.error.timeout", Kind.STALLED),
    ("dbus.error.disconnected", Kind.STALLED),
    ("bluetooth does not answer", Kind.STALLED),
    ("was pulled", Kind.UNPLUGGED),
    ("that this computer has not", Kind.WRONG_KEY),
    ("did not answer", Kind.SILENT),
    ("'s mtu is", Kind.UNFIT),
    ("does not speak", Kind.UNFIT),
    ("says that it is", Kind.WRONG_KEY),
    ("went to sleep", Kind.ASLEEP),
    ("codec is unknown", Kind.UNFIT),
    ("fell silent", Kind.AWAY),
    ("le-connection-abort-by-local", Kind.AWAY),
    ("connection-canceled", Kind.AWAY),
    ("software caused connection abort", Kind.AWAY),
    ("dbus.error.unknownobject", Kind.AWAY),
    ("out of reach", Kind.AWAY),
    ("hung up", Kind.AWAY),
    ("in range", Kind.AWAY),
    ("unreachable", Kind.AWAY),
    ("disconnected", Kind.AWAY),
    ("not connected", Kind.AWAY),
    ("connecting failed", Kind.AWAY),
    ("connection failed", Kind.AWAY),
)

# Where the class says more than the words.
_CLASSES: Final = {
    "BleakCharacteristicNotFoundError": Kind.STALE_CACHE,
    "BleakDeviceNotFoundError": Kind.AWAY,
    "BleakNotFoundError": Kind.AWAY,
    "BrokenPipeError": Kind.STALLED,
    "EOFError": Kind.STALLED,
    "FileNotFoundError": Kind.NO_ADAPTER,
    "PermissionError": Kind.DENIED,
    "TimeoutError": Kind.AWAY,
}


def kind_of(error: BaseException) -> Kind:
    """What an error means for the way to the ring; its causes are asked as well."""
    causes = list(_with_causes(error))
    for each in causes:
        if isinstance(each, RefusedError):
            return _REFUSALS.get(each.reason, Kind.UNFIT)
        if isinstance(each, LinkError) and not each.retryable:
            return Kind.HOPELESS
    for each in causes:
        known = _by_words(str(each).lower())
        if known is not None:
            return known
    classes = (_CLASSES.get(type(each).__name__) for each in causes)
    return next((kind for kind in classes if kind is not None), Kind.OTHER)


def told(kind: Kind, error: BaseException | None = None) -> str:
    """One line: what is wrong, and what the person can do."""
    trouble = TROUBLES[kind]
    what = trouble.line or (one_line(error) if error else f"the link has trouble ({kind})")
    return f"{what}: {trouble.step}" if trouble.step else what


def _by_words(text: str) -> Kind | None:
    return next((kind for words, kind in _WORDS if words in text), None)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """Innermost last; a group stands for its first."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, BaseExceptionGroup):
            at = at.exceptions[0]
            continue
        yield at
        at = at.__cause__
