"""An inbox's files on a disk: what it wants is carried out, what is there is found again.

Blocks; whoever has an event loop calls it in a thread.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from mynah.inbox import journal, records
from mynah.inbox.disk import Disk
from mynah.inbox.journal import LINES_MOST, Journal
from mynah.inbox.key import Key
from mynah.inbox.letter import Letter, Place
from mynah.inbox.seen import Seen
from mynah.inbox.wants import Append, Note, OnDisk, Remove, Sync, Trim
from mynah.link.utterance import LONGEST_FRAMES
from mynah_wire.codecs import CODECS

JOURNAL: Final = "journal"
SAID: Final = ".said"
"""Ends the name of an utterance's file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The disk did not do what was wanted."""

    action: OnDisk
    error: OSError


class Files:
    """One ring's."""

    def __init__(self, device_id: str, disk: Disk) -> None:
        self.disk = disk
        self._device_id = device_id
        self._journal = Journal()

    @property
    def lines(self) -> int:
        """Of the journal."""
        return self._journal.lines

    def load(self) -> tuple[list[Letter], Journal]:
        """What there is, the oldest first, and safe. What is over is removed."""
        self._journal = journal.read(self._device_id, self.disk.read(JOURNAL))
        letters = [self._found(name) for name in self.disk.names() if name.endswith(SAID)]
        found = sorted(filter(None, letters), key=lambda letter: letter.noted_ms)
        return found, self._journal.copy()

    def read(self, key: Key) -> records.Kept | None:
        """What was kept of an utterance; None if that can't be read."""
        return records.read(self.disk.read(_name(key)))

    def carry_out(self, actions: Iterable[OnDisk]) -> list[Refused]:
        """All of them in order. What is not whole is not synced."""
        refused: list[Refused] = []
        for (kind, key), same in groupby(actions, lambda action: (type(action), action.key)):
            group = list(same)
            broken = [each.error for each in refused if each.action.key == key]
            try:
                if broken and kind is Sync:
                    raise broken[0]
                self._carry_out(kind, group)
            except OSError as error:
                refused += [Refused(action, error) for action in group]
        return refused

    def _carry_out(self, kind: type[OnDisk], group: list[OnDisk]) -> None:
        name = _name(group[0].key)
        if kind is Append:  # many at once are one write
            data = b"".join(action.record for action in group if isinstance(action, Append))
            self.disk.append(name, data)
            return
        for action in group:
            match action:
                case Sync():
                    self.disk.sync(name)
                case Note(key, outcome, frame):
                    self._note(key, outcome, frame)
                case Trim(key, frame):
                    self._trim(key, frame)
                case Remove():
                    self.disk.remove(name)

    def _note(self, key: Key, outcome: str, frame: int) -> None:
        self._journal.note(key, outcome, frame)
        if self._journal.lines > LINES_MOST:
            self.disk.replace(JOURNAL, self._journal.compact())
            return
        self.disk.append(JOURNAL, journal.line(key, outcome, frame))
        self.disk.sync(JOURNAL)

    def _trim(self, key: Key, frame: int) -> None:
        kept = self.read(key)
        if kept is not None:
            kept.frames = {place: kept.frames[place] for place in kept.frames if place >= frame}
            self.disk.replace(_name(key), _file(kept))

    def _found(self, name: str) -> Letter | None:
        key = Key.of_name(self._device_id, name.removesuffix(SAID))
        kept = None if key is None else records.read(self.disk.read(name))
        if key is None or kept is None or key in self._journal.outcomes:
            self.disk.remove(name)
            return None
        if kept.codec not in {codec.id for codec in CODECS}:
            return None  # a later version's: it stays for that
        self.disk.sync(name)
        return _letter(key, kept, self._journal.parts.get(key, 0))


def _letter(key: Key, kept: records.Kept, told: int) -> Letter:
    place = Place.AWAY if kept.ending is None else Place.SAFE
    letter = Letter(key, kept.codec, kept.said_ms, kept.noted_ms, place, Seen(told), told)
    letter.ending, letter.written = kept.ending, True
    for frame in kept.frames:
        if frame - told < LONGEST_FRAMES:
            letter.seen.add(frame)
    return letter


def _file(kept: records.Kept) -> bytes:
    parts = [records.header(kept.codec, kept.said_ms, kept.noted_ms)]
    parts += [records.frame(place, data) for place, data in kept.frames.items()]
    parts += [] if kept.ending is None else [records.end(kept.ending)]
    return b"".join(parts)


def _name(key: Key) -> str:
    return key.name + SAID
