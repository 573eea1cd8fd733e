"""What became of utterances, so that none is answered twice: lines, each with its CRC. Pure."""

import zlib
from dataclasses import dataclass, field
from typing import Final, TypeVar

from mynah.inbox.key import Key

Value = TypeVar("Value")

DONE: Final = "done"
"""Its turn was told."""
LOST: Final = "lost"
"""It was told that it is lost."""
PART: Final = "part"
"""A turn took it up to a frame; more of it may come."""

OUTCOMES_KEPT: Final = 1024
"""A ring with 4 MB of flash holds 340 utterances of a second; it asks about no others."""

LINES_MOST: Final = 4 * OUTCOMES_KEPT
"""Then the journal is written anew, shorter: 200 kB, once in 3,000 turns."""


@dataclass(slots=True)
class Journal:
    """All that is remembered of one ring's utterances; the oldest is forgotten."""

    outcomes: dict[Key, str] = field(default_factory=dict)
    """DONE or LOST."""
    parts: dict[Key, int] = field(default_factory=dict)
    """The first frame that no turn took, of those that are not over."""
    lines: int = 0

    def note(self, key: Key, outcome: str, frame: int = 0) -> None:
        """Something became of it."""
        self.lines += 1
        if outcome == PART:
            _put(self.parts, key, frame)
            return
        self.parts.pop(key, None)
        _put(self.outcomes, key, outcome)

    def copy(self) -> "Journal":
        """Another one that knows the same."""
        return Journal(dict(self.outcomes), dict(self.parts), self.lines)

    def compact(self) -> bytes:
        """The same as a file, as short as can be."""
        lines = [line(key, outcome) for key, outcome in self.outcomes.items()]
        lines += [line(key, PART, frame) for key, frame in self.parts.items()]
        self.lines = len(lines)
        return b"".join(lines)


def line(key: Key, outcome: str, frame: int = 0) -> bytes:
    """To be appended. It begins a line of its own, whatever was torn before it."""
    text = f"{outcome} {key.name} {frame}".encode()
    return b"\n%s %08x\n" % (text, zlib.crc32(text))


def read(device_id: str, file: bytes) -> Journal:
    """All lines that are whole; what is torn is as if it had not been written."""
    journal = Journal()
    for written in file.split(b"\n"):
        text, _, crc = written.rpartition(b" ")
        if not text or crc != b"%08x" % zlib.crc32(text):
            continue
        try:
            outcome, name, digits = text.decode("ascii").split(" ")
            key, frame = Key.of_name(device_id, name), int(digits)
        except ValueError:
            continue  # a later version's
        if key is not None:
            journal.note(key, outcome, frame)
    return journal


def _put(known: dict[Key, Value], key: Key, value: Value) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > OUTCOMES_KEPT:
        del known[next(iter(known))]
