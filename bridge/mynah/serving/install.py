"""Puts our extension where SillyTavern looks for extensions."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from mynah.errors import UserError

NAME: Final = "Mynah"

_PLACES: Final = (
    "public/scripts/extensions/third-party",
    "scripts/extensions/third-party",
    "extensions/third-party",
    "third-party",
    "data/default-user/extensions",
)
"""Below SillyTavern's folder, or a part of the way down to it."""


def install_extension(folder: Path) -> str:
    """What was done, in one line. UserError if that is no folder of SillyTavern's."""
    folder = folder.expanduser()
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; name the one SillyTavern lies in")
    named = [folder] if folder.name in {"third-party", "extensions"} else []
    found = [*named, *(folder / place for place in _PLACES if (folder / place).is_dir())]
    if not found:
        raise UserError(f"{folder}: has no {_PLACES[0]}; name the folder SillyTavern lies in")
    target = found[0] / NAME
    try:
        with as_file(files("mynah.serving") / "sillytavern") as ours:
            shutil.copytree(ours, target, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(f"{target}: can't be written ({error.strerror})") from error
    return f"{target}: reload SillyTavern's page, and set port and token under Extensions, Mynah"
