"""The marks of role play: where what is between two of them begins and ends. Pure."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 120
"""Characters of an action: longer ones are speech of which somebody forgot the second mark."""

STARS: Final = "*＊"
OPENERS: Final = re.compile(r"[*＊(（\[【<\\]")
_OPEN: Final = {"(": "(（", "[": "[【"}
_CLOSE: Final = {"(": ")）", "[": "]】"}
_EMOJI_PARTS: Final = "\ufe0f\u200d"


def is_emoji(letter: str) -> bool:
    """Whether it is a picture, or a part of one."""
    return letter in _EMOJI_PARTS or unicodedata.category(letter) in {"So", "Sk"}


def is_ascii_word(letter: str) -> bool:
    """Whether a formula or a name may be written with it."""
    return letter.isascii() and letter.isalnum()


def star_run(text: str, at: int) -> int:
    """How many stars stand there."""
    end = at
    while end < len(text) and text[end] in STARS:
        end += 1
    return end - at


def is_over(text: str) -> bool:
    """Whether what was opened at its beginning can't be closed any more."""
    return len(text) > LONGEST + 2 or "\n" in text


def star_end(text: str) -> int | None:
    """Where the star is that closes the first one, None if there is none."""
    at = 1
    while at < len(text) and at <= LONGEST + 1 and text[at] != "\n":
        run = star_run(text, at)
        follows = text[at + 1 : at + 2]
        if run == 1 and not text[at - 1].isspace() and not is_ascii_word(follows):
            return at
        at += run or 1
    return None


def bracket_end(text: str, kind: str) -> int | None:
    """Where the bracket is that closes the first one, None if there is none."""
    depth = 0
    for at, letter in enumerate(text[: LONGEST + 2]):
        if letter == "\n":
            return None
        depth += (letter in _OPEN[kind]) - (letter in _CLOSE[kind])
        if depth == 0:
            return at
    return None
