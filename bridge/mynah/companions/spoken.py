"""What of a model's stream may be spoken: not its thoughts, and few sentences. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from mynah.companions.plausible import PlausibleText
from mynah.companions.thoughts import Part, Thoughts

_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"'”’)]*\s+|[。！？]|\n+")


class SpokenText:
    """One answer. `push` what comes; `check` after that; `flush` at the end."""

    def __init__(self, whose: str) -> None:
        """`whose` begins the message of an error."""
        self._plausible = PlausibleText(whose)
        self._thoughts = Thoughts()

    def push(self, piece: str) -> str:
        """What of it can be spoken now; pieces may be cut anywhere."""
        return self._plausible.push(_aloud(self._thoughts.push(piece)))

    def flush(self) -> str:
        """What was held back."""
        return self._plausible.push(_aloud(self._thoughts.flush())) + self._plausible.flush()

    def check(self) -> None:
        """CompanionError if there was too much of anything."""
        self._plausible.check()


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


def _aloud(parts: Iterable[Part]) -> str:
    return "".join(part for part in parts if isinstance(part, str))
