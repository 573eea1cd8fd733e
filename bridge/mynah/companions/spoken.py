"""What of a model's stream may be spoken: not its thoughts, and few sentences. Pure."""

import re
from typing import Final

from mynah.companions.plausible import PlausibleText

_THOUGHT: Final = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_LONGEST_TAG: Final = len("</thinking>")
_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"'”’)]*\s+|[。！？]|\n+")  # noqa: RUF001


class SpokenText:
    """One answer. `push` what comes; `check` after that; `flush` at the end."""

    def __init__(self, whose: str) -> None:
        """`whose` begins the message of an error."""
        self._plausible = PlausibleText(whose)
        self._held = ""  # may be the beginning of a tag
        self._thinking = False

    def push(self, piece: str) -> str:
        """What of it can be spoken now; pieces may be cut anywhere."""
        self._held += piece
        text = ""
        while tag := _THOUGHT.search(self._held):
            text += self._take(tag.start())
            self._held = self._held[tag.end() - tag.start() :]
            self._thinking = not tag[1]
        cut = self._held.rfind("<", max(0, len(self._held) - _LONGEST_TAG))
        return self._plausible.push(text + self._take(cut if cut >= 0 else len(self._held)))

    def flush(self) -> str:
        """What was held back."""
        return self._plausible.push(self._take(len(self._held))) + self._plausible.flush()

    def check(self) -> None:
        """CompanionError if there was too much of anything."""
        self._plausible.check()

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return "" if self._thinking else text


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
