"""How long a clause may be so that the voice never falls silent for want of it. Pure.

Whole sentences sound best, so the voice waits for them as long as the sound it has already made
lasts; when that runs short it takes what there is, cut where it hurts least.
"""

import re
from dataclasses import dataclass
from typing import Final

from mynah.speech.boundaries import (
    WIDE,
    WIDE_CLOSERS,
    WIDE_ENDS,
    WIDE_OPENERS,
    closes_phrase,
    ends_phrase,
    ends_sentence,
    letters,
    opens_phrase,
    word_weight,
)

MARGIN_MS: Final = 400
"""Kept in hand: a cursor tells what was played 200 ms late, sound needs 100 ms to the ring, and
clauses of the same length differ in cost by half."""

CHARACTER_MS: Final = 4.0
"""Piper's joe, until its cost here is known: 1.7 on two idle cores, 2.7 on one, 7 on a busy one."""

NEWS: Final = 0.3
"""Weight of the last clause: after three the first guess is a third of what it was."""

KNOWN_BY_HEART_MS: Final = 0.5
"""A character: what costs less was not made but remembered, and tells nothing of the cost."""

FEWEST_LETTERS: Final = 10
"""The least that is worth hearing by itself: 0.6 s."""

PHRASE_WORDS: Final = 3
WORDS: Final = 4
"""The least before a conjunction, and before any word: a breath sounds odd there, silence worse."""

_WORD: Final = re.compile(
    rf"[{WIDE_OPENERS}\u201c]*"
    rf"(?:{WIDE}[{WIDE_ENDS}{WIDE_CLOSERS}\u201d]*|(?:(?!{WIDE}|[{WIDE_OPENERS}])\S)+)|\S"
)
"""A quotation's signs stay with the words at its ends."""


@dataclass(slots=True)
class Pace:
    """What the voice costs on this computer, learned over a session."""

    character_ms: float = CHARACTER_MS

    def made(self, text: str, took_ms: float) -> None:
        """A clause was turned into sound in that time."""
        cost_ms = took_ms / max(1, len(text))
        if cost_ms >= KNOWN_BY_HEART_MS:
            self.character_ms += NEWS * (cost_ms - self.character_ms)

    def patience_ms(self, text: str, lead_ms: float) -> float:
        """How long this text may wait to be made, if so much sound is still to be heard."""
        return lead_ms - MARGIN_MS - len(text) * self.character_ms

    def fitting(self, text: str, lead_ms: float) -> tuple[str, str]:
        """As much of it as can be made within that time, and the rest; all, if nothing helps."""
        if self.patience_ms(text, lead_ms) >= 0:
            return text, ""
        most = max(0.0, lead_ms - MARGIN_MS) / self.character_ms
        head, rest = cut(text, int(most))
        if not head:
            head, rest = _split(text, min((end for _, end in _places(text)), default=0))
        return (head, rest) if head and letters(rest) else (text, "")


def cut(text: str, most: int | None = None) -> tuple[str, str]:
    """The best beginning of up to `most` characters, and the rest; nothing, and all of it."""
    ends = [place for place in _places(text) if most is None or place[1] <= most]
    return _split(text, max(ends, default=(0, 0))[1])


def _split(text: str, end: int) -> tuple[str, str]:
    return text[:end], text[end:].lstrip()


def _places(text: str) -> list[tuple[int, int]]:
    """Where it may be cut, each with how well: 2 after a comma, 1 before a conjunction, 0."""
    words = list(_WORD.finditer(text))
    places: list[tuple[int, int]] = []
    count = 0.0
    for word, following in zip(words, [*words, None][1:], strict=True):
        count += word_weight(word[0])
        if letters(text[: word.end()]) < FEWEST_LETTERS:
            continue
        if ends_phrase(word[0]) or ends_sentence(word[0], opening=word is words[0]):
            places.append((2, word.end()))
        elif following and word[0][-1].isdigit() and following.start() == word.end():
            continue  # 15 and what it counts
        elif count >= PHRASE_WORDS and _parts_phrases(word[0], following):
            places.append((1, word.end()))
        elif count >= WORDS:
            places.append((0, word.end()))
    return places


def _parts_phrases(word: str, following: re.Match[str] | None) -> bool:
    return closes_phrase(word) or (following is not None and opens_phrase(following[0]))
