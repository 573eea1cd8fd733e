"""Lorebooks in files of their own become part of a card, as the specification has them."""

from pathlib import Path
from typing import Any, Final

from mynah.characters import jsons, png
from mynah.characters.archive import is_archive
from mynah.characters.card import Card
from mynah.characters.entry import renamed
from mynah.characters.jsons import Raw
from mynah.characters.limits import MOST_FILE_BYTES
from mynah.characters.lorebook import entries_of
from mynah.characters.reading import content_of, read
from mynah.errors import UserError

_PLAIN: Final = ("content", "comment", "name", "constant", "selective", "priority", "id")
_IN_CAMELS: Final = {"selective_logic": "selectiveLogic", "use_probability": "useProbability"}
"""The two that SillyTavern writes so in a card's extensions, where all others have underscores."""
_BOOK: Final = ("name", "description", "scan_depth", "token_budget", "recursive_scanning")


def read_lore(path: Path) -> Raw:
    """A lorebook from disk, or the one in a card; UserError if there is none."""
    content = content_of(path, MOST_FILE_BYTES, "a lorebook")
    if is_archive(content) or content.startswith(png.SIGNATURE):
        book = read(content, str(path)).view.book
        if book is None:
            raise UserError(f"{path}: a card without a lorebook")
        return book
    return jsons.read(content, str(path))


def with_lore(card: Card, raw: Raw) -> tuple[Card, int]:
    """The card with the entries of a book in any shape, and how many they are.

    UserError if it is no lorebook.
    """
    entries = [as_specified(entry) for entry in entries_of(raw)]
    data = raw.get("data")
    theirs: Raw = data if isinstance(data, dict) else raw
    book = card.view.book or {name: theirs[name] for name in _BOOK if name in theirs}
    old = book.get("entries")
    whole: Raw = {"extensions": {}} | book
    whole["entries"] = [*(old if isinstance(old, list) else []), *entries]
    return card.edited({"character_book": whole}), len(entries)


def as_specified(raw: Raw) -> Raw:
    """One entry; what the specification has no name for goes into its extensions."""
    if isinstance(raw.get("keys"), list) and isinstance(raw.get("extensions"), dict):
        return raw
    flat = {name: value for name, value in renamed(raw).items() if value is not None}
    keys, secondary = (_listed(flat.pop(name, [])) for name in ("keys", "secondary_keys"))
    position = flat.get("position")
    entry: Raw = {name: flat.pop(name) for name in _PLAIN if name in flat}
    entry |= {
        "keys": keys,
        "secondary_keys": secondary,
        "enabled": not flat.pop("disable", False) and flat.pop("enabled", True) is not False,
        "insertion_order": flat.pop("insertion_order", 100),
        "position": "before_char" if position in {None, 0, "before_char"} else "after_char",
        # SillyTavern reads slashes in any case, and writes this.
        "use_regex": flat.pop("use_regex", "selective_logic" in flat),
    }
    inner = flat.pop("extensions", None)
    others = {_IN_CAMELS.get(name, name): value for name, value in flat.items()}
    return entry | {"extensions": others | (inner if isinstance(inner, dict) else {})}


def _listed(keys: Any) -> list[Any]:
    return keys if isinstance(keys, list) else str(keys).split(",")
