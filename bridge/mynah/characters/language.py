"""Which language a text is in, by its letters alone: enough to choose ears and a voice."""

from typing import Final

_CHINESE: Final = "zh"
_SHARE: Final = 0.2
"""Of a text's letters. A Chinese character says as much as four letters, and Chinese cards hold
English names, macros and headings."""


def language_of(words: str) -> str:
    """zh, ja or ko; empty for what is written in letters that many languages share."""
    letters = [letter for letter in words if letter.isalpha()]
    if not letters:
        return ""
    kana = sum("\u3040" <= letter <= "\u30ff" for letter in letters)
    hangul = sum("\uac00" <= letter <= "\ud7a3" for letter in letters)
    han = sum(is_han(letter) for letter in letters)
    enough = _SHARE * len(letters)
    if kana > enough / 2 and kana + han > enough:
        return "ja"
    if hangul > enough:
        return "ko"
    return _CHINESE if han > enough else ""


def is_han(letter: str) -> bool:
    """A Chinese character; Japanese is written with them too."""
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf"
