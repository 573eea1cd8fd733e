"""The facts of a memory, held where no disk is waited for, and found in moments."""

import json
from collections.abc import Mapping
from threading import RLock
from typing import Any

from mynah.companions.history import whole
from mynah.errors import UserError
from mynah.memory.fact import Fact, fact_of
from mynah.memory.recall import MOST_RECALLED, Index


class Known:
    """Used from any thread: its lock is held for moments, never while a disk works."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._index = Index()
        self._facts: dict[int, Fact] = {}
        self._entries: dict[int, str] = {}  # as the file has them

    def __len__(self) -> int:
        return len(self._facts)

    def facts(self) -> list[Fact]:
        """All of them, oldest first."""
        with self._lock:
            return list(self._facts.values())

    def fact(self, fact_id: int) -> Fact:
        """UserError if there is none with this id."""
        with self._lock:
            found = self._facts.get(fact_id)
        if found is None:
            raise UserError(f"there is no memory {fact_id}; `mynah memory list` has them all")
        return found

    def pinned(self) -> list[Fact]:
        """Those that are always told."""
        return [fact for fact in self.facts() if fact.pinned]

    def recall(self, text: str, now: float, most: int = MOST_RECALLED) -> list[Fact]:
        """The facts that these words call for, best first; within 10 ms, whatever is said."""
        with self._lock:
            return self._index.recall(text, now, most)

    def same_as(self, content: str, share: float) -> Fact | None:
        """As the index's."""
        with self._lock:
            return self._index.same_as(content, share)

    def keep(self, fact: Fact) -> str:
        """A fact with its id, or another version of it; the entry that the file is to have."""
        entry = written(fact)
        with self._lock:
            self._put(fact, entry)
        return entry

    def drop(self, fact_id: int) -> None:
        """As if it had never been there."""
        with self._lock:
            self._facts.pop(fact_id, None)
            self._entries.pop(fact_id, None)
            self._index.remove(fact_id)

    def renew(self, entries: Mapping[int, str]) -> None:
        """Take over what a file says: what differs, which is little, and somebody may wait."""
        with self._lock:
            for gone in [fact_id for fact_id in self._entries if fact_id not in entries]:
                self.drop(gone)
            for fact_id, entry in entries.items():
                if self._entries.get(fact_id) == entry:
                    continue
                fact = fact_of(_read(entry), fact_id)
                if fact is None:
                    self.drop(fact_id)
                else:
                    self._put(fact, entry)

    def _put(self, fact: Fact, entry: str) -> None:
        self._facts[fact.id] = fact
        self._entries[fact.id] = entry
        self._index.put(fact)


def written(fact: Fact) -> str:
    """As a file has it."""
    return whole(json.dumps(fact.entry(), ensure_ascii=False))


def _read(entry: str) -> Any:
    """An entry that somebody's hand in the file has spoilt costs no other."""
    try:
        return json.loads(entry)
    except (ValueError, RecursionError):
        return None
