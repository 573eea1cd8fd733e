"""What a backend that keeps the conversation is told of an answer that was cut short. Pure.

It believes that all it wrote was heard, and nobody can take that back: so the next turn says it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mynah.companions.base import Said

BUILT_IN: Final = "auto"

LONGEST_HEARD: Final = 300
"""Characters: the end of what was heard says where it was cut, and costs as little as it can."""

_LINES: Final = {
    "en": (
        "(I interrupted you just now and only heard: “{heard}”)",
        "(I interrupted you just now and heard none of it.)",
    ),
    "zh": ("(我刚才打断了你，只听到：“{heard}”)", "(我刚才打断了你，什么也没听到。)"),
}
_CHINESE: Final = ("zh", "yue")


class Unheard:
    """One conversation with one backend."""

    def __init__(self, line: str = BUILT_IN) -> None:
        """`line` holds {heard}; the built-in ones are in the wearer's language; empty is off."""
        self._line = line
        self._heard: str | None = None  # of the last answer; None if it is as the backend believes
        self._interrupted = False

    @property
    def last(self) -> str:
        """What was heard of the last answer, or its end."""
        return self._heard or ""

    def line(self, language: str) -> str:
        """What is to be told before the next words, or nothing."""
        if self._heard is None or not self._line:
            return ""
        some, none = _LINES["zh" if language in _CHINESE else "en"]
        if self._line != BUILT_IN:
            some = none = self._line
        return (some if self._heard else none).replace("{heard}", self._heard)

    def words(self, said: Said) -> str:
        """What the backend is sent: this line, the ring's, and what the wearer said."""
        return "\n".join(part for part in (self.line(said.language), said.ring, said.text) if part)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the backend answers. Until somebody hears its answer, none of it was heard; and one
        that failed changes nothing.
        """
        before = self._heard
        self._heard, self._interrupted = "", False
        try:
            yield
        except Exception:
            self._heard = before
            raise

    def cancelled(self, heard: str) -> None:
        """The wearer interrupted it."""
        self._heard, self._interrupted = _end_of(heard), True

    def heard(self, text: str) -> None:
        """The turn is over, and so much was heard; without an interruption that was all."""
        self._heard = _end_of(text) if self._interrupted else None


def _end_of(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_HEARD else f"…{line[-LONGEST_HEARD:]}"
