"""Word error rate, after both texts were brought to one spelling. Pure.

Case, punctuation, digits, titles and contractions don't count as errors; a wrong word does.
Scripts without spaces are compared character by character.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from mynah.speech.numbers import cardinal, english_digits, ordinal

_LARGEST_NUMBER: Final = 999_999

_SPELLINGS: Final = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "st": "saint",
    "vs": "versus",
    "etc": "et cetera",
    "ok": "okay",
    "metre": "meter",
    "metres": "meters",
}
_IRREGULAR: Final = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "shan't": "shall not",
    "let's": "let us",
    "'em": "them",
    "'til": "until",
    "'cause": "because",
}
_ENDINGS: Final = {
    "n't": " not",
    "'re": " are",
    "'ll": " will",
    "'ve": " have",
    "'m": " am",
    "'d": " would",
}
# Elsewhere 's is a genitive, which must not become "is".
_WITH_IS: Final = re.compile(
    "it|he|she|that|this|what|there|here|who|where|how|when|everything|something|nothing"
)
_TOKEN: Final = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+|'?[^\W\d_]+(?:'[^\W\d_]+)*")
_WIDE: Final = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def words(text: str) -> list[str]:
    """The words that count."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub("[\u2018\u2019\u02bc`]", "'", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = _WIDE.sub(r" \1 ", text)
    return " ".join(_spelled(token) for token in _TOKEN.findall(text)).split()


def errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to insert, leave out or change that make one of the other."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(heard, 1):
            change = diagonal + (word != other)
            diagonal = row[column]
            row[column] = min(change, row[column] + 1, row[column - 1] + 1)
    return row[-1]


def word_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Over (reference, heard) texts together: errors by words of the references."""
    wrong = total = 0
    for reference, heard in pairs:
        expected = words(reference)
        wrong += errors(expected, words(heard))
        total += len(expected)
    return wrong / total if total else 0.0


def _spelled(token: str) -> str:
    if token[0].isdigit():
        return _number(token)
    if token in _IRREGULAR:
        return _IRREGULAR[token]
    token = token.strip("'")
    for ending, full in _ENDINGS.items():
        if token.endswith(ending) and token != ending:
            return token.removesuffix(ending) + full
    stem = token.removesuffix("'s")
    if stem != token and _WITH_IS.fullmatch(stem):
        return f"{stem} is"
    return _SPELLINGS.get(token, token.replace("'", ""))


def _number(token: str) -> str:
    digits = token.rstrip("stndrh")
    if int(digits) > _LARGEST_NUMBER:
        return english_digits(digits)
    spoken = cardinal(int(digits))
    return spoken if digits == token else ordinal(spoken)
