"""What of a model's words are its thoughts, in all the tags that models put around them. Pure."""

import re
from typing import Final

from mynah.companions.base import Reasoning

_TAG: Final = re.compile(
    r"""
    <(?P<close>/?)(?:think(?:ing)?|thought|reasoning|seed:think)>
    | \[(?P<close2>/?)THINK\]
    | <\|channel\|?>(?P<channel>[^<\n]{0,40}?)(?:<\|message\|>|\n)
    | (?P<end><\|(?:end|return)\|>|<channel\|>)
    | (?P<start><\|start\|>\w{0,20}(?=\W))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEGUN: Final = re.compile(
    r"""(?:
    </?[a-z:]{0,11}\|?
    | <\|[a-z]{0,8}\|?(?:>[^<\n]{0,40}(?:<\|?[a-z]{0,8}\|?)?)?
    | \[/?T?H?I?N?K?
    )\Z""",
    re.VERBOSE | re.IGNORECASE,
)
"""May become a tag with the next piece."""

_ALOUD: Final = frozenset({"", "final", "response"})
"""Channels that are meant for the user."""

Part = str | Reasoning


class Thoughts:
    """One answer. `push` what comes; `flush` at the end. What is a str is no thought."""

    def __init__(self, *, doubt: bool = False) -> None:
        """With `doubt` nothing is let through before a tag, or the end, says what it is.

        Some templates open the tag in the prompt: then an answer begins with thoughts that nothing
        marks but their end.
        """
        self._held = ""  # may be the beginning of a tag
        self._doubted = ""
        self._doubt = doubt
        self._thinking = False
        self._opened = False
        self.unopened: bool | None = None
        """Whether this answer began with thoughts without a tag; None until that is known."""

    def push(self, piece: str) -> list[Part]:
        """What can be said of it now; pieces may be cut anywhere."""
        self._held += piece
        parts: list[Part] = []
        while tag := _TAG.search(self._held):
            self._take(tag.start(), parts)
            self._held = self._held[tag.end() - tag.start() :]
            self._turn(tag, parts)
        begun = _BEGUN.search(self._held)
        self._take(begun.start() if begun else len(self._held), parts)
        return parts

    def trust(self) -> list[Part]:
        """There is no more doubt: the server told thoughts apart."""
        parts: list[Part] = []
        self._decide(parts)
        return parts

    def flush(self, *, cut: bool = False) -> list[Part]:
        """What was held back. Of an answer that was cut off in doubt nothing is said aloud."""
        parts: list[Part] = []
        self._take(len(self._held), parts)
        if self._doubt:
            self._thinking = cut
            self._decide(parts)
            if not cut:
                self.unopened = False
        return parts

    def _turn(self, tag: re.Match[str], parts: list[Part]) -> None:
        """Thinking begins or ends."""
        closes = tag["close"] or tag["close2"]
        if closes and not self._opened and self._thinking is False:
            self.unopened = self._thinking = True  # all before it was a thought
        elif self._doubt:
            self.unopened = False
        self._decide(parts)
        self._opened = True
        if tag["channel"] is not None:
            self._thinking = tag["channel"].strip().lower() not in _ALOUD
        elif tag["start"] is None:
            self._thinking = not (closes or tag["end"])

    def _decide(self, parts: list[Part]) -> None:
        self._doubt = False
        text, self._doubted = self._doubted, ""
        self._add(text, parts)

    def _take(self, length: int, parts: list[Part]) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if self._doubt:
            self._doubted += text
        else:
            self._add(text, parts)

    def _add(self, text: str, parts: list[Part]) -> None:
        if text:
            parts.append(Reasoning(text) if self._thinking else text)
