"""What is read as what: patterns, applied in their order. Pure."""

import re
from collections.abc import Callable, Iterable

Words = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Words]


def rule(pattern: str, words: Words) -> Rule:
    """What matches is read so; the words may name groups."""
    return re.compile(pattern), words


def read_by(rules: Iterable[Rule], text: str) -> str:
    """The text after all of them."""
    for pattern, words in rules:
        text = pattern.sub(words, text)
    return text
