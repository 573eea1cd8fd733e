"""Example dialogues: <START>, and lines that say who speaks, as pairs of words and answer."""

import re
from typing import Final

Pair = tuple[str, str]
"""What a wearer says, or nothing, and what the character answers; macros and all."""

START: Final = re.compile(r"^[^\S\n]*<START>[^\S\n]*$", re.IGNORECASE | re.MULTILINE)

_SPEAKER: Final = re.compile(
    r"\s*(?:\{\{(user|char)\}\}|<(user|bot|char)>|(you)(?=:))\s*[:\uff1a]\s*", re.IGNORECASE
)
_COLONS: Final = ":\uff1a"
"""The second is as wide as a Chinese character."""


def pairs(mes_example: str, name: str) -> tuple[Pair, ...]:
    """Every answer of the character with what was said before it, in order."""
    found: list[Pair] = []
    for block in START.split(mes_example.replace("\r\n", "\n")):
        said: list[str] = []
        for is_character, words in _messages(block, name):
            if is_character:
                found.append(("\n".join(said), words))
                said = []
            else:
                said.append(words)
    return tuple(found)


def written(blocks: list[list[Pair]]) -> str:
    """The reverse, a dialogue a block."""
    lines: list[str] = []
    for block in blocks:
        lines.append("<START>")
        for said, answer in block:
            lines += [f"{{{{user}}}}: {said}"] if said else []
            lines.append(f"{{{{char}}}}: {answer}")
    return "\n".join(lines)


def _messages(block: str, name: str) -> list[tuple[bool, str]]:
    """A line without a speaker goes on with what the one above said."""
    messages: list[tuple[bool, list[str]]] = []
    for line in block.split("\n"):
        who, words = _speaker(line, name)
        if who is not None:
            messages.append((who, [words]))
        elif messages:
            messages[-1][1].append(words)
        elif words.strip():  # a card of nothing but the character's own lines
            messages.append((True, [words]))
    whole = [(is_character, "\n".join(words).strip()) for is_character, words in messages]
    return [(is_character, words) for is_character, words in whole if words]


def _speaker(line: str, name: str) -> tuple[bool | None, str]:
    if match := _SPEAKER.match(line):
        who = next(filter(None, match.groups())).lower()
        return who not in {"user", "you"}, line[match.end() :]
    for sign in _COLONS if name else "":
        head, found, words = line.partition(sign)
        if found and head.strip() == name:
            return True, words.strip()
    return None, line
