"""Makes the mind of a character, with its memory and its meter, out of the settings."""

import datetime as dt
from pathlib import Path
from typing import Final

from mynah.characters.home_folder import Folder, find
from mynah.companions.reaching.openai_http import is_this_computer
from mynah.config import Section, Settings
from mynah.link.keys import data_folder
from mynah.memory.store import MemoryStore
from mynah.prompting.character import NAME
from mynah.prompting.ledger import Ledger
from mynah.prompting.meter import Meter
from mynah.prompting.mind import LOCAL, CharacterMind, Who
from mynah.prompting.remembering import Remembering
from mynah.prompting.room import LARGE, room_of

LEDGER: Final = "usage.sqlite"


def open_mind(settings: Settings, character: str) -> CharacterMind:
    """The mind of the character with this name; an empty one is Mynah's.

    UserError if there is no such character, or its memory can't be read.
    """
    folder = folder_of(character)
    name = settings.companion
    section = getattr(settings, name, None)
    small = name == LOCAL
    who = Who(
        view=folder.card().view if character else None,
        persona=getattr(section, "persona", "") if isinstance(section, Section) else "",
        user_name=settings.memory.user_name,
        room=room_of(_context_tokens(settings), small=small),
        small=small,
        companion=name,
        reflect="rules"
        if small and settings.memory.reflect == "companion"
        else settings.memory.reflect,
    )
    store = MemoryStore(folder.memory_file if settings.memory.keep else None)
    memory = Remembering(store, who.room.turns, summaries=not small)
    return CharacterMind(who, memory, open_meter(settings))


def open_meter(settings: Settings) -> Meter:
    """What the configured companion costs.

    A model on this computer is free, unless the settings have a price for it: behind an address
    here may be a proxy to one that is paid.
    """
    model, budget = model_of(settings), settings.budget
    free = is_free(settings) and model not in budget.prices
    return Meter(budget, model, dt.date.today, ledger=open_ledger(), free=free)


def open_ledger() -> Ledger:
    """What was spent so far, by all characters."""
    return Ledger(ledger_file())


def ledger_file() -> Path:
    """Where it lies."""
    return data_folder() / LEDGER


def folder_of(character: str) -> Folder:
    """Where a character lives; UserError if it does not. Mynah always has a place."""
    return find(character) if character else Folder(NAME)


def model_of(settings: Settings) -> str:
    """The model's name, as prices are listed by; else the companion's."""
    return str(_key(settings, "model") or settings.companion)


def is_free(settings: Settings) -> bool:
    """Whether the companion's model runs on this computer."""
    url = _key(settings, "base_url")
    return settings.companion in {LOCAL, "parrot"} or bool(url and is_this_computer(str(url)))


def _context_tokens(settings: Settings) -> int:
    tokens = _key(settings, "context_tokens")
    return tokens if isinstance(tokens, int) else LARGE.turns


def _key(settings: Settings, key: str) -> object:
    """Of the configured companion, whether it is ours or in [companions.NAME]."""
    section = getattr(settings, settings.companion, None)
    if isinstance(section, Section):
        return getattr(section, key, None)
    return settings.companions.get(settings.companion, {}).get(key)
