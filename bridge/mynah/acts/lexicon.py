"""Which act of the vocabulary some words stand for, in English and Chinese: lexicon.toml. Pure."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

SILENT: Final = "silent"
"""The act of an action that nothing on the ring stands for."""

ASIDE: Final = "aside"
"""The same, of a stage direction that is one wherever it stands."""

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_WORD: Final = re.compile(r"[a-z]+")
_VOWELS: Final = "aeiou"
_SIBILANTS: Final = ("s", "x", "z", "ch", "sh", "o")
_NEAR_WORDS: Final = 5
"""The words of an entry may have so many between them: shakes (her pretty little) head."""


class Form(StrEnum):
    """How a verb ends."""

    PLAIN = "hug"
    THIRD = "hugs"
    GOING = "hugging"
    PAST = "hugged"


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that stand for an act."""

    act: str
    at: int
    """How many words, in English, come before."""
    form: Form = Form.PLAIN


@lru_cache(maxsize=500)
def hit_in(text: str) -> Hit | None:
    """The act that some words stand for, None if there is none that we know."""
    return _chinese_hit(text) if CHINESE.search(text) else _english_hit(text.lower())


def words_of(text: str) -> list[str]:
    """English words, in small letters."""
    return _WORD.findall(text.lower().replace("'", ""))


def emotion_in(label: str) -> str | None:
    """The canonical emotion of a label, in any of its vocabularies, or of an emoji."""
    return _emotions().get(label.strip().lower().rstrip("\ufe0f"))


def leaders() -> list[str]:
    """Words after which a verb goes on with the sentence."""
    return _table()["grammar"]["leaders"]


def before_verb() -> list[str]:
    """Words that may stand before the verb of an action in brackets."""
    return _table()["grammar"]["before_verb"]


def is_soft(text: str) -> bool:
    """Whether it is done gently."""
    return any(word in text.lower() for word in _table()["soft"]["words"])


def explains(text: str) -> bool:
    """Whether Chinese words in brackets begin as an explanation does, or are a number."""
    table = _table()
    numbers = set(text) <= set(table["numbering"]["words"])
    return numbers or text.startswith(tuple(table["explaining"]["words"]))


def is_unmoved(label: str) -> bool:
    """Whether that emotion shows on nobody."""
    return label.strip().lower() in _table()["unmoved"]["words"]


def forms_of(verb: str) -> dict[str, Form]:
    """A verb with its endings; of two spellings both, since nobody writes the wrong one."""
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ee", "ie")) else verb
    third = verb + ("es" if verb.endswith(_SIBILANTS) else "s")
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        third = verb[:-1] + "ies"
    going, past = {stem + "ing", verb + "ing"}, {stem + "ed"}
    if verb.endswith("ie"):
        going = {verb[:-2] + "ying"}
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        past = {verb[:-1] + "ied"}
    if verb[-1] not in "aeiouwxy" and verb[-2] in _VOWELS:
        going.add(verb + verb[-1] + "ing")
        past.add(verb + verb[-1] + "ed")
    forms = {verb: Form.PLAIN, third: Form.THIRD}
    return forms | dict.fromkeys(going, Form.GOING) | dict.fromkeys(past, Form.PAST)


def _english_hit(text: str) -> Hit | None:
    words = words_of(text)
    found = [
        (len(entry), hit)
        for act, entries in _english().items()
        for entry in entries
        if (hit := _match(act, entry, words))
    ]
    longest = {hit.at: max(size for size, other in found if other.at == hit.at) for _, hit in found}
    return next((hit for size, hit in found if size == longest[hit.at]), None)


def _match(act: str, entry: tuple[dict[str, Form], ...], words: list[str]) -> Hit | None:
    first, *others = entry
    for at, word in enumerate(words):
        form = first.get(word)
        if form is not None and _follow(others, words[at + 1 :]):
            return Hit(act, at, form)
    return None


def _follow(entry: list[dict[str, Form]], words: list[str]) -> bool:
    for forms in entry:
        places = [at for at, word in enumerate(words[:_NEAR_WORDS]) if word in forms]
        if not places:
            return False
        words = words[places[0] + 1 :]
    return True


def _chinese_hit(text: str) -> Hit | None:
    table = _table()
    for word in table["not_chinese"]["words"]:
        text = text.replace(word, " ")
    found = [
        (entry, act)
        for act, entries in table["chinese"].items()
        for entry in entries
        if entry in text
    ]
    for entry, act in found:
        longer = [other for other, _ in found if entry in other and entry != other]
        rest = text
        for other in sorted(longer, key=len, reverse=True):
            rest = rest.replace(other, " ")
        if entry in rest:
            return Hit(act, 0)
    return None


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = files("mynah.acts").joinpath("lexicon.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _english() -> dict[str, list[tuple[dict[str, Form], ...]]]:
    return {
        act: [tuple(forms_of(word) for word in entry.split()) for entry in entries]
        for act, entries in _table()["english"].items()
    }


@cache
def _emotions() -> dict[str, str]:
    table = _table()
    labels = {label: name for name, all_of in table["emotions"].items() for label in all_of}
    return labels | {sign: name for name, signs in table["emoji"].items() for sign in signs}
