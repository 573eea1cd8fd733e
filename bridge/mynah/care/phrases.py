"""Phrases in what was said or written, however it is spelt. Pure."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from mynah.speech.boundaries import is_wide

ENGLISH: Final = "en"

_NO_WORD: Final = re.compile(r"[^\w']+")


@cache
def table(name: str) -> dict[str, Any]:
    """One of this package's files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def known(language: str, name: str) -> str:
    """The language a table has: English for all that it does not."""
    return language if isinstance(table(name).get(language), dict) else ENGLISH


def plain(text: str) -> str:
    """Lower case, one space between words and around all of it, no signs but apostrophes."""
    words = _NO_WORD.sub(" ", text.replace("\u2019", "'").casefold())
    return f" {' '.join(words.split())} "


def holds(text: str, phrases: Iterable[str]) -> bool:
    """Whether a text that is `plain` has one of them, as whole words where there are such."""
    return any(_has(text, phrase) for phrase in phrases)


def without(text: str, phrases: Iterable[str]) -> str:
    """The same without them."""
    for phrase in phrases:
        text = text.replace(phrase if is_wide(phrase[0]) else f" {phrase} ", " ")
    return text


def _has(text: str, phrase: str) -> bool:
    return (phrase if is_wide(phrase[0]) else f" {phrase} ") in text
