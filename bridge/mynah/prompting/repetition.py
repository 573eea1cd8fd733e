"""What a companion has said too often: openings and phrases, of its last replies. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MOST_REPLIES: Final = 30
"""Some days of talk; more openings than these no one could still avoid."""

LEAST_REPLIES: Final = 2
"""Who has said one thing has no habits."""

OPENING_WORDS: Final = 2
OPENING_CHARACTERS: Final = 4
"""Of Chinese. "Oh, how" is an opening, "I" is none; more would let "Oh, how nice" follow it."""

GRAM: Final = 4
"""Words of a phrase, or characters: five of Chinese are as rare as four words."""
CHINESE_GRAM: Final = 5

OFTEN: Final = 3
"""A phrase in so many of the last replies is a habit."""
MOST_PHRASES: Final = 6

OVERLAP: Final = 0.4
"""Of a reply's phrases that were in one of the others: then it says the same again."""

_CHINESE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_UNIT: Final = re.compile(rf"[{_CHINESE}]|[^\W_{_CHINESE}]+(?:['\u2019][^\W_{_CHINESE}]+)*")
_ACTION: Final = re.compile(r"\*[^*\n]{0,120}\*|[(\uff08][^()\uff08\uff09\n]{0,120}[)\uff09]")
_IS_CHINESE: Final = re.compile(rf"[{_CHINESE}]")


@dataclass(frozen=True, slots=True)
class Habits:
    """What to avoid."""

    openings: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


def habits(replies: Sequence[str]) -> Habits:
    """Of the last replies, newest last: how they began, and what came in many of them."""
    if len(replies) < LEAST_REPLIES:
        return Habits()
    last = replies[-MOST_REPLIES:]
    openings = dict.fromkeys(opening(reply) for reply in reversed(last))
    counts = Counter(gram for reply in last for gram in _grams(reply))
    often = [gram for gram, count in counts.most_common() if count >= OFTEN]
    phrases = [_shown(gram) for gram in _without_overlaps(often)]
    return Habits(tuple(filter(None, openings)), tuple(phrases[:MOST_PHRASES]))


def opening(reply: str) -> str:
    """How it begins, for comparing; empty if it has no words. Gestures are no beginning."""
    units = _UNIT.findall(_ACTION.sub(" ", reply).casefold())
    if not units:
        return ""
    length = OPENING_CHARACTERS if _IS_CHINESE.match(units[0]) else OPENING_WORDS
    return _shown(tuple(units[:length]))


def repeats(reply: str, replies: Iterable[str]) -> bool:
    """Whether it begins as one of the last replies did, or says much of one again."""
    grams = _grams(reply)
    begins = opening(reply)
    return any(
        begins == opening(old)
        or (grams and len(grams.keys() & _grams(old).keys()) > OVERLAP * len(grams))
        for old in list(replies)[-MOST_REPLIES:]
    )


def _grams(reply: str) -> dict[tuple[str, ...], None]:
    """Each once, in order."""
    units = _UNIT.findall(reply.casefold())
    chinese = sum(bool(_IS_CHINESE.match(unit)) for unit in units) * 2 > len(units)
    size = CHINESE_GRAM if chinese else GRAM
    return dict.fromkeys(tuple(units[at : at + size]) for at in range(len(units) - size + 1))


def _without_overlaps(grams: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """One of each habit: its grams overlap."""
    kept: list[tuple[str, ...]] = []
    for gram in grams:
        if all(len(set(gram) & set(other)) < len(gram) // 2 for other in kept):
            kept.append(gram)
        if len(kept) == MOST_PHRASES:
            break
    return kept


def _shown(units: Sequence[str]) -> str:
    chinese = bool(units) and _IS_CHINESE.match(units[0]) is not None
    return ("" if chinese else " ").join(units)
