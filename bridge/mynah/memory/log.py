"""The log of a memory: every turn as it was said and heard, oldest first, only ever added to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from mynah.companions.history import whole

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

CARE: Final = "care"
"""Who answers where somebody is in need: what was said then is told no model."""

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

    @property
    def is_unanswered(self) -> bool:
        """Words of which nothing came: the answer failed, or was not begun when it ended."""
        return bool(self.said) and not self.heard

    def row(self) -> tuple[Any, ...]:
        """As the file has it."""
        words = (self.said[:MOST_WORDS], self.heard[:MOST_WORDS])
        texts = (*words, self.companion, self.language, self.ring, self.source)
        return (self.at, *(whole(text) for text in texts))


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
