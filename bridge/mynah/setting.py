"""Sets single settings in the file, and leaves everything else in it as it stands."""

import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from mynah import toml
from mynah.config import parse, settings_path
from mynah.errors import UserError

_TABLE: Final = re.compile(r"^\s*\[", re.MULTILINE)
OWNER_ONLY: Final = 0o600


def set_keys(path: Path | None, **values: str) -> Path:
    """Write these keys, which stand before every table; comments stay where they are.

    UserError if the settings are wrong, before or after. Whole or not at all.
    """
    path = (path or settings_path()).resolve()
    text = path.read_text("utf-8") if path.is_file() else ""
    for name, value in values.items():
        text = _with(text, name, f"{name} = {toml.value(value)}")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not settings in TOML: {error}") from error
    parse(tables, str(path))
    if {name: tables.get(name) for name in values} != values:
        raise UserError(f"{path}: {', '.join(values)} can't be set there; write it by hand")
    _write(path, text)
    return path


def _with(text: str, name: str, line: str) -> str:
    """The text with this line instead of the one that sets the same, or before the first table."""
    first_table = _TABLE.search(text)
    end = first_table.start() if first_table else len(text)
    top, rest = text[:end], text[end:]
    old = re.compile(rf"^{re.escape(name)}[ \t]*=.*$", re.MULTILINE)
    if old.search(top):
        return old.sub(lambda _: line, top, count=1) + rest
    return f"{line}\n{text}"


def _write(path: Path, text: str) -> None:
    """With the rights that the file had; a fresh one is for its owner, it may get a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode if path.exists() else OWNER_ONLY
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(fresh).chmod(mode)
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
