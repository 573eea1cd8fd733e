"""Writes a card as JSON, PNG or .charx. What was not changed is written as it was read."""

from collections.abc import Mapping
from typing import Final

from mynah.characters import archive, jsons, png
from mynah.characters.assets import embedded, portrait_of
from mynah.characters.card import Card, Kind, as_v2, as_v3
from mynah.characters.reading import CARD_MEMBER, V2_CHUNK, V3_CHUNK
from mynah.errors import UserError

_SIZE: Final = (400, 600)
_COLOUR: Final = (46, 52, 64)
"""Who has no portrait gets a dark blue one, of the shape that SillyTavern's have."""


def written(card: Card, kind: Kind | None = None, portrait: bytes = b"") -> bytes:
    """The card as a file of its own kind, or of another.

    `portrait` is a PNG to be its picture instead. UserError if it is none.
    """
    kind = kind or card.kind
    if portrait and not portrait.startswith(png.SIGNATURE):
        raise UserError("the portrait is no PNG picture; convert it first")
    if kind == card.kind and not card.changed and not portrait:
        return card.file
    match kind:
        case "json":
            return jsons.write(card.raw, indent=2)
        case "png":
            return _as_png(card, portrait)
        case "charx":
            return as_charx(card, {}, portrait)


def as_charx(card: Card, members: Mapping[str, bytes | None], portrait: bytes = b"") -> bytes:
    """The card as a zip with these members besides; None takes one out, unknown ones stay."""
    files, raw = embedded(card, portrait)
    changed: dict[str, bytes | None] = {CARD_MEMBER: jsons.write(raw, indent=2)}
    changed |= files
    changed |= members
    if card.kind == "charx" and card.file:
        return archive.open_archive(card.file).rewritten(changed)
    return archive.packed({name: it for name, it in changed.items() if it is not None})


def _as_png(card: Card, portrait: bytes) -> bytes:
    """With both chunks: older programs read the one, newer ones the other."""
    old = card.file if card.kind == "png" else portrait_of(card)
    picture = png.parse(portrait or old or png.plain(*_SIZE, _COLOUR))
    texts = {V2_CHUNK: as_v2(card.raw), V3_CHUNK: as_v3(card.raw)}
    return picture.with_texts({name: png.packed(jsons.write(raw)) for name, raw in texts.items()})
