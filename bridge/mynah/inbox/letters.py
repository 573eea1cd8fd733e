"""The utterances that are not over, the oldest first, and what became of the others. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from mynah.inbox.journal import PART, Journal
from mynah.inbox.key import Key
from mynah.inbox.letter import Letter, Place
from mynah.inbox.wants import Note, Remove, Trim

TRIM_FRAMES: Final = 3000
"""Answered ones are cut off the file of a stream that goes on: a minute, 0.5 MB."""


class Letters:
    """One ring's."""

    def __init__(self, letters: Iterable[Letter], journal: Journal) -> None:
        """What the disk had."""
        self.journal = journal
        self.untold: set[Key] = set()
        """The ring has to tell that it holds them, or has nothing more of them."""
        self._letters = {letter.key: letter for letter in letters}

    def __len__(self) -> int:
        return len(self._letters)

    def __iter__(self) -> Iterator[Letter]:
        return iter(list(self._letters.values()))

    def get(self, key: Key) -> Letter | None:
        """The one with this key, unless it is over or was never heard of."""
        return self._letters.get(key)

    def is_over(self, key: Key) -> bool:
        """Whether it was answered, or told lost."""
        return key in self.journal.outcomes

    def is_safe(self, key: Key) -> bool:
        """Whether it is over or on the disk: the ring may forget it."""
        letter = self.get(key)
        return self.is_over(key) or (letter is not None and letter.place is Place.SAFE)

    def begin(self, key: Key, codec: int, said_ms: float | None, noted_ms: float) -> Letter:
        """A new one; what was told of it before a crash is remembered."""
        letter = Letter(key, codec, said_ms, noted_ms, Place.AWAY)
        letter.tell(self.journal.parts.get(key, 0))
        self._letters[key] = letter
        return letter

    def expect(self, due_ms: float) -> None:
        """The ring is there: what it has of those that are away it tells until then."""
        away = [letter for letter in self if letter.place is Place.AWAY]
        for letter in away:
            letter.due_ms = due_ms
        self.untold = {letter.key for letter in away}

    def take_untold(self) -> list[Letter]:
        """Those that it did not tell of; once."""
        untold, self.untold = self.untold, set()
        return [letter for letter in self if letter.key in untold]

    def tell(self, letter: Letter, frame: int) -> list[Note | Trim]:
        """A turn took a part of it."""
        if frame <= letter.told:
            return []
        trimmed = letter.told // TRIM_FRAMES
        letter.tell(frame)
        self.journal.note(letter.key, PART, frame)
        trim = [Trim(letter.key, frame)] if frame // TRIM_FRAMES > trimmed else []
        return [Note(letter.key, PART, frame), *trim]

    def close(self, key: Key, outcome: str) -> list[Note | Remove]:
        """It is over."""
        self.journal.note(key, outcome)
        return [Note(key, outcome), *self.forget(key)]

    def forget(self, key: Key) -> list[Remove]:
        """As if it had never been."""
        letter = self._letters.pop(key, None)
        return [Remove(key)] if letter is not None and letter.written else []

    def wanted(self) -> Letter | None:
        """Whose turn it is: what was fetched while it was said comes first, then the oldest."""
        wanted = (letter for letter in self._letters.values() if letter.is_wanted)
        return min(wanted, key=lambda letter: not letter.fresh, default=None)
