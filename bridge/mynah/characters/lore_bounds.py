"""Cuts a lorebook down to what can be looked through at every turn, and says so in one line."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from mynah.characters.entry import Entry
from mynah.characters.expressions import bounded
from mynah.characters.keys import expression_of
from mynah.characters.limits import (
    MOST_EXPRESSION_CHARACTERS,
    MOST_EXPRESSIONS,
    MOST_KEY_CHARACTERS,
    MOST_KEYS,
    MOST_KEYS_OF_ENTRY,
)


@dataclass(slots=True)
class _Left:
    """What there is still room for, and what there was none for."""

    keys: int = MOST_KEYS
    expressions: int = MOST_EXPRESSIONS
    characters: int = MOST_EXPRESSION_CHARACTERS
    cut: int = 0

    def kept(self, keys: tuple[str, ...], entry: Entry) -> tuple[str, ...]:
        """Those of an entry's keys that there is room for."""
        first = islice(keys, MOST_KEYS_OF_ENTRY)
        kept = tuple(key for key in first if self._takes(key, entry))
        self.cut += len(keys) - len(kept)
        return kept

    def _takes(self, key: str, entry: Entry) -> bool:
        if len(key) > MOST_KEY_CHARACTERS or self.keys <= 0:
            return False
        if expression := expression_of(key, entry):
            within = bounded(expression[0])
            if within is None or self.expressions <= 0 or self.characters < within[1]:
                return False
            self.expressions -= 1
            self.characters -= within[1]
        self.keys -= 1
        return True


def within_bounds(entries: Iterable[Entry]) -> tuple[list[Entry], int]:
    """The entries with the keys there is room for, and how many keys they lost."""
    left = _Left()
    return [_within(entry, left) for entry in entries], left.cut


def _within(entry: Entry, left: _Left) -> Entry:
    before = left.cut
    keys, secondary, additional, excluded = (
        left.kept(each, entry)
        for each in (entry.keys, entry.secondary, entry.additional, entry.excluded)
    )
    if left.cut == before:
        return entry
    return replace(entry, keys=keys, secondary=secondary, additional=additional, excluded=excluded)
