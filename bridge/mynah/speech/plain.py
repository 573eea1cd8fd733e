"""Text as a voice can read it: no markdown, no emoji, no control characters. Pure."""

import re
import unicodedata
from typing import Final

from mynah.speech.boundaries import WIDE, WIDE_CLOSERS, WIDE_ENDS

_LINK_TARGET: Final = re.compile(r"\]\([^)\s]*\)")
_ADDRESS: Final = re.compile(
    rf"[a-z]+://(?:www\.)?((?:(?!{WIDE})[^\s{WIDE_ENDS}{WIDE_CLOSERS}])+)", re.IGNORECASE
)
"""Chinese goes on after it without a space."""
_PATH: Final = re.compile(r"[/?#].*")
_AFTER: Final = ".,;:!?)"
"""Of the text around an address."""
_MARKS: Final = re.compile(
    r"\*{2,}|_{2,}|~~|`+|!\[|[\[\]|]|(?<![\d)])\*|\*(?![\d(])|(?<!\w)_|_(?!\w)"
)
"""A star between numbers says times."""
_TIMES: Final = "*"
_RULES_AND_DOTS: Final = re.compile(r"#{1,6}|•|-{3,}|={3,}")
_LINE_STARTS: Final = re.compile(r">+|-")
"""Of a quotation, of a list's item; elsewhere they are less, or a minus."""

# Signs such as ° belong to Latin-1 and are read aloud; from the arrows on they are pictures.
_FIRST_PICTURE: Final = 0x2190
_JOINERS: Final = "\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u20e3\ufeff\u00ad"
_UNSPEAKABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def plain_word(word: str, *, opens_line: bool = False) -> str:
    """One word (no white space in it), or what stands for one; empty if nothing is left to say."""
    if word == _TIMES:  # what is in stars clings to them
        return "" if opens_line else word
    word = "".join(letter for letter in word if _speakable(letter))
    word = _LINK_TARGET.sub("", word)
    word = _ADDRESS.sub(_host, word)
    word = _MARKS.sub("", word)
    dropped = _RULES_AND_DOTS.fullmatch(word) or (opens_line and _LINE_STARTS.fullmatch(word))
    return "" if dropped else word


def plain_text(text: str) -> str:
    """Word by word, with one space between."""
    words: list[str] = []
    for line in text.split("\n"):
        before = len(words)
        for word in line.split():
            plain = plain_word(word, opens_line=len(words) == before)
            words += [plain] if plain else []
    return " ".join(words)


def _host(address: re.Match[str]) -> str:
    """What one says of it: where it is, without the path."""
    whole = address[1].rstrip(_AFTER)
    return _PATH.sub("", whole) + address[1][len(whole) :]


def _speakable(letter: str) -> bool:
    if letter in _JOINERS:
        return False
    category = unicodedata.category(letter)
    if category in {"So", "Sk"} and ord(letter) >= _FIRST_PICTURE:
        return False
    return category not in _UNSPEAKABLE
