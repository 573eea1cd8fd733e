"""Whether keys are mentioned in a text: words, or strangers' regular expressions, on a clock."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from mynah.characters.entry import Entry
from mynah.characters.language import is_han

SEARCH_S: Final = 0.005
"""For one regular expression over one text. An honest one takes 0.1 ms."""

ALL_S: Final = 0.02
"""For all of them in one turn: the model's first word takes ten times as long."""

MOST_LATE: Final = 3
"""Times that one may take too long: an honest one is late if this computer is busy just then."""

MOST_PATTERN_CHARACTERS: Final = 2000
"""Longer ones are lists of words in disguise; compiling takes time as well."""

MOST_PATTERNS: Final = 4096
"""Compiled ones that are kept."""

_SLASHED: Final = re.compile(r"/(.+)/([dgimsuvy]*)", re.DOTALL)
_FLAGS: Final = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL"}


class Searcher:
    """Remembers which expressions came to no end, and does not try them for ever."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._left_s = ALL_S
        self._late: Counter[str] = Counter()

    @property
    def endless(self) -> list[str]:
        """Those that are not tried any more."""
        return sorted(key for key, times in self._late.items() if times >= MOST_LATE)

    def begin(self) -> None:
        """A turn."""
        self._left_s = ALL_S

    def found(self, key: str, flags: str, text: str) -> bool:
        """False as well if it is no regular expression, or took too long."""
        pattern = compiled(key, flags)
        if pattern is None or self._late[key] >= MOST_LATE or self._left_s <= 0:
            return False
        begin_s = self._clock()
        try:
            return pattern.search(text, timeout=min(SEARCH_S, self._left_s)) is not None
        except TimeoutError:
            self._late[key] += 1
            return False
        finally:
            self._left_s -= self._clock() - begin_s


class Text:
    """What is searched: as it is, and without capitals."""

    def __init__(self, words: str, searcher: Searcher) -> None:
        self.words = words
        self._folded = words.casefold()
        self._searcher = searcher

    def count(self, keys: Iterable[str], entry: Entry) -> int:
        """How many of the keys are mentioned."""
        return sum(self.mentions(key, entry) for key in keys)

    def mentions(self, key: str, entry: Entry) -> bool:
        """One key, in the entry's manner."""
        if expression := _expression(key, entry):
            return self._searcher.found(*expression, self.words)
        words, wanted = self.words, key
        if not entry.case_sensitive:
            words, wanted = self._folded, key.casefold()
        return _has_word(words, wanted) if entry.whole_words else wanted in words


def prepare(entries: Iterable[Entry]) -> None:
    """Compile what they need: 0.15 ms each, and the first 20 ms more."""
    for entry in entries:
        for key in (*entry.keys, *entry.secondary, *entry.additional):
            if expression := _expression(key, entry):
                compiled(*expression)


@lru_cache(MOST_PATTERNS)
def compiled(pattern: str, flags: str) -> Any:
    """None if it is no regular expression."""
    import regex  # it has time limits, which Python's own lacks, and knows JavaScript's \p{Han}

    if len(pattern) > MOST_PATTERN_CHARACTERS:
        return None
    chosen = regex.VERSION0
    for letter, name in _FLAGS.items():
        if letter in flags:
            chosen |= getattr(regex, name)
    try:
        return regex.compile(pattern.replace(r"\k<", r"\g<"), chosen)
    except (regex.error, ValueError, OverflowError, RecursionError):
        return None


def _expression(key: str, entry: Entry) -> tuple[str, str] | None:
    """The regular expression in a key and its flags; None if it is plain words."""
    if entry.regexes != "never" and (slashed := _SLASHED.fullmatch(key)):
        return slashed[1], slashed[2]
    if entry.regexes == "always":
        return key, "" if entry.case_sensitive else "i"
    return None


def _has_word(text: str, word: str) -> bool:
    """Not inside a longer word; Chinese has no spaces, so that a word of it is found anywhere."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (_joined(text[at - 1 : at], word[0]) or _joined(word[-1], text[end : end + 1])):
            return True
        at = text.find(word, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return _is_of_a_word(left) and _is_of_a_word(right)


def _is_of_a_word(letter: str) -> bool:
    return (
        (letter.isalnum() or letter == "_")
        and not is_han(letter)
        and not "\u3040" <= letter <= "\u30ff"
    )
