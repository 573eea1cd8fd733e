"""A character's lorebook in a conversation: what always stands in the prompt, and what comes up."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from mynah.characters.entry import ALWAYS, Entry
from mynah.characters.lore_state import NOTHING_YET, LoreState
from mynah.characters.lorebook import Activated, Lorebook
from mynah.characters.view import AtDepth
from mynah.companions.history import tokens

SCANNED_MESSAGES: Final = 12
"""Of the conversation: no card looks further back than ten."""


@dataclass(frozen=True, slots=True)
class Lore:
    """What came up, besides what always stands there; macros and all."""

    lines: tuple[str, ...] = ()
    at_depth: tuple[AtDepth, ...] = ()
    state: LoreState = NOTHING_YET
    """For the next turn."""


class LoreKeeper:
    """Asks the book; `commit` says which answer counted."""

    def __init__(self, book: Lorebook | None, budget_tokens: int, seed: str) -> None:
        self._book = book
        self._budget = budget_tokens
        self._seed = seed
        self._state = NOTHING_YET
        self._turn = 0
        self.constant: tuple[str, ...] = self._constant()

    def now(self, messages: Sequence[str]) -> Lore:
        """What comes up after these messages. The same again if it is asked again."""
        if self._book is None or not self._budget:
            return Lore()
        random = Random(f"{self._seed}{self._turn}")
        found: Activated = self._book.activate(
            messages[-SCANNED_MESSAGES:], self._turn, self._budget, random, self._state
        )
        lines = [*found.before, *found.after]
        fresh = tuple(line for line in lines if line not in self.constant)
        return Lore(fresh, found.at_depth, found.state)

    def commit(self, state: LoreState | None) -> None:
        """A turn is over; without a state nothing new came up in it."""
        self._turn += 1
        self._state = self._state if state is None else state

    def _constant(self) -> tuple[str, ...]:
        if self._book is None:
            return ()
        kept: list[str] = []
        room = self._budget
        for entry in sorted(self._book.entries, key=lambda entry: entry.order):
            if not _is_always_there(entry):
                continue
            room -= tokens(entry.content)
            if room < 0:
                break
            kept.append(entry.content)
        return tuple(kept)


def _is_always_there(entry: Entry) -> bool:
    """Whatever is said: then it stands in the part of a prompt that is cached."""
    by_chance = entry.probability < ALWAYS or entry.groups
    by_time = entry.delay or entry.every or entry.not_before or entry.greeting is not None
    always = entry.enabled and (entry.constant or entry.forced is True)
    return bool(always and entry.place != "depth" and not by_chance and not by_time)
