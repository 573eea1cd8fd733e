"""What must never be written down: keys, what looks like one, and what was just said.

The second line of defence: what writes the log leaves all of it out in the first place.
"""

import base64
import re
from collections import deque
from threading import Lock
from typing import Final

HIDDEN: Final = "[hidden]"

SHORTEST_SECRET: Final = 8
"""Characters. A shorter one is no secret, and hiding it would blot out ordinary words."""

MOST_SECRETS: Final = 200
"""Spellings: a ring's key has five, and nobody has forty rings."""

MOST_TEXTS: Final = 40
"""Twenty turns and their replies; longer ago nothing quotes them."""

RUN: Final = 3
"""Words in a row that are only together by having been said. Shorter texts are hidden whole."""

LONGEST_TEXT: Final = 2000
"""Characters: of a reply without end its beginning."""

_LOOKS_SECRET: Final = re.compile(
    r"""
    \b[0-9a-fA-F]{32,}\b            # keys and tokens in hex; a device id has 16 digits
    | \b(?:sk|pk|hf|ghp|gho|xai|gsk|key)[-_][\w-]{12,}  # API keys as vendors shape them
    | (?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}
    | (?i:(?:api[-_]?key|token|password|secret)["']?\s*[=:]\s*["']?)[^\s"',;]{4,}
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)  # user and password in an address
    """,
    re.VERBOSE,
)
_WORD: Final = re.compile(r"\w+")


class Redaction:
    """Knows what to hide. May be used from any thread."""

    def __init__(self) -> None:
        self._secrets: deque[str] = deque(maxlen=MOST_SECRETS)
        self._runs: deque[frozenset[tuple[str, ...]]] = deque(maxlen=MOST_TEXTS)
        self._known: frozenset[tuple[str, ...]] = frozenset()  # all runs, since lines are many
        self._lock = Lock()

    def hide(self, secret: str | bytes) -> None:
        """Never write this, in any usual spelling."""
        for spelling in _spellings(secret):
            with self._lock:
                if len(spelling) >= SHORTEST_SECRET and spelling not in self._secrets:
                    self._secrets.append(spelling)

    def said(self, text: str) -> None:
        """These words were somebody's: they are hidden wherever they are quoted, for a while."""
        words = [word.casefold() for word in _WORD.findall(text[:LONGEST_TEXT])]
        size = min(RUN, len(words))
        runs = frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        if size and (size > 1 or len(words[0]) >= SHORTEST_SECRET):
            with self._lock:
                self._runs.append(runs)
                self._known = frozenset().union(*self._runs)

    def redacted(self, text: str, *, words: bool = True) -> str:
        """The text without any of it; with `words` off only without secrets."""
        with self._lock:
            secrets, known = list(self._secrets), self._known
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        text = _LOOKS_SECRET.sub(HIDDEN, text)
        return _without_runs(text, known) if words and known else text


def _spellings(secret: str | bytes) -> list[str]:
    if isinstance(secret, str):
        return [secret.strip(), secret.strip().encode("unicode_escape").decode()]
    spelled = [secret.hex(), secret.hex().upper(), repr(secret)[2:-1]]
    return [
        *spelled,
        base64.b64encode(secret).decode().rstrip("="),
        base64.urlsafe_b64encode(secret).decode().rstrip("="),
    ]


def _without_runs(text: str, known: frozenset[tuple[str, ...]]) -> str:
    """Blots out every run of words that was said, from its first word to its last."""
    words = list(_WORD.finditer(text))
    folded = [match[0].casefold() for match in words]
    said = [False] * len(words)
    for size in range(1, RUN + 1):
        for at in range(len(words) - size + 1):
            if tuple(folded[at : at + size]) in known:
                said[at : at + size] = [True] * size
    for at in reversed(range(len(words))):
        if said[at] and not (at and said[at - 1]):
            end = next((no for no in range(at, len(words)) if not said[no]), len(words))
            text = text[: words[at].start()] + HIDDEN + text[words[end - 1].end() :]
    return text


REDACTION: Final = Redaction()
"""This process's: what one part learns to be secret, no other part writes."""
