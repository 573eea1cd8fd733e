"""What of a model's stream may be spoken: not its thoughts, not rubbish, not without end. Pure."""

import re
import unicodedata
from typing import Final

from mynah.errors import CompanionError

MOST_CHARACTERS: Final = 8000
"""Ten minutes of speech; the most tokens that settings can ask for are 5000 characters."""

MOST_UNPRINTABLE: Final = 16
"""Stray control characters happen; so many are a file that somebody serves as an answer."""

_THOUGHT: Final = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_LONGEST_TAG: Final = len("</thinking>")
_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"'”’)]*\s+|[。！？]|\n+")  # noqa: RUF001


class SpokenText:
    """One answer. `push` what comes; `check` after that; `flush` at the end."""

    def __init__(self, whose: str) -> None:
        """`whose` begins the message of an error."""
        self._whose = whose
        self._held = ""  # may be the beginning of a tag
        self._thinking = False
        self._characters = 0
        self._unprintable = 0

    def push(self, piece: str) -> str:
        """What of it can be spoken now; pieces may be cut anywhere."""
        self._held += piece
        text = ""
        while tag := _THOUGHT.search(self._held):
            text += self._take(tag.start())
            self._held = self._held[tag.end() - tag.start() :]
            self._thinking = not tag[1]
        cut = self._held.rfind("<", max(0, len(self._held) - _LONGEST_TAG))
        return self._count(text + self._take(cut if cut >= 0 else len(self._held)))

    def flush(self) -> str:
        """What was held back."""
        return self._count(self._take(len(self._held)))

    def check(self) -> None:
        """CompanionError if there was too much of anything."""
        if self._unprintable > MOST_UNPRINTABLE:
            raise CompanionError(
                f"{self._whose} sent unprintable characters; is it a chat server, and in order?",
                retryable=False,
            )
        if self._characters > MOST_CHARACTERS:
            raise CompanionError(
                f"{self._whose} answered without end and was stopped after {MOST_CHARACTERS} "
                "characters; ask again, or take another model"
            )

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return "" if self._thinking else text

    def _count(self, text: str) -> str:
        room = max(0, MOST_CHARACTERS - self._characters)
        self._characters += len(text)
        clean = "".join(letter for letter in text[:room] if _is_text(letter))
        self._unprintable += len(text[:room]) - len(clean)
        return clean


class FewSentences:
    """Ends an answer after so many sentences, without waiting for the next word."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._text = ""
        self.full = False

    def push(self, piece: str) -> str:
        """What of it still belongs to the answer."""
        before = len(self._text)
        self._text += piece
        ends = [match.end() for match in _SENTENCE_END.finditer(self._text.lstrip())]
        if len(ends) < self._most:
            return piece
        self.full = True
        blank = len(self._text) - len(self._text.lstrip())
        return self._text[before : ends[self._most - 1] + blank]


def _is_text(letter: str) -> bool:
    if letter in "\n\r\t":
        return True
    return letter != "\N{REPLACEMENT CHARACTER}" and unicodedata.category(letter) != "Cc"
