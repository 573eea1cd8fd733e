"""One thing that is known, and the lorebook entry that it is for every other program. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mynah.errors import printable

MEMORY: Final = "mynah/memory"
"""Our extension of a lorebook entry: where a fact comes from, and whether it stays."""

MOST_CONTENT: Final = 1000
"""Characters: a long paragraph. A fact is a sentence; what is longer is somebody's mistake."""
MOST_KEYS: Final = 16
MOST_KEY: Final = 60
"""Characters."""

_ORDER: Final = 100
"""SillyTavern's default: lower stands earlier in the prompt."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence; the wearer is {{user}} in it, as lorebooks have it."""

    content: str
    keys: tuple[str, ...] = ()
    """Words that bring it back, besides its own."""
    source_turns: tuple[int, ...] = ()
    """Ids of the turns in the log that it comes from."""
    confidence: float = 1.0
    created: float = 0.0
    """Seconds since 1970; when it was last said, if it was said again."""
    pinned: bool = False
    """Always told, and never given up for others."""
    id: int = 0
    """In its memory; 0 if it is in none."""
    rest: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What other programs wrote into the entry."""

    def entry(self) -> dict[str, Any]:
        """As an entry of a V3 lorebook."""
        known = {
            "source_turns": list(self.source_turns),
            "confidence": self.confidence,
            "created": self.created,
            "pinned": self.pinned,
        }
        plain = {"enabled": True, "insertion_order": _ORDER, "use_regex": False}
        extensions = dict(self.rest.get("extensions", {})) | {MEMORY: known}
        return (
            plain
            | dict(self.rest)
            | {"keys": list(self.keys), "content": self.content, "constant": self.pinned}
            | {"extensions": extensions}
        )


def fact_of(entry: Any, id_: int = 0) -> Fact | None:
    """The fact in an entry, whoever wrote it; None if it says nothing."""
    if not isinstance(entry, dict):
        return None
    content = clean(entry.get("content"), MOST_CONTENT)
    if not content:
        return None
    extensions = entry.get("extensions")
    known = extensions.get(MEMORY) if isinstance(extensions, dict) else None
    known = known if isinstance(known, dict) else {}
    ours = {"keys", "content", "constant", "extensions"}
    rest = {name: it for name, it in entry.items() if name not in ours}
    if isinstance(extensions, dict):
        rest["extensions"] = {name: it for name, it in extensions.items() if name != MEMORY}
    return Fact(
        content=content,
        keys=clean_keys(entry.get("keys")),
        source_turns=_whole_numbers(known.get("source_turns")),
        confidence=min(max(_number(known.get("confidence"), 1.0), 0.0), 1.0),
        created=_number(known.get("created"), 0.0),
        pinned=bool(known.get("pinned", entry.get("constant", False))),
        id=id_,
        rest=rest,
    )


def clean(value: Any, most: int) -> str:
    """One line of printable text, no longer than that; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    shown = printable(value[: 4 * most])
    return " ".join(shown.split())[:most].strip()


def clean_keys(value: Any) -> tuple[str, ...]:
    """Those of a list that can be keys, each once."""
    if not isinstance(value, list | tuple):
        return ()
    keys = (clean(each, MOST_KEY) for each in value[: 4 * MOST_KEYS])
    return tuple(dict.fromkeys(filter(None, keys)))[:MOST_KEYS]


def _whole_numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(each for each in value if type(each) is int and 0 < each < 1 << 62)


def _number(value: Any, default: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else default
