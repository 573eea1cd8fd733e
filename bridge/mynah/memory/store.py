"""The memory of one character: its log, its facts, and what is found in them.

Its calls block, except `recall`, `facts`, `fact` and `pinned`: those never touch the disk.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Any, Final

from mynah.errors import UserError
from mynah.memory import log
from mynah.memory.fact import MOST_CONTENT, Fact, clean, clean_keys, fact_of
from mynah.memory.file import Change, PrivateFile
from mynah.memory.log import Turn
from mynah.memory.recall import MOST_RECALLED, Index
from mynah.memory.words import folded, mentions

MOST_FACTS: Final = 20_000
"""Twenty years of three a day. Beyond them the oldest unpinned one is given up for the new one."""

SAME: Final = 0.7
"""Of two facts' words: they say the same. 0.5 takes "lives in Leeds" for "lives in Bristol"."""

_SCHEMA: Final = f"""
{log.SCHEMA}
CREATE TABLE IF NOT EXISTS facts (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)
"""

SUMMARY: Final = "summary"
FOLDED: Final = "folded"
"""The notes that hold the summary, and the id of the last turn that was thought back over."""


@dataclass(frozen=True, slots=True)
class Found:
    """What words were found in, or were forgotten with."""

    facts: tuple[Fact, ...]
    turns: tuple[Turn, ...]


