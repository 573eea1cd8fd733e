"""What of an answer is text at all: no control characters, no escape sequences, an end. Pure."""

import re
import unicodedata
from typing import Final

from mynah.errors import CompanionError

MOST_CHARACTERS: Final = 8000
"""Ten minutes of speech; the most tokens that settings can ask for are 5000 characters."""

MOST_UNPRINTABLE: Final = 16
"""Stray control characters happen; so many are a file that somebody serves as an answer."""

_LONGEST_SEQUENCE: Final = 256
"""Of an escape that does not end by then, only the first letter is dropped."""

# What a terminal takes for an order: colours, cursor moves, a window's title, the clipboard.
_ORDER: Final = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*"
_STRING: Final = r"(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*"
_SEQUENCE: Final = re.compile(rf"{_ORDER}[@-~]|{_STRING}(?:\x07|\x1b\\|\x9c)")
_UNFINISHED: Final = re.compile(rf"(?:{_ORDER}|{_STRING}\x1b?|\x1b)\Z")

# Signs that turn the order of letters round: what is shown is then not what is there.
_TURNS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class PlausibleText:
    """One answer, whoever writes it. `push` what comes; `check` after that; `flush` at the end."""

    def __init__(self, whose: str) -> None:
        """`whose` begins the message of an error."""
        self._whose = whose
        self._held = ""  # may be the beginning of a sequence
        self._characters = 0
        self._unprintable = 0

    def push(self, piece: str) -> str:
        """What of it is text; pieces may be cut anywhere."""
        text, dropped = _SEQUENCE.subn("", self._held + piece)
        self._unprintable += dropped
        begin = _UNFINISHED.search(text)
        short = begin is not None and len(text) - begin.start() <= _LONGEST_SEQUENCE
        cut = begin.start() if begin is not None and short else len(text)
        self._held = text[cut:]
        return self._count(text[:cut])

    def flush(self) -> str:
        """What was held back."""
        text, self._held = self._held, ""
        return self._count(text)

    def check(self) -> None:
        """CompanionError if there was too much of anything."""
        if self._unprintable > MOST_UNPRINTABLE:
            raise CompanionError(
                f"{self._whose} sent unprintable characters; is it a chat server, and in order?",
                retryable=False,
            )
        if self._characters > MOST_CHARACTERS:
            raise CompanionError(
                f"{self._whose} answered without end and was stopped after {MOST_CHARACTERS} "
                "characters; ask again, or take another model"
            )

    def _count(self, text: str) -> str:
        room = max(0, MOST_CHARACTERS - self._characters)
        self._characters += len(text)
        clean = "".join(letter for letter in text[:room] if _is_text(letter))
        self._unprintable += len(text[:room]) - len(clean)
        return clean


def _is_text(letter: str) -> bool:
    if letter in "\n\r\t":
        return True
    odd = letter == "\N{REPLACEMENT CHARACTER}" or letter in _TURNS
    return not odd and unicodedata.category(letter) not in {"Cc", "Cs"}
