"""The log of a memory: every turn as it was said and heard, oldest first, only ever added to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    said TEXT NOT NULL,
    heard TEXT NOT NULL,
    companion TEXT NOT NULL,
    language TEXT NOT NULL,
    ring TEXT NOT NULL,
    source TEXT NOT NULL
);
"""

MOST_WORDS: Final = 20_000
"""Characters of a turn, said or heard. An answer has 8000 at most; an import may have more."""

_COLUMNS: Final = "at, said, heard, companion, language, ring, source"


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said, and what of the answer was heard."""

    said: str
    heard: str
    at: float = 0.0
    """Seconds since 1970; 0 if nobody knows."""
    companion: str = ""
    language: str = ""
    ring: str = ""
    """What the ring felt."""
    source: str = ""
    """Empty for what was said here; else where it was imported from."""
    id: int = 0
    """In its memory; 0 if it is in none."""

    def row(self) -> tuple[Any, ...]:
        """As the file has it."""
        words = (self.said[:MOST_WORDS], self.heard[:MOST_WORDS])
        return (self.at, *words, self.companion, self.language, self.ring, self.source)


def insert(turns: Iterable[Turn]) -> tuple[str, list[tuple[Any, ...]]]:
    """The statement that adds them, and its rows."""
    return f"INSERT INTO turns ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", [  # noqa: S608
        turn.row() for turn in turns
    ]


SELECT: Final = f"SELECT id, {_COLUMNS} FROM turns"  # noqa: S608 - nothing of it is a person's


def turn_of(row: tuple[Any, ...]) -> Turn:
    """Of a row of SELECT."""
    id_, at, said, heard, companion, language, ring, source = row
    return Turn(said, heard, at, companion, language, ring, source, id_)
