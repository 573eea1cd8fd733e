"""A character comes to live here, or packs: between files and its folder."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Final

from mynah.characters import capsule
from mynah.characters.capsule import Soul
from mynah.characters.chats.chat import Chat
from mynah.characters.home_folder import Folder, place_for
from mynah.characters.limits import MOST_FILE_BYTES
from mynah.characters.reading import content_of
from mynah.errors import UserError
from mynah.memory.store import MemoryStore

MOST_FACTS: Final = 2000
"""Of one capsule: ten years of a fact every other day."""


@dataclass(frozen=True, slots=True)
class MovedIn:
    """What came with a card."""

    folder: Folder
    facts: int
    turns: int
    told: tuple[str, ...]


def move_in(path: Path, name: str = "", *, replacing: bool = False) -> MovedIn:
    """A card or capsule from a file gets a folder; UserError if one of its name lives there.

    `replacing` gives that one the new card; its memory stays and what comes with it is added.
    """
    soul = capsule.taken_apart(content_of(path, MOST_FILE_BYTES, "a card"), str(path))
    return settle(soul, name or soul.card.view.name or path.stem, replacing=replacing)


def settle(soul: Soul, name: str, *, replacing: bool = False) -> MovedIn:
    """As move_in."""
    folder = place_for(name)
    if folder.exists and not replacing:
        raise UserError(
            f"a character called {folder.name!r} lives here already; choose another --name, or "
            "give it this card with --replace"
        )
    folder.keep(soul.card)
    if voice := PureWindowsPath(soul.voice).name:  # no file that a stranger chose
        folder.write(folder.voice_file, f"{voice}\n".encode())
    facts = turns = 0
    if soul.entries or soul.turns:
        with closing(MemoryStore(folder.memory_file)) as memory:
            facts = memory.add_entries(soul.entries)
            turns = memory.add_missing_turns(soul.turns)
    return MovedIn(folder, facts, turns, soul.told)


def remember(folder: Folder, chats: Iterable[Chat], source: str) -> int:
    """Conversations from elsewhere go into the memory; how many turns were news."""
    turns = [turn for chat in chats for turn in chat.turns(source)]
    with closing(MemoryStore(folder.memory_file)) as memory:
        return memory.add_missing_turns(turns)


def soul_of(folder: Folder) -> Soul:
    """All of a character that lives here."""
    soul = Soul(folder.card(), voice=folder.voice)
    if not folder.memory_file.is_file():
        return soul
    with closing(MemoryStore(folder.memory_file)) as memory:
        return replace(soul, entries=tuple(memory.entries()), turns=tuple(memory.log()))
