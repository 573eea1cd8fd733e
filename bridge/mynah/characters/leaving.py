"""A character as a file to give away or keep: the card alone, or the whole soul."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from mynah.characters.capsule import packed
from mynah.characters.card import KINDS, Card, Kind
from mynah.characters.home_folder import Folder
from mynah.characters.limits import MOST_FILE_BYTES
from mynah.characters.moving_in import soul_of
from mynah.characters.reading import content_of
from mynah.characters.voice import voice_of
from mynah.characters.writing import written
from mynah.config import Settings
from mynah.errors import UserError

USER: Final = "User"
"""What other programs call somebody who gave no name."""


def kind_of(card: Card, path: Path | None, asked: Kind | None, *, capsule: bool) -> Kind:
    """The format that is asked for, by name, by a file's suffix, or not at all."""
    suffix = path.suffix.lower().removeprefix(".") if path else ""
    by_suffix = next((kind for kind in KINDS if kind == suffix), None)
    kind = asked or by_suffix or ("charx" if capsule else card.kind)
    if capsule and kind != "charx":
        raise UserError(f"a capsule is a .charx; {kind} has no place for memory and conversations")
    return kind


def exported(
    folder: Folder, kind: Kind, portrait: Path | None, settings: Settings, *, capsule: bool
) -> bytes:
    """The file's bytes."""
    picture = content_of(portrait, MOST_FILE_BYTES, "a portrait") if portrait else b""
    if not capsule:
        return written(folder.card(), kind, picture)
    soul = replace(soul_of(folder), portrait=picture, voice=voice_of(folder, settings))
    return packed(soul, settings.memory.user_name or USER)
