"""Text as a voice reads it: what it would drop or misread stands in words. Pure.

Which words is told by the script around: Chinese among Chinese signs, English among Latin letters,
if the voice is one that reads English so. Whatever any voice reads well by itself stays as it is.
"""

import re
from collections.abc import Iterator
from typing import Final

from mynah.speech.boundaries import ABBREVIATION
from mynah.speech.reading_chinese import in_chinese
from mynah.speech.reading_english import in_english, numbers_in_words

ENGLISH: Final = "en"
CHINESE: Final = "zh"

_CALLED: Final = {"cmn": CHINESE, "yue": CHINESE, "hak": CHINESE, "nan": CHINESE}
"""Languages of voices, as espeak names them."""

_SIGN: Final = r"[\u3005\u3007\u3100-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
"""Chinese."""
_KANA: Final = r"[\u3040-\u30ff]"
_HAVE_SIGNS: Final = frozenset({CHINESE, "ja"})

_SENTENCES: Final = re.compile(r"(?<=[。！？!?])|(?<=\.)(?=\s)")
_SIGNS: Final = re.compile(_SIGN)
_KANAS: Final = re.compile(_KANA)
_STRANGE: Final = re.compile(rf"{_SIGN}|{_KANA}")
_LATIN_WORD: Final = re.compile(r"(?<![^\W_])[A-Za-z][A-Za-z']*")
"""None that clings to a number: a unit is no word of any language ..."""
_UNIT: Final = re.compile(r"(?<=\d)\s?[A-Za-z]{1,3}(?![A-Za-z])")
"""... nor after a space."""
_ABBREVIATED: Final = re.compile(rf"\b({ABBREVIATION})\.(?=\s+\S)", re.IGNORECASE)
"""Its dot ends a sentence for Piper: "Doctor. Smith"."""

# Letters, digits and signs of full width, which espeak leaves out; its commas and stops it knows.
_WIDTHS: Final = {
    wide: chr(wide - 0xFEE0)
    for wide in range(0xFF03, 0xFF5E)
    if chr(wide - 0xFEE0).isalnum() or chr(wide - 0xFEE0) in "#$%&+-./<=>@"
}
_SIGNS_IN_ONE: Final = {"\u2103": "°C", "\u2109": "°F", "\u2212": "-", "\ufe63": "-"} | {
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "⅓": "1/3",
    "⅔": "2/3",
}
_PLAIN: Final = _WIDTHS | str.maketrans(_SIGNS_IN_ONE)
_INITIALS: Final = re.compile(r"(?:\b[A-Z]\.\s+){2,}(?=[A-Z])")
_TO_READ: Final = re.compile(r"[0-9~～+=<>→⇒%°$€£¥￥.@²³≈]")
"""Without one of these there is nothing to do."""


def language_of(name: str) -> str:
    """The language of a voice, from espeak's or any other name for it: en-gb-x-rp, zh_CN, cmn."""
    short = re.split(r"[-_]", name.casefold(), maxsplit=1)[0]
    return _CALLED.get(short, short)


def sayable(text: str, voice: str) -> str:
    """What a voice of that language has sounds for; what it lacks it would spell: "Chinese letter".

    A sentence that is foreign for the most part is left out, bits of it would make no sense.
    """
    if not voice or voice in _HAVE_SIGNS:
        return text if voice != CHINESE else _KANAS.sub("", text)
    if not _STRANGE.search(text):
        return text
    kept = (_STRANGE.sub(" ", each) for each in _SENTENCES.split(text) if not _is_foreign(each))
    return " ".join(" ".join(kept).split())


def read_aloud(text: str, voice: str) -> str:
    """The text for a voice of that language; empty if there is nothing in it that it can say."""
    text = sayable(text, voice).translate(_PLAIN)
    if voice not in {ENGLISH, CHINESE} or not _TO_READ.search(text):
        return text
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), text)
    text = _ABBREVIATED.sub(r"\1", text)
    return "".join(_read(part, language, voice) for part, language in _parts(text, voice))


def _read(text: str, language: str, voice: str) -> str:
    if language == CHINESE:
        return in_chinese(text)
    text = in_english(text)
    return text if voice == ENGLISH else numbers_in_words(text)


def _parts(text: str, voice: str) -> Iterator[tuple[str, str]]:
    """Stretches of one language; a sentence without words has that of the one before."""
    part, language = "", ""
    for sentence in _SENTENCES.split(text):
        found = _language(sentence) or language or voice
        if language and found != language:
            yield part, language
            part = ""
        part, language = part + sentence, found
    yield part, language


def _language(sentence: str) -> str:
    signs, words = _counts(sentence)
    if signs >= words:
        return CHINESE if signs else ""
    return ENGLISH


def _is_foreign(sentence: str) -> bool:
    signs, words = _counts(sentence)
    signs += len(_KANAS.findall(sentence))
    return signs > 0 and signs >= words


def _counts(sentence: str) -> tuple[int, int]:
    """How many Chinese signs, and how many words of Latin letters."""
    bare = _UNIT.sub(" ", sentence)
    return len(_SIGNS.findall(bare)), len(_LATIN_WORD.findall(bare))
