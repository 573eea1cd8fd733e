"""Finds the facts that a sentence calls for: an index in memory, ranked. No I/O, no clock.

In memory, and not in the file, for three reasons. It takes a tenth of a millisecond among 5000
facts, so a prompt can wait for it without a thread. It works where SQLite was built without FTS5.
And what is forgotten leaves nothing behind: FTS5 had a deleted row's words in the file still, with
secure_delete on, because it only marks them until its segments are merged (SQLite 3.40).
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

from mynah.memory.fact import Fact
from mynah.memory.words import CONCEPT, folded, mentions, terms, weight

MOST_RECALLED: Final = 5
"""More distract a model, and each costs some twenty tokens in every turn."""

MOST_POSTINGS: Final = 12_000
"""Looked at for one question, its rarest words first; bounds the time whatever is said: two
milliseconds, five on a slow computer."""

SATURATION: Final = 1.2
LENGTH_SHARE: Final = 0.5
"""bm25's k1 and b; facts are all about as short, so that length says less than elsewhere."""

BACKGROUND: Final = 500
"""Facts that a memory is taken to have at least: in one with three facts no word is rare, and yet
each says what it is about."""

RECENCY: Final = 0.15
HALF_LIFE_S: Final = 90 * 86_400.0
PINNED: Final = 0.2
UNSURE: Final = 0.3
"""Shares of a fact's score: what was said today, pinned, or only guessed."""
KEY_HIT: Final = 1.0
"""Added for each key that stands in the question whole: about half a rare word."""

LEAST_SHARE: Final = 0.3
"""Of the best fact's score; what has less is recalled by accident."""
LEAST_SCORE: Final = 1.0

_CLOSEST: Final = 30
"""Of which keys and dates are looked at."""


class Index:
    """Facts by the words they are found by."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._facts: dict[int, Fact] = {}
        self._lengths: dict[int, int] = {}
        self._postings: dict[str, dict[int, int]] = {}
        self._total = 0
        for fact in facts:
            self.put(fact)

    def __len__(self) -> int:
        return len(self._facts)

    def put(self, fact: Fact) -> None:
        """A new fact, or another version of it."""
        self.remove(fact.id)
        counts = Counter(_terms_of(fact))
        self._facts[fact.id] = fact
        self._lengths[fact.id] = length = sum(counts.values())
        self._total += length
        for term, count in counts.items():
            self._postings.setdefault(term, {})[fact.id] = count

    def remove(self, fact_id: int) -> None:
        """As if it had never been there."""
        fact = self._facts.pop(fact_id, None)
        if fact is None:
            return
        self._total -= self._lengths.pop(fact_id)
        for term in set(_terms_of(fact)):
            found = self._postings[term]
            del found[fact_id]
            if not found:
                del self._postings[term]

    def recall(self, text: str, now: float, most: int = MOST_RECALLED) -> list[Fact]:
        """The facts that these words call for, best first; none if they call for none."""
        asked = folded(text)
        scores = self._scores(set(terms(text)))
        closest = heapq.nlargest(max(most, _CLOSEST), scores, key=scores.__getitem__)
        ranked = [(self._with_all(scores[each], each, asked, now), each) for each in closest]
        ranked.sort(reverse=True)
        best = ranked[0][0] if ranked else 0.0
        least = max(LEAST_SCORE, LEAST_SHARE * best)
        return [self._facts[each] for score, each in ranked[:most] if score >= least]

    def same_as(self, content: str, share: float) -> Fact | None:
        """A fact that says this already: with so much of its words, and the other way round."""
        wanted = _telling(content)
        for fact in self.recall(content, 0.0):
            there = _telling(fact.content)
            if len(wanted & there) >= share * len(wanted | there):
                return fact
        return None

    def _scores(self, asked: set[str]) -> dict[int, float]:
        count = max(len(self._facts), BACKGROUND)
        average = self._total / max(len(self._facts), 1)
        found = [(len(self._postings[term]), term) for term in asked if term in self._postings]
        scores: dict[int, float] = {}
        room = MOST_POSTINGS
        for frequency, term in sorted(found):
            room -= frequency
            if room < 0 and scores:
                break
            worth = weight(term) * math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))
            for fact_id, times in self._postings[term].items():
                length = 1 - LENGTH_SHARE + LENGTH_SHARE * self._lengths[fact_id] / average
                gain = worth * times * (SATURATION + 1) / (times + SATURATION * length)
                scores[fact_id] = scores.get(fact_id, 0.0) + gain
        return scores

    def _with_all(self, score: float, fact_id: int, asked: str, now: float) -> float:
        fact = self._facts[fact_id]
        age_s = max(0.0, now - fact.created)
        recency = RECENCY * math.exp2(-age_s / HALF_LIFE_S)
        share = 1 + recency + PINNED * fact.pinned - UNSURE * (1 - fact.confidence)
        return score * share + KEY_HIT * sum(bool(mentions(key).search(asked)) for key in fact.keys)


def _terms_of(fact: Fact) -> list[str]:
    return terms(" . ".join([fact.content, *fact.keys]))


def _telling(content: str) -> set[str]:
    return {term for term in terms(content) if not term.startswith(CONCEPT)}
