"""What goes along when a character moves to another companion, and what is laid out for it."""

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Final

from mynah.characters.briefing import MOST_TURNS, briefing
from mynah.characters.home_folder import Folder
from mynah.characters.macros import Context
from mynah.memory.log import Turn
from mynah.memory.store import MemoryStore

NOBODY: Final = "I"
"""Who gave no name."""


@dataclass(frozen=True, slots=True)
class Luggage:
    """What a character takes along."""

    name: str
    called: str
    facts: int
    turns: int
    last: tuple[Turn, ...]
    told_first: str
    """To a companion that keeps its own conversation; empty for one that is told everything."""


def pack(folder: Folder, user_name: str, *, keeps_conversation: bool) -> Luggage:
    """Look it through; for a companion that keeps its own conversation, write down what it is to
    be told first. For others, that nothing is.
    """
    view = folder.card().view
    facts, turns, count = _remembered(folder)
    told = ""
    if keeps_conversation:
        now = dt.datetime.now().astimezone()
        context = Context(view.called, user_name or NOBODY, now, Random(0))
        told = briefing(view, facts, turns, context)
        folder.write(folder.briefing_file, told.encode())
    else:
        folder.briefing_file.unlink(missing_ok=True)
    return Luggage(folder.name, view.called, len(facts), count, tuple(turns), told)


def _remembered(folder: Folder) -> tuple[list[str], list[Turn], int]:
    """Facts, those that are always told first and then the newest; the last turns; all turns."""
    if not folder.memory_file.is_file():
        return [], [], 0
    with closing(MemoryStore(folder.memory_file)) as memory:
        facts = sorted(memory.facts(), key=lambda fact: (not fact.pinned, -fact.created))
        turns = memory.last_turns(MOST_TURNS)
        return [fact.content for fact in facts], turns, len(memory.log())
