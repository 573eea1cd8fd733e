"""What was learned of servers, kept from one start to the next: a file beside the keys."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mynah.companions.models.quirks import Quirks, changed, different
from mynah.errors import MynahError, one_line
from mynah.link.keys import data_folder, private_folder

FILE: Final = "companions.json"

MOST_SERVERS: Final = 100
"""The oldest is forgotten: whoever tries so many has a script that does."""

_logger = logging.getLogger(__name__)


def learned_file() -> Path:
    """Where it is kept."""
    return data_folder() / FILE


def known(base_url: str, model: str) -> Mapping[str, Any]:
    """What was noted of a server's model; empty if nothing was."""
    found = _all().get(_name(base_url, model), {})
    return found if isinstance(found, dict) else {}


def with_known(quirks: Quirks, base_url: str, model: str) -> Quirks:
    """What the table says, and what this server taught."""
    return changed(quirks, known(base_url, model))


def learn(base_url: str, model: str, before: Quirks, after: Quirks) -> None:
    """A server taught something."""
    note(base_url, model, different(before, after))


def note(base_url: str, model: str, facts: Mapping[str, Any]) -> None:
    """Keep this of a server, beside what is known. A disk that is full costs no conversation."""
    notes = _all()
    before = notes.pop(_name(base_url, model), {})
    notes[_name(base_url, model)] = {**(before if isinstance(before, dict) else {}), **facts}
    kept = dict(list(notes.items())[-MOST_SERVERS:])
    path = learned_file()
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        private_folder(path.parent)
        fresh.write_text(json.dumps(kept, indent=2, ensure_ascii=False), "utf-8")
        fresh.replace(path)
    except (OSError, MynahError) as error:
        _logger.warning("what a companion's server taught is not kept: %s", one_line(error))


def _name(base_url: str, model: str) -> str:
    return f"{base_url} {model}"


def _all() -> dict[str, Any]:
    try:
        notes = json.loads(learned_file().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return notes if isinstance(notes, dict) else {}
