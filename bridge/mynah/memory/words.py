"""What a text is found by: the stems of its words, and Chinese by one and two characters. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

MOST_CHARACTERS: Final = 2000
"""Of one text; two minutes of speech. What comes after them is not looked for."""

CONCEPT: Final = "="
"""Begins a term that stands for several words: see words.toml."""

CONCEPT_WEIGHT: Final = 0.6
SINGLE_WEIGHT: Final = 0.4
"""One Chinese character is in many words: it says less than two beside each other."""

_LONGEST_CHINESE_WORD: Final = 4
_SHORTEST_STEM: Final = 3

_CHINESE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_RUN: Final = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+(?:['\u2019][^\W\d_{_CHINESE}]+)?")
_IS_CHINESE: Final = re.compile(rf"[{_CHINESE}]")
_MACRO: Final = re.compile(r"\{\{[^{}]{0,40}\}\}")


_ENDINGS: Final = (
    ("'s", ""),
    ("\u2019s", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
)


def terms(text: str) -> list[str]:
    """In the order of the text, with repeats; words that every sentence has are left out."""
    plain = unicodedata.normalize("NFKC", _MACRO.sub(" ", text[:MOST_CHARACTERS])).casefold()
    found: list[str] = []
    for run in _RUN.findall(plain):
        found += _of_chinese(run) if _IS_CHINESE.match(run) else _of_word(run)
    return found


def telling_words(text: str) -> list[str]:
    """Those worth finding it by, as they stand in the text."""
    table = _table()
    found: list[str] = []
    for run in _RUN.findall(_MACRO.sub(" ", text[:MOST_CHARACTERS])):
        if _IS_CHINESE.match(run):
            named = [part for part in _parts(run) if table.names(part)]
            found += named or table.between_stops(run)
        elif run.casefold() not in table.stop_words:
            root = stem(run.casefold())
            if table.names(root) or (root not in table.concepts and len(run) > _SHORTEST_STEM):
                found.append(run)
    return list(dict.fromkeys(found))


def weight(term: str) -> float:
    """How much it says beside a whole word."""
    if term.startswith(CONCEPT):
        return CONCEPT_WEIGHT
    return SINGLE_WEIGHT if len(term) == 1 and _IS_CHINESE.match(term) else 1.0


def folded(text: str) -> str:
    """The text as it is compared with another: letters' width and case make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def mentions(words: str) -> re.Pattern[str]:
    """Finds these words in a folded text; Ann is not found in planned, 猫 is in 猫咪."""
    wanted = folded(" ".join(words.split()))
    begin = r"\b" if wanted[:1].isalnum() and not _IS_CHINESE.match(wanted) else ""
    end = r"\b" if wanted[-1:].isalnum() and not _IS_CHINESE.match(wanted[-1:]) else ""
    return re.compile(begin + r"\s+".join(map(re.escape, wanted.split())) + end)


def _of_word(word: str) -> list[str]:
    if word in _table().stop_words or (len(word) == 1 and not word.isdigit()):
        return []
    root = stem(word)
    concept = _table().concepts.get(root)
    return [root, CONCEPT + concept] if concept else [root]


def _of_chinese(run: str) -> list[str]:
    table = _table()
    pairs = (run[at : at + 2] for at in range(len(run) - 1))
    found = [each for each in [*run, *pairs] if not table.stop_characters.issuperset(each)]
    known = table.concepts
    return found + [CONCEPT + known[part] for part in _parts(run) if part in known]


def _parts(run: str) -> list[str]:
    """Whatever in it may be a word."""
    return [
        run[at : at + size]
        for at in range(len(run))
        for size in range(1, min(_LONGEST_CHINESE_WORD, len(run) - at) + 1)
    ]


@cache
def stem(word: str) -> str:
    """A word without its ending and accents: works, working and worked are one."""
    decomposed = unicodedata.normalize("NFKD", word)
    root = "".join(each for each in decomposed if not unicodedata.combining(each))
    if len(root) > len("four"):
        root = root.replace("our", "or")  # colour, favourite: as Americans write them
    for ending, instead in _ENDINGS:
        if root.endswith(ending) and len(root) - len(ending) >= _SHORTEST_STEM:
            if ending == "s" and root.endswith("ss"):
                break
            root = root.removesuffix(ending) + instead
            break
    if len(root) > _SHORTEST_STEM and root[-1] == root[-2] and root[-1] not in "aeiosl":
        root = root[:-1]  # running, swimming
    return root[:-1] if len(root) > _SHORTEST_STEM and root.endswith("e") else root


@dataclass(frozen=True, slots=True)
class _Table:
    stop_words: frozenset[str]
    stop_characters: frozenset[str]
    concepts: Mapping[str, str]
    vague: frozenset[str]
    """Concepts by which too much would be found."""

    def names(self, root: str) -> bool:
        """Whether it is a word for something in particular: dog, and not like."""
        return root in self.concepts and self.concepts[root] not in self.vague

    def between_stops(self, run: str) -> list[str]:
        """What is left of Chinese without the characters of every sentence."""
        spaced = "".join(" " if each in self.stop_characters else each for each in run)
        return [part for part in spaced.split() if 1 < len(part) <= 2 * _LONGEST_CHINESE_WORD]


@cache
def _table() -> _Table:
    raw = tomllib.loads((files("mynah.memory") / "words.toml").read_text("utf-8"))
    concepts = {
        word if _IS_CHINESE.match(word) else stem(word): concept
        for concept, words in raw["concepts"].items()
        for word in words.split()
    }
    stop = raw["stop"]
    return _Table(
        stop_words=frozenset(stop["english"].split()),
        stop_characters=frozenset(stop["chinese"]),
        concepts=concepts,
        vague=frozenset(stop["vague"].split()),
    )
