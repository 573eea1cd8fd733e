"""Decorators: the first lines of a lore entry that begin with @@. All are taken out of its words.

@@depth 4               at the fourth message from the end
@@@instruct_depth 5     instead, for who doesn't know the line above
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

NUMBERS: Final = frozenset(
    {"activate_only_after", "activate_only_every", "is_greeting"}
    | {"depth", "reverse_depth", "scan_depth"}
)
SWITCHES: Final = frozenset(
    {"activate", "dont_activate", "keep_activate_after_match", "dont_activate_after_match"}
)
LISTS: Final = frozenset({"additional_keys", "exclude_keys"})
CHOICES: Final = {
    "role": frozenset({"assistant", "system", "user"}),
    "position": frozenset({"after_desc", "before_desc", "personality", "scenario"}),
}

_LINE: Final = re.compile(r"\s*(@@@?)\s*([A-Za-z_]+)(.*)")
_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Decorated:
    """An entry's words without their decorators, and those that we obey."""

    text: str
    found: Mapping[str, str]

    def number(self, name: str) -> int | None:
        """Of one in NUMBERS."""
        return int(float(self.found[name])) if name in self.found else None

    def has(self, name: str) -> bool:
        """One in SWITCHES."""
        return name in self.found

    def listed(self, name: str) -> tuple[str, ...]:
        """Of one in LISTS."""
        each = (word.strip() for word in self.found.get(name, "").split(","))
        return tuple(word for word in each if word)


def parse(content: str) -> Decorated:
    """Of an entry's content; the first of a name counts."""
    lines = content.replace("\r\n", "\n").split("\n")
    head = list(takewhile(lambda line: not line.strip() or _LINE.match(line), lines))
    found: dict[str, str] = {}
    obeyed = True  # what the @@ line above came to: fallbacks are for who can't obey it
    for match in filter(None, map(_LINE.match, head)):
        is_fallback, name, value = match[1] == "@@@", match[2].lower(), match[3].strip()
        if not (is_fallback and obeyed):
            obeyed = _is_known(name, value)
            if obeyed:
                found.setdefault(name, value)
    return Decorated("\n".join(lines[len(head) :]).strip("\n"), found)


def _is_known(name: str, value: str) -> bool:
    if name in NUMBERS:
        return _NUMBER.fullmatch(value) is not None
    if name in CHOICES:
        return value in CHOICES[name]
    return name in SWITCHES or (name in LISTS and bool(value))
