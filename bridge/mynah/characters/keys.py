"""Whether keys are mentioned in a text: words, or strangers' regular expressions, on a clock."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from mynah.characters.entry import Entry
from mynah.characters.expressions import compiled
from mynah.characters.language import is_han

SEARCH_S: Final = 0.005
"""For one regular expression over one text. An honest one takes 0.1 ms."""

ALL_S: Final = 0.02
"""For all of them in one turn: the model's first word takes ten times as long."""

PREPARE_S: Final = 0.5
"""For compiling them before the first turn: a thousand."""

MOST_LATE: Final = 3
"""Times that one may take too long: an honest one is late if this computer is busy just then."""

TURN_S: Final = 0.2
"""For all keys of a turn, words as well: the largest book takes a quarter of that."""

_SLASHED: Final = re.compile(r"/(.+)/([dgimsuvy]*)", re.DOTALL)

Expression = tuple[str, str]
"""A pattern, and its flags."""


class Searcher:
    """Remembers which expressions came to no end, and does not try them for ever."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._left_s = ALL_S
        self._end_s = clock() + TURN_S
        self._late: Counter[str] = Counter()
        self._compiled: dict[Expression, Any] = {}

    @property
    def endless(self) -> list[str]:
        """Those that are not tried any more."""
        return sorted(key for key, times in self._late.items() if times >= MOST_LATE)

    @property
    def is_late(self) -> bool:
        """Whether this turn has had its time."""
        return self._clock() > self._end_s

    def begin(self) -> None:
        """A turn."""
        self._left_s = ALL_S
        self._end_s = self._clock() + TURN_S

    def prepare(self, expressions: Iterable[Expression]) -> None:
        """Compile them, 0.3 ms each, as far as there is time; the others when they are needed."""
        end_s = self._clock() + PREPARE_S
        for expression in expressions:
            self._pattern(expression)
            if self._clock() > end_s:
                break

    def found(self, expression: Expression, text: str) -> bool:
        """False as well if it is no regular expression, or took too long."""
        key = expression[0]
        if self._late[key] >= MOST_LATE or self._left_s <= 0:
            return False
        begin_s = self._clock()
        try:
            pattern = self._pattern(expression)
            if pattern is None:
                return False
            return pattern.search(text, timeout=min(SEARCH_S, self._left_s)) is not None
        except TimeoutError:
            self._late[key] += 1
            return False
        finally:
            self._left_s -= self._clock() - begin_s

    def _pattern(self, expression: Expression) -> Any:
        if expression not in self._compiled:
            self._compiled[expression] = compiled(*expression)
        return self._compiled[expression]


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
        if self._searcher.is_late:
            return False
        if expression := expression_of(key, entry):
            return self._searcher.found(expression, self.words)
        words, wanted = self.words, key
        if not entry.case_sensitive:
            words, wanted = self._folded, key.casefold()
        return _has_word(words, wanted) if entry.whole_words else wanted in words


def expression_of(key: str, entry: Entry) -> Expression | None:
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
