"""A rescue from start to end: lines become a card, and the memory of who they were."""

import time
from dataclasses import dataclass
from pathlib import Path

from mynah.characters.capsule import Soul
from mynah.characters.chats.chat import Chat
from mynah.characters.limits import MOST_FILE_BYTES
from mynah.characters.moving_in import MovedIn, settle
from mynah.characters.reading import content_of, read
from mynah.characters.rescue import rescued
from mynah.characters.writing import written

SOURCE = "rescue"


@dataclass(frozen=True, slots=True)
class Lost:
    """What is left of somebody, and what they were called."""

    chats: tuple[Chat, ...]
    name: str
    persona: str


def rescue(lost: Lost, portrait: Path | None, *, replacing: bool = False) -> MovedIn:
    """Their card and their turns, in a folder. With a portrait the card is a picture."""
    picture = content_of(portrait, MOST_FILE_BYTES, "a portrait") if portrait else b""
    card = rescued(lost.chats, lost.name, persona=lost.persona, now=time.time())
    content = written(card, "png" if picture else "json", picture)
    turns = tuple(turn for chat in lost.chats for turn in chat.turns(SOURCE))
    told = tuple(line for chat in lost.chats for line in chat.told)
    return settle(
        Soul(read(content, lost.name), turns=turns, told=told), lost.name, replacing=replacing
    )