class MemoryStore:
    """One file; made if there is none."""

    def __init__(self, path: Path | None) -> None:
        """Without a path it is forgotten with the program."""
        self._file = PrivateFile(path, _SCHEMA, "a memory")
        self._lock = RLock()  # of the index: held for moments, never while the disk works
        self._index = Index()
        self._facts: dict[int, Fact] = {}
        self._version = self._file.version()
        self._load()

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

    def add(self, fact: Fact) -> Fact:
        """Keep it. One that says the same is renewed instead, and may be surer now."""
        with self._lock:
            same = self._index.same_as(fact.content, SAME)
            full = len(self._facts) >= MOST_FACTS
        if same is not None:
            return self._write(_renewed(same, fact))
        with self._file.change() as change:
            if full:
                self._give_up_oldest(change)
            entry = json.dumps(fact.entry(), ensure_ascii=False)
            fact_id = change.run("INSERT INTO facts (entry) VALUES (?)", entry)
        added = replace(fact, id=fact_id)
        self._keep(added)
        return added

    def edit(
        self, fact_id: int, content: str | None = None, keys: Sequence[str] | None = None
    ) -> Fact:
        """Say it otherwise; the words that were there are gone from the file."""
        fact = self.fact(fact_id)
        words = fact.content if content is None else clean(content, MOST_CONTENT)
        if not words:
            raise UserError("a memory without words is none; `mynah memory forget` deletes it")
        changed = fact.keys if keys is None else clean_keys(list(keys))
        written = self._write(replace(fact, content=words, keys=changed, confidence=1.0))
        self._file.scrub()
        return written

    def pin(self, fact_id: int, *, pinned: bool = True) -> Fact:
        """Tell it always, or only when it is called for."""
        return self._write(replace(self.fact(fact_id), pinned=pinned))

    def with_sources(self, fact_id: int) -> Found:
        """A fact, and the turns it comes from."""
        fact = self.fact(fact_id)
        turns = [self.log(after=each - 1, most=1) for each in fact.source_turns]
        return Found(
            (fact,),
            tuple(turn for found in turns for turn in found if turn.id in fact.source_turns),
        )

    def forget_fact(self, fact_id: int) -> Found:
        """The fact, and the turns it comes from: nothing could bring it back."""
        found = self.with_sources(fact_id)
        self._forget(found)
        return found

    def forget(self, words: str) -> Found:
        """Every fact and every turn with these words, in either's words or the ring's."""
        found = self.search(words)
        self._forget(found)
        return found

    def search(self, words: str) -> Found:
        """The facts and turns that have these words."""
        if not words.strip():
            raise UserError("no words are everywhere; say which")
        wanted = mentions(words)
        facts = [fact for fact in self.facts() if wanted.search(folded(_words_of_fact(fact)))]
        turns = [turn for turn in self.log() if wanted.search(folded(_words_of(turn)))]
        return Found(tuple(facts), tuple(turns))

    def entries(self) -> list[dict[str, Any]]:
        """The facts as entries of a V3 lorebook: for a capsule, or any program that reads one."""
        return [fact.entry() for fact in self.facts()]

    def add_entries(self, entries: Iterable[Any]) -> int:
        """Facts from a lorebook, whoever wrote it; how many of them were news."""
        before = len(self.facts())
        for entry in entries:
            if (fact := fact_of(entry)) is not None:
                self.add(replace(fact, source_turns=()))  # they are another log's
        return len(self.facts()) - before

    def log(self, after: int = 0, most: int = -1) -> list[Turn]:
        """Turns after the one with this id, oldest first; at most so many."""
        rows = self._file.read(f"{log.SELECT} WHERE id > ? ORDER BY id LIMIT ?", after, most)
        return [log.turn_of(row) for row in rows]

    def last_turns(self, count: int, after: int = 0) -> list[Turn]:
        """The newest, oldest first."""
        query = f"{log.SELECT} WHERE id > ? ORDER BY id DESC LIMIT ?"
        return [log.turn_of(row) for row in reversed(self._file.read(query, after, count))]

    def add_turns(self, turns: Iterable[Turn]) -> int:
        """Write them down; how many they were."""
        statement, rows = log.insert(turns)
        with self._file.change() as change:
            change.run_all(statement, rows)
        return len(rows)

    def note(self, name: str) -> str:
        """What was noted under a name, or nothing."""
        rows = self._file.read("SELECT value FROM notes WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def set_notes(self, values: Mapping[str, str]) -> None:
        """Note all of them, by name."""
        with self._file.change() as change:
            change.run_all("REPLACE INTO notes VALUES (?, ?)", values.items())

    def refresh(self) -> bool:
        """Whether another program changed the file: then what is in memory is read anew."""
        version = self._file.version()
        if version == self._version:
            return False
        self._version = version
        self._load()
        return True

    def close(self) -> None:
        self._file.close()

    def _load(self) -> None:
        rows = self._file.read("SELECT id, entry FROM facts ORDER BY id")
        read = (fact_of(_read(entry), id_) for id_, entry in rows)
        facts = {fact.id: fact for fact in read if fact is not None}
        index = Index(facts.values())
        with self._lock:
            self._facts, self._index = facts, index

    def _keep(self, fact: Fact) -> None:
        with self._lock:
            self._facts[fact.id] = fact
            self._index.put(fact)

    def _write(self, fact: Fact) -> Fact:
        with self._file.change() as change:
            entry = json.dumps(fact.entry(), ensure_ascii=False)
            change.run("UPDATE facts SET entry = ? WHERE id = ?", entry, fact.id)
        self._keep(fact)
        return fact

    def _give_up_oldest(self, change: Change) -> None:
        unpinned = [fact for fact in self.facts() if not fact.pinned]
        oldest = min(unpinned, key=lambda fact: fact.created, default=None)
        if oldest is None:
            raise UserError(f"{MOST_FACTS} memories are pinned, more than there may be; unpin some")
        change.run("DELETE FROM facts WHERE id = ?", oldest.id)
        self._drop([oldest])

    def _forget(self, found: Found) -> None:
        with self._file.change() as change:
            change.run_all("DELETE FROM facts WHERE id = ?", [(fact.id,) for fact in found.facts])
            change.run_all("DELETE FROM turns WHERE id = ?", [(turn.id,) for turn in found.turns])
            # It may tell what is forgotten now. The next one begins anew.
            change.run("DELETE FROM notes WHERE name = ?", SUMMARY)
        self._file.scrub()
        self._drop(found.facts)

    def _drop(self, facts: Iterable[Fact]) -> None:
        with self._lock:
            for fact in facts:
                self._facts.pop(fact.id, None)
                self._index.remove(fact.id)


def _read(entry: str) -> Any:
    """An entry that somebody's hand in the file has spoilt costs no other."""
    try:
        return json.loads(entry)
    except (ValueError, RecursionError):
        return None


def _renewed(old: Fact, new: Fact) -> Fact:
    return replace(
        old,
        keys=clean_keys([*old.keys, *new.keys]),
        source_turns=tuple(dict.fromkeys([*old.source_turns, *new.source_turns])),
        confidence=max(old.confidence, new.confidence),
        created=max(old.created, new.created),
        pinned=old.pinned or new.pinned,
    )


def _words_of_fact(fact: Fact) -> str:
    """Those that other programs put into its entry too."""
    return "\n".join([fact.content, *fact.keys, json.dumps(dict(fact.rest), ensure_ascii=False)])


def _words_of(turn: Turn) -> str:
    return f"{turn.said}\n{turn.heard}\n{turn.ring}"
