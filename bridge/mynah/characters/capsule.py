"""The soul capsule: one .charx with all of a character. Card, portrait, memory, voice, chats.

Any program that reads .charx has the card, the portrait, and the memory as lore. It is a card like
others until it is taken apart here: then the memory goes back into its file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mynah.characters import archive
from mynah.characters.assets import EMBEDDED
from mynah.characters.card import Card
from mynah.characters.chats import silly_tavern
from mynah.characters.chats.chat import chat_of
from mynah.characters.jsons import Raw, text
from mynah.characters.reading import CARD_MEMBER, read
from mynah.characters.view import VOICE
from mynah.characters.writing import as_charx
from mynah.errors import UserError
from mynah.memory.fact import MEMORY
from mynah.memory.log import Turn

CHAT: Final = "x_mynah_chat"
"""The type of the assets that are conversations."""
CHATS: Final = "assets/other/other/"
"""Where the specification wants files of no kind that it knows."""
OWN_CHAT: Final = "mynah"
"""The conversation that was held here; the others are named after where they came from."""
BOOK: Final = "character_book"
MOST_NAME: Final = 60
"""Characters of a chat's file name."""


@dataclass(frozen=True, slots=True)
class Soul:
    """What a capsule holds."""

    card: Card
    """Without memory and conversations: they would be forgotten in one place and stay in the
    other."""
    entries: tuple[Raw, ...] = ()
    """What it remembers, as entries of a lorebook."""
    turns: tuple[Turn, ...] = ()
    voice: str = ""
    portrait: bytes = field(default=b"", repr=False)
    """A PNG to be the picture, if the card has none of its own."""
    told: tuple[str, ...] = ()


def packed(soul: Soul, user_name: str) -> bytes:
    """The capsule's bytes."""
    card = soul.card.edited(_with_memory(soul))
    chats = _chats(soul.turns, user_name, soul.card.view.called)
    assets = [
        {"type": CHAT, "uri": EMBEDDED + path, "name": name, "ext": "jsonl"}
        for name, (path, _) in chats.items()
    ]
    if assets:
        card = card.edited({"assets": [*_listed(card.data.get("assets")), *assets]})
    return as_charx(card, dict(chats.values()), soul.portrait)


def taken_apart(content: bytes, what: str) -> Soul:
    """Any card; of one that is no capsule, the card alone."""
    card = read(content, what)
    entries, rest = _memory_in(card.data.get("character_book"))
    listed = _listed(card.data.get("assets"))
    chats = [each for each in listed if _is_chat(each)] if card.kind == "charx" else []
    others = [each for each in listed if not _is_chat(each)] if chats else listed
    soul = Soul(card, tuple(entries), voice=card.view.voice, told=card.told)
    if not entries and not chats:
        return soul
    stripped = card.edited({"assets": others})
    stripped = stripped if others else stripped.without("assets")
    stripped = stripped.edited({"character_book": rest}) if rest else stripped.without(BOOK)
    if card.kind == "charx":
        soul = _with_chats(soul, chats)
        gone: dict[str, bytes | None] = dict.fromkeys(map(_path, chats))
        stripped = read(as_charx(stripped, gone), what)
    return replace(soul, card=stripped)


def _with_memory(soul: Soul) -> Raw:
    """The fields that hold it."""
    data = soul.card.data
    extensions = data["extensions"] if isinstance(data["extensions"], dict) else {}
    changes: Raw = {"extensions": extensions | {VOICE: soul.voice}} if soul.voice else {}
    if soul.entries:
        book = data.get(BOOK) if isinstance(data.get(BOOK), dict) else None
        book = book or {"name": soul.card.view.called, "extensions": {MEMORY: True}}
        changes[BOOK] = book | {"entries": [*_listed(book.get("entries")), *soul.entries]}
    return changes


def _memory_in(book: Any) -> tuple[list[Raw], Raw | None]:
    """The entries that are memories, and the book without them; None if it was made for them."""
    if not isinstance(book, dict) or not isinstance(book.get("entries"), list):
        return [], book
    memories = [each for each in book["entries"] if _is_memory(each)]
    others = [each for each in book["entries"] if not _is_memory(each)]
    extensions = book.get("extensions")
    ours = isinstance(extensions, dict) and MEMORY in extensions and not others
    return memories, None if ours else book | {"entries": others}


def _chats(turns: Iterable[Turn], user: str, character: str) -> dict[str, tuple[str, bytes]]:
    """By name, where each goes and what it holds: one conversation for each origin."""
    origins: dict[str, list[Turn]] = {}
    for turn in turns:
        origins.setdefault(turn.source, []).append(turn)
    files: dict[str, tuple[str, bytes]] = {}
    for source, theirs in origins.items():
        name = _free(_file_name(source), files)
        head: Raw = {"chat_metadata": {"mynah": {"source": source}}}
        chat = replace(chat_of(theirs, user, character), raw=head)
        files[name] = (f"{CHATS}{name}.jsonl", silly_tavern.write(chat))
    return files


def _with_chats(soul: Soul, chats: list[Raw]) -> Soul:
    """Their turns; one that can't be read is told, and the others count."""
    opened = archive.open_archive(soul.card.file)
    turns: list[Turn] = []
    told = list(soul.told)
    named = dict.fromkeys(map(_path, chats))
    there = [path for path in opened.names if path in named]
    told += _missing(named.keys() - set(there))
    for path in there:
        try:
            chat = silly_tavern.read(text(opened.read(path), path), path)
        except UserError as error:
            told.append(f"{path} was left out: {error}")
            continue
        turns += chat.turns(_source(chat.raw, path))
        told += chat.told
    return replace(soul, turns=tuple(turns), told=tuple(told))


def _missing(paths: Iterable[str]) -> list[str]:
    """Those that the card names and the file has not."""
    first, *others = [*sorted(paths), ""]
    more = f", nor are {len(others) - 1} others" if len(others) > 1 else ""
    return [f"{first[:MOST_NAME]} was left out: it is not in the file{more}"] if first else []


def _source(head: Raw, path: str) -> str:
    metadata = head.get("chat_metadata")
    ours = metadata.get("mynah") if isinstance(metadata, dict) else None
    source = ours.get("source") if isinstance(ours, dict) else None
    return source if isinstance(source, str) else path.rpartition("/")[2].removesuffix(".jsonl")


def _is_memory(entry: Any) -> bool:
    extensions = entry.get("extensions") if isinstance(entry, dict) else None
    return isinstance(extensions, dict) and MEMORY in extensions


def _is_chat(asset: Any) -> bool:
    is_one = isinstance(asset, dict) and asset.get("type") == CHAT
    return is_one and _path(asset) != CARD_MEMBER


def _path(asset: Raw) -> str:
    return str(asset.get("uri", "")).removeprefix(EMBEDDED)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _file_name(source: str) -> str:
    return re.sub(r"[^\w-]+", "_", source)[:MOST_NAME].strip("_") or OWN_CHAT


def _free(name: str, taken: Mapping[str, object]) -> str:
    names = (f"{name}_{at}" if at else name for at in range(len(taken) + 1))
    return next(each for each in names if each not in taken)
