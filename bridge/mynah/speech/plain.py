"""Text as a voice can read it: no markdown, no emoji, no control characters. Pure."""

import re
import unicodedata
from typing import Final

_LINK_TARGET: Final = re.compile(r"\]\([^)\s]*\)")
_ADDRESS: Final = re.compile(
    r"[a-z]+://(?:www\.)?([^/?#]+?)(?:[/?#].*?)?([.,;:!?)]*)$", re.IGNORECASE
)
_MARKS: Final = re.compile(r"\*{2,}|_{2,}|~~|`+|!\[|[\[\]*|]|(?<!\w)_|_(?!\w)")
_LINE_MARKS: Final = re.compile(r"#{1,6}|>+|[-•]|-{3,}|={3,}")

# Signs such as ° belong to Latin-1 and are read aloud; from the arrows on they are pictures.
_FIRST_PICTURE: Final = 0x2190
_JOINERS: Final = "\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u20e3\ufeff\u00ad"
_UNSPEAKABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def plain_word(word: str) -> str:
    """One word (no white space in it), or what stands for one; empty if nothing is left to say."""
    word = "".join(letter for letter in word if _speakable(letter))
    word = _LINK_TARGET.sub("", word)
    word = _ADDRESS.sub(r"\1\2", word)
    word = _MARKS.sub("", word)
    return "" if _LINE_MARKS.fullmatch(word) else word


def plain_text(text: str) -> str:
    """Word by word, with one space between."""
    return " ".join(filter(None, map(plain_word, text.split())))


def _speakable(letter: str) -> bool:
    if letter in _JOINERS:
        return False
    category = unicodedata.category(letter)
    if category in {"So", "Sk"} and ord(letter) >= _FIRST_PICTURE:
        return False
    return category not in _UNSPEAKABLE
