"""A character card: the file as it came, the JSON in it, and a view of it with types.

The file and the JSON are the truth. What we don't know of survives, because nothing is rebuilt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from mynah.characters import decorators
from mynah.characters.jsons import Raw
from mynah.characters.view import View, view_of

Kind = Literal["json", "png", "charx"]
KINDS: Final[tuple[Kind, ...]] = ("json", "png", "charx")

V2: Final = "chara_card_v2"
V3: Final = "chara_card_v3"

TEXTS: Final = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
"""The fields of a V1 card. SillyTavern writes them beside `data` as well."""

OLDER_NAMES: Final = {
    "name": ("char_name",),
    "description": ("char_persona",),
    "scenario": ("world_scenario",),
    "first_mes": ("char_greeting",),
    "mes_example": ("example_dialogue",),
}
"""What text-generation-webui and others called them before."""

_V2_DEFAULTS: Final[Raw] = {
    "creator_notes": "",
    "system_prompt": "",
    "post_history_instructions": "",
    "alternate_greetings": [],
    "tags": [],
    "creator": "",
    "character_version": "",
    "extensions": {},
}


@dataclass(frozen=True, slots=True)
class Card:
    """Read by `reading`, written by `writing`."""

    raw: Raw
    """The whole object. Not to be changed in place: see `edited`."""
    kind: Kind
    file: bytes
    """As it was read; of a card that was made here and not yet written, empty."""
    changed: bool = False
    """Whether `raw` says something else than `file`."""
    told: tuple[str, ...] = ()
    """What was odd about the file, in lines for a person."""

    @property
    def version(self) -> int:
        """1, 2 or 3."""
        if self.raw.get("spec") == V3:
            return 3
        return 2 if isinstance(self.raw.get("data"), dict) else 1

    @property
    def data(self) -> Raw:
        """The card's fields, as a V3 card has them."""
        data: Raw = as_v3(self.raw)["data"]
        return data

    @property
    def view(self) -> View:
        """The fields, with types."""
        return view_of(self.data)

    def edited(self, changes: Mapping[str, Any]) -> "Card":
        """The same character with these fields of `data` instead, as a V3 card."""
        raw = as_v3(self.raw)
        raw["data"] |= changes
        raw |= {name: changes[name] for name in TEXTS if name in changes and name in raw}
        return replace(self, raw=raw, changed=True)

    def without(self, field: str) -> "Card":
        """The same character without this field of `data`."""
        card = self.edited({})
        card.raw["data"].pop(field, None)
        return card


def new_card(data: Raw) -> Card:
    """A V3 card with these fields; those that must be there and are not are empty."""
    return Card(as_v3({"spec": V2, "data": data}), "json", b"", changed=True)


def as_v3(raw: Raw) -> Raw:
    """The same card in V3's shape, with whatever else it holds; a fresh dict."""
    data = raw.get("data")
    if not isinstance(data, dict):
        data = {name: _old(raw, name) for name in TEXTS}
    texts: Raw = dict.fromkeys(TEXTS, "")
    # Copied, or two cards would share the default's lists.
    defaults = {name: type(it)() for name, it in _V2_DEFAULTS.items()}
    data = texts | defaults | {"group_only_greetings": []} | data
    version = raw.get("spec_version") if raw.get("spec") == V3 else "3.0"
    return raw | {"spec": V3, "spec_version": version or "3.0", "data": data}


def as_v2(raw: Raw) -> Raw:
    """For programs that read nothing newer, which would read decorators to the model."""
    card = as_v3(raw)
    book = card["data"].get("character_book")
    if isinstance(book, dict) and isinstance(book.get("entries"), list):
        entries = [_undecorated(entry) for entry in book["entries"]]
        card["data"] = card["data"] | {"character_book": book | {"entries": entries}}
    return card | {"spec": V2, "spec_version": "2.0"}


def is_card(raw: Raw) -> bool:
    """Whether it looks like one at all."""
    if isinstance(raw.get("data"), dict):
        return raw.get("spec") in (V2, V3) or "name" in raw["data"]
    known = {*TEXTS, *(older for names in OLDER_NAMES.values() for older in names)}
    has_name = "name" in raw or "char_name" in raw
    return has_name and len(known & raw.keys()) > 1


def _old(raw: Raw, name: str) -> Any:
    names = (name, *OLDER_NAMES.get(name, ()))
    return next((raw[each] for each in names if raw.get(each)), "")


def _undecorated(entry: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
        return entry
    return entry | {"content": decorators.parse(entry["content"]).text}
