"""Where a character lives on disk: a folder with its card, its memory and its voice.

characters/NAME/
    card.json, card.png or card.charx   as it came, or as it was changed
    memory.sqlite                       what it remembers
    voice                               a Piper voice by name
    briefing                            what its next home is told first
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.characters.card import Card
from mynah.characters.reading import read_file
from mynah.characters.writing import written
from mynah.errors import UserError
from mynah.link.keys import data_folder, private_folder

LONGEST_NAME: Final = 60
"""Characters: with a suffix it stays within what every file system allows, in Chinese as well."""

_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|mynah)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself, and Mynah's own: her memory is nobody else's."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One character's. Need not be there yet."""

    name: str

    @property
    def path(self) -> Path:
        return characters_folder() / self.name

    @property
    def exists(self) -> bool:
        return self.card_file is not None

    @property
    def card_file(self) -> Path | None:
        """The card, whatever its kind; None if there is none."""
        files = (self.path / f"card.{kind}" for kind in ("charx", "png", "json"))
        return next((file for file in files if file.is_file()), None)

    @property
    def memory_file(self) -> Path:
        """For MemoryStore."""
        return self.path / "memory.sqlite"

    @property
    def voice_file(self) -> Path:
        return self.path / "voice"

    @property
    def briefing_file(self) -> Path:
        return self.path / "briefing"

    @property
    def voice(self) -> str:
        """The voice that was chosen for it; empty for the one in the settings."""
        return self.voice_file.read_text("utf-8").strip() if self.voice_file.is_file() else ""

    @property
    def briefing(self) -> str:
        """What a companion with a memory of its own is still to be told; empty if nothing."""
        file = self.briefing_file
        return file.read_text("utf-8").strip() if file.is_file() else ""

    def card(self) -> Card:
        """UserError if there is none, or it can't be read."""
        file = self.card_file
        if file is None:
            raise unknown(self.name)
        return read_file(file)

    def keep(self, card: Card) -> Path:
        """Write the card, whole or not at all, instead of the one that was there."""
        path = self.path / f"card.{card.kind}"
        self.write(path, written(card))
        for kind in {"charx", "png", "json"} - {card.kind}:
            (self.path / f"card.{kind}").unlink(missing_ok=True)
        return path

    def write(self, path: Path, content: bytes) -> None:
        """A file in this folder, whole or not at all."""
        private_folder(path.parent)
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(fresh).replace(path)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise


def characters_folder() -> Path:
    """Of all of them."""
    return data_folder() / "characters"


def all_folders() -> list[Folder]:
    """Every character that lives here, by name."""
    paths = sorted(characters_folder().glob("*/"), key=lambda path: path.name.casefold())
    return [folder for path in paths if (folder := Folder(path.name)).exists]


def find(name: str) -> Folder:
    """A character by its name, capitals aside; UserError says who there is."""
    folder = _living(name)
    if folder is None:
        raise unknown(name)
    return folder


def place_for(name: str) -> Folder:
    """Where a character of that name lives, or will; UserError if it can't be a folder's name."""
    safe = folder_name(name)
    return _living(safe) or Folder(safe)


def folder_name(name: str) -> str:
    """A character's name as every file system takes it; UserError if nothing is left of it."""
    safe = _NOT_IN_NAMES.sub(" ", name).strip(" .")[:LONGEST_NAME].strip(" .")
    safe = " ".join("".join(each for each in safe if each.isprintable()).split())
    if not safe:
        raise UserError(f"{name!r} can't be a folder's name; give one with --name")
    return f"{safe}_" if _RESERVED.fullmatch(safe) else safe


def unknown(name: str) -> UserError:
    """What to say of a character that does not live here."""
    names = ", ".join(folder.name for folder in all_folders())
    there = f"there are: {names}" if names else "there is none yet; `mynah card import FILE`"
    return UserError(f"no character is called {name!r}; {there}")


def _living(name: str) -> Folder | None:
    wanted = name.casefold()
    return next((each for each in all_folders() if each.name.casefold() == wanted), None)
