"""The memory of one character: its log, its facts, and what is found in them.

Its calls block, except `recall`, `facts`, `fact` and `pinned`, which never touch the disk, and
`glance`. Other programs may change the file at any time, `mynah memory` above all: whatever is
written here is decided on what the file says in that same transaction, not on what was read before.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Final

from mynah.errors import MynahError, UserError
from mynah.memory import log
from mynah.memory.fact import MOST_CONTENT, Fact, clean, clean_keys, fact_of
from mynah.memory.file import Change, PrivateFile
from mynah.memory.known import Known, written
from mynah.memory.log import Turn
from mynah.memory.recall import MOST_RECALLED
from mynah.memory.words import folded, mentions

MOST_FACTS: Final = 20_000
"""Twenty years of three a day. Beyond them the oldest unpinned one is given up for the new one."""

MOST_PINNED: Final = 500
"""Of those that come in a capsule or a lorebook: nobody pins so many by hand, and what is pinned is
never given up."""

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
THINKING: Final = "thinking"
"""The note that says until when somebody is thinking back: of two rings or programs, one does."""
TAKEN_BACK: Final = "taken back"
"""The note that counts how often somebody forgot or corrected anything."""

_ONCE_MORE: Final = """
INSERT INTO notes VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What words were found in, or were forgotten with."""

    facts: tuple[Fact, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Unthought:
    """Turns that nobody thought back over, and all that a thought about them goes on from."""

    turns: tuple[Turn, ...]
    summary: str
    before: int
    """The last turn that was thought about."""
    taken_back: str
    """Another one if anything was forgotten or corrected since."""


class MemoryStore:
    """One file; made if there is none."""

    def __init__(self, path: Path | None) -> None:
        """Without a path it is forgotten with the program."""
        self._file = PrivateFile(path, _SCHEMA, "a memory")
        self._known = Known()
        self._version = (0, 0)
        self.times_changed = 0
        """By other programs, as far as it is known here."""
        self.refresh()

    def facts(self) -> list[Fact]:
        """All of them, oldest first."""
        return self._known.facts()

    def fact(self, fact_id: int) -> Fact:
        """UserError if there is none with this id."""
        return self._known.fact(fact_id)

    def pinned(self) -> list[Fact]:
        """Those that are always told."""
        return self._known.pinned()

    def recall(self, text: str, now: float, most: int = MOST_RECALLED) -> list[Fact]:
        """The facts that these words call for, best first; within 10 ms, whatever is said."""
        return self._known.recall(text, now, most)

    def add(self, fact: Fact) -> Fact:
        """Keep it. One that says the same is renewed instead, and may be surer now."""
        with self._changing() as change:
            return self._add(change, fact)

    def edit(
        self, fact_id: int, content: str | None = None, keys: Sequence[str] | None = None
    ) -> Fact:
        """Say it otherwise; the words that were there are gone from the file."""
        words = None if content is None else clean(content, MOST_CONTENT)
        if words == "":
            raise UserError("a memory without words is none; `mynah memory forget` deletes it")
        with self._changing() as change:
            fact = self.fact(fact_id)
            changed = fact.keys if keys is None else clean_keys(list(keys))
            fact = replace(fact, content=words or fact.content, keys=changed, confidence=1.0)
            self._write(change, fact)
            change.run(_ONCE_MORE, TAKEN_BACK)
        self._file.scrub()
        return fact

    def pin(self, fact_id: int, *, pinned: bool = True) -> Fact:
        """Tell it always, or only when it is called for."""
        with self._changing() as change:
            fact = replace(self.fact(fact_id), pinned=pinned)
            self._write(change, fact)
        return fact

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
        with self._changing() as change:
            found = self.with_sources(fact_id)
            self._take_back(change, found)
        self._file.scrub()
        return found

    def forget(self, words: str) -> Found:
        """Every fact and every turn with these words, in either's words or the ring's."""
        with self._changing() as change:
            found = self.search(words)
            self._take_back(change, found)
        self._file.scrub()
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
        """Facts from a lorebook, whoever wrote it; how many of them were news.

        They push out none that was there.
        """
        with self._changing() as change:
            before, pinned = len(self._known), len(self.pinned())
            for fact in filter(None, map(fact_of, entries)):
                if len(self._known) >= MOST_FACTS:
                    break
                pinned += fact.pinned
                stays = fact.pinned and pinned <= MOST_PINNED
                # Its turns are another log's.
                self._add(change, replace(fact, source_turns=(), pinned=stays))
            return len(self._known) - before

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
        with self._changing() as change:
            return _write_down(change, turns)

    def add_missing_turns(self, turns: Iterable[Turn]) -> int:
        """Those that are not there yet, as often as they are said; how many they were.

        Wherever they come from: a file may be read as a rescue first, and as a chat then.
        """
        with self._changing() as change:
            known = Counter(map(_same_turn, self.log()))
            missing = []
            for turn in turns:
                same = _same_turn(turn)
                if not known[same]:
                    missing.append(turn)
                known[same] -= bool(known[same])
            return _write_down(change, missing)

    def begin_thinking(self, most: int, now: float, until: float) -> Unthought | None:
        """As `unthought`, to be thought about by then; None if somebody else does at this moment.

        Call `end_thinking` whatever comes of it.
        """
        with self._changing() as change:
            if now < float(self.note(THINKING) or 0) <= until:
                return None
            change.run("REPLACE INTO notes VALUES (?, ?)", THINKING, str(until))
            return self.unthought(most)

    def end_thinking(self) -> None:
        """Others may think back."""
        with self._changing() as change:
            change.run("DELETE FROM notes WHERE name = ?", THINKING)

    def unthought(self, most: int) -> Unthought:
        """The oldest turns that nobody thought back over, at most so many.

        What is read after the number of those taken back is at most newer than it, never older.
        """
        taken_back, before = self.note(TAKEN_BACK), int(self.note(FOLDED) or 0)
        turns = tuple(self.log(after=before, most=most))
        return Unthought(turns, self.note(SUMMARY), before, taken_back)

    def keep_thought(
        self, about: Unthought, facts: Iterable[Fact], summary: str
    ) -> list[Fact] | None:
        """All that came of it, as facts of this memory.

        None, and nothing is kept, if anything was forgotten or corrected while it was thought: the
        thought may tell it. An empty summary leaves the one there is.
        """
        with self._changing() as change:
            now = (int(self.note(FOLDED) or 0), self.note(SUMMARY), self.note(TAKEN_BACK))
            if now != (about.before, about.summary, about.taken_back):
                return None
            kept = [self._add(change, fact) for fact in facts]
            notes = {FOLDED: str(about.turns[-1].id)} | ({SUMMARY: summary} if summary else {})
            change.run_all("REPLACE INTO notes VALUES (?, ?)", notes.items())
            return kept

    @property
    def summary(self) -> str:
        """Of all that was thought back over; it is told in every turn."""
        return self.note(SUMMARY)

    def note(self, name: str) -> str:
        """What was noted under a name, or nothing."""
        rows = self._file.read("SELECT value FROM notes WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def set_notes(self, values: Mapping[str, str]) -> None:
        """Note all of them, by name."""
        with self._changing() as change:
            change.run_all("REPLACE INTO notes VALUES (?, ?)", values.items())

    def refresh(self) -> bool:
        """Whether another program changed the file: then what is in memory is read anew."""
        version = self._file.version()
        if version == self._version:
            return False
        self._known.renew(dict(self._file.read("SELECT id, entry FROM facts ORDER BY id")))
        self._version = version
        self.times_changed += 1
        return True

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """Refreshed; for reading in an event loop: MynahError if somebody writes at this moment.

        Who forgets something at this moment is not done yet: what is known here may still be told.
        """
        with self._file.briefly():
            self.refresh()
            yield

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def _changing(self) -> Iterator[Change]:
        """As the file's, after what another program did. What is in memory goes back with it."""
        try:
            with self._file.change() as change:
                self.refresh()
                yield change
        except BaseException:
            self._version = (0, 0)
            with suppress(MynahError):
                self.refresh()
            raise

    def _add(self, change: Change, fact: Fact) -> Fact:
        same = self._known.same_as(fact.content, SAME)
        if same is not None:
            renewed = _renewed(same, fact)
            self._write(change, renewed)
            return renewed
        if len(self._known) >= MOST_FACTS:
            self._give_up_oldest(change)
        new_id = change.run("INSERT INTO facts (entry) VALUES (?)", written(fact))
        added = replace(fact, id=new_id)
        self._known.keep(added)
        return added

    def _write(self, change: Change, fact: Fact) -> None:
        entry = self._known.keep(fact)
        change.run("UPDATE facts SET entry = ? WHERE id = ?", entry, fact.id)

    def _give_up_oldest(self, change: Change) -> None:
        unpinned = [fact for fact in self.facts() if not fact.pinned]
        oldest = min(unpinned, key=lambda fact: fact.created, default=None)
        if oldest is None:
            raise UserError(f"{MOST_FACTS} memories are pinned, more than there may be; unpin some")
        change.run("DELETE FROM facts WHERE id = ?", oldest.id)
        self._known.drop(oldest.id)

    def _take_back(self, change: Change, found: Found) -> None:
        change.run_all("DELETE FROM facts WHERE id = ?", [(fact.id,) for fact in found.facts])
        change.run_all("DELETE FROM turns WHERE id = ?", [(turn.id,) for turn in found.turns])
        # It may tell what is forgotten now. The next one begins anew.
        change.run("DELETE FROM notes WHERE name = ?", SUMMARY)
        change.run(_ONCE_MORE, TAKEN_BACK)
        for fact in found.facts:
            self._known.drop(fact.id)


def _write_down(change: Change, turns: Iterable[Turn]) -> int:
    statement, rows = log.insert(turns)
    change.run_all(statement, rows)
    return len(rows)


def _same_turn(turn: Turn) -> tuple[str, str, int]:
    _, said, heard, *_ = turn.row()
    return said, heard, round(turn.at) if isfinite(turn.at) else 0


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
