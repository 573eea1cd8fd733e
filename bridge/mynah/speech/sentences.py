"""A reply's text, as it streams in, cut into clauses that can be spoken. Pure.

The first clause is short, so that the voice starts early; later ones end with sentences, so that
the voice sounds right. Nothing that can be read aloud is lost, and nothing is held without bound.
"""

from dataclasses import dataclass
from typing import Final

from mynah.speech.boundaries import (
    CLOSERS,
    WIDE_BREATHS,
    WIDE_ENDS,
    closes_phrase,
    ends_phrase,
    ends_sentence,
    is_open,
    is_wide,
    letters,
    opens_phrase,
    word_weight,
)
from mynah.speech.plain import plain_word
from mynah.speech.sizing import cut

FIRST_LETTERS: Final = 10
"""The first clause ends at the first boundary from here on: 0.6 s of speech, time for the next.
Four Chinese signs, which count for three letters each."""

FIRST_WORDS: Final = 8
SOFT_FIRST_WORDS: Final = 6
"""Without a boundary it ends after eight words, or after six if a conjunction follows: after 16
Chinese signs, or 12 if the last is a particle."""

QUOTED_LETTERS: Final = 30
"""A quotation or a title is cut only from here on: 2 s."""

LATER_LETTERS: Final = 60
"""A later clause may end at a comma from here on: 4 s are time enough to make the next."""

LONGEST_CHARACTERS: Final = 240
"""No clause is longer: the voice could neither be heard nor stopped while it is made. A run
without spaces that is longer is no word, and is cut."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    spaced: bool
    """White space stood before it."""


class ClauseSplitter:
    """One reply; `push` what arrives, `flush` at its end, `hurry` where the voice can't wait."""

    def __init__(self) -> None:
        self._partial = ""
        self._spaced = False
        self._line_opens = True
        self._clause: list[_Word] = []
        self._first = True

    def push(self, text: str) -> list[str]:
        """The clauses that are complete now; pieces may be cut anywhere."""
        return [clause for letter in text for clause in self._letter(letter)]

    def flush(self) -> list[str]:
        """The rest, whether or not it ends like a sentence."""
        return [*self._word(), *self._emit()]

    @property
    def pending(self) -> str:
        """What was pushed and is no clause yet; a word that may go on is not in it."""
        return _joined(self._clause)

    def hurry(self) -> str | None:
        """The best clause that can be had of it now; None if none is worth hearing by itself."""
        head, rest = cut(self.pending)
        if not head:
            return None
        self._first = False
        self._clause = [_Word(rest, spaced=True)] if rest else []
        return head

    def _letter(self, letter: str) -> list[str]:
        if letter == "\n":
            return [*self._word(), *self._line_end(), *self._space()]
        if letter.isspace():
            return [*self._word(), *self._space()]
        before = self._word() if self._stands_apart(letter) else []
        self._partial += letter
        full = len(self._partial) >= LONGEST_CHARACTERS or self._breathes()
        return [*before, *(self._word() if full else [])]

    def _stands_apart(self, letter: str) -> bool:
        """A wide character is a word of its own, but what ends or closes it stays with it."""
        last = self._partial[-1:]
        if letter.isascii() and last.isascii():
            return False
        if not (is_wide(last) or last in WIDE_ENDS):
            return is_wide(letter)
        if letter.isdigit() and last in WIDE_BREATHS and self._partial[-2:-1].isdigit():
            return False  # it is inside a number
        return letter not in WIDE_ENDS and not self._closes(letter)

    def _closes(self, letter: str) -> bool:
        """Where a sign both opens and closes, it closes what is open."""
        return letter in CLOSERS and (letter != '"' or self._is_open())

    def _breathes(self) -> bool:
        """After a wide comma nothing can follow that belongs to it, so that nobody need wait."""
        if self._partial[-1] not in WIDE_BREATHS:
            return False
        return not (self._partial[-2:-1].isdigit() or self._is_open())

    def _is_open(self) -> bool:
        return is_open(self.pending + self._partial)

    def _space(self) -> list[str]:
        self._spaced = True
        return []

    def _word(self) -> list[str]:
        """The partial word is whole: it may end a clause, or show that one ended before it."""
        raw, self._partial = self._partial, ""
        word = _Word(plain_word(raw, opens_line=self._line_opens), self._spaced)
        if not word.text:
            return []
        self._spaced = self._line_opens = False
        before = self._emit() if self._ends_before(word) else []
        self._clause.append(word)
        return [*before, *(self._emit() if self._ends_after(word) else [])]

    def _ends_before(self, word: _Word) -> bool:
        if len(_joined([*self._clause, word])) > LONGEST_CHARACTERS:
            return True
        if not self._first:
            return False
        words = _words(self._clause)
        if words >= FIRST_WORDS:
            return _may_part(self._clause[-1], word)
        return words >= SOFT_FIRST_WORDS and opens_phrase(word.text)

    def _ends_after(self, word: _Word) -> bool:
        if ends_phrase(word.text):
            return self._holds(FIRST_LETTERS if self._first else LATER_LETTERS)
        if ends_sentence(word.text, opening=len(self._clause) == 1):
            return self._holds(FIRST_LETTERS)
        if not self._first or not letters(word.text):
            return False
        words = _words(self._clause)
        if closes_phrase(word.text):
            return words >= SOFT_FIRST_WORDS
        return words >= FIRST_WORDS and not (is_wide(word.text) or word.text[-1].isdigit())

    def _holds(self, enough: int) -> bool:
        """Whether there is so much to say, and no quotation is torn for less than it is worth."""
        held = _letters(self._clause)
        if held < enough:
            return False
        return held >= max(enough, QUOTED_LETTERS) or not is_open(self.pending)

    def _line_end(self) -> list[str]:
        self._line_opens = True
        short = self._first and _letters(self._clause) < FIRST_LETTERS
        return [] if short else self._emit()

    def _emit(self) -> list[str]:
        words, self._clause = self._clause, []
        if not _letters(words):
            return []
        self._first = False
        return [_joined(words)]


def _may_part(before: _Word, after: _Word) -> bool:
    """Not a number from what it counts, a word from its particle, nor from what closes it."""
    whole = letters(after.text) and not before.text[-1].isdigit()
    return bool(whole) and not closes_phrase(after.text)


def _joined(words: list[_Word]) -> str:
    return "".join(" " * word.spaced + word.text for word in words).strip()


def _letters(words: list[_Word]) -> int:
    return sum(letters(word.text) for word in words)


def _words(words: list[_Word]) -> float:
    return sum(word_weight(word.text) for word in words)
