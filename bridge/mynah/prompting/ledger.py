"""What answers have cost, by day and model, in a file. Its calls block."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from mynah.memory.file import PrivateFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    answer INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    guessed INTEGER NOT NULL,
    cost REAL NOT NULL,
    paid INTEGER NOT NULL,
    PRIMARY KEY (day, model)
)
"""

# Added to what is there, so that two bridges may write one file.
_ADD: Final = """
INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE SET
    prompt = prompt + excluded.prompt, cached = cached + excluded.cached,
    answer = answer + excluded.answer, answers = answers + excluded.answers,
    guessed = guessed + excluded.guessed, cost = cost + excluded.cost,
    paid = max(paid, excluded.paid)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one model on one day."""

    day: str
    """2026-11-23, where the wearer is."""
    model: str
    prompt: int = 0
    cached: int = 0
    answer: int = 0
    answers: int = 0
    guessed: int = 0
    """Of the answers, those for which tokens were reckoned: the backend told none."""
    cost: float = 0.0
    paid: bool = True
    """Whether it counts against a budget: a model on this computer costs nobody anything."""

    @property
    def tokens(self) -> int:
        return self.prompt + self.answer


class Ledger:
    """One file for all characters; made if there is none."""

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(path, _SCHEMA, "a ledger")

    def add(self, spent: Spent) -> None:
        """On top of what was spent on that day."""
        with self._file.change() as change:
            change.run(_ADD, *_row(spent))

    def days(self, since: str = "") -> list[Spent]:
        """Oldest first, from that day on."""
        query = "SELECT * FROM usage WHERE day >= ? ORDER BY day, model"
        return [_spent(row) for row in self._file.read(query, since)]

    def close(self) -> None:
        self._file.close()


def total(spent: Iterable[Spent]) -> Spent:
    """All of it as one."""
    every = list(spent)
    return Spent(
        day="",
        model="",
        prompt=sum(each.prompt for each in every),
        cached=sum(each.cached for each in every),
        answer=sum(each.answer for each in every),
        answers=sum(each.answers for each in every),
        guessed=sum(each.guessed for each in every),
        cost=sum(each.cost for each in every),
    )


def _row(spent: Spent) -> tuple[str | int | float, ...]:
    counts = (spent.prompt, spent.cached, spent.answer, spent.answers, spent.guessed)
    return (spent.day, spent.model, *counts, spent.cost, spent.paid)


def _spent(row: tuple[Any, ...]) -> Spent:
    *counted, paid = row
    return replace(Spent(*counted), paid=bool(paid))
