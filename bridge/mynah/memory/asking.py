"""What a companion is asked about past turns, and what of its answer can be used. Pure.

The turns are untrusted: they are quoted line by line and bounded. Of the answer are taken short
sentences that have words in common with what was said, and one line as the summary, bounded and
without markup; it may say anything, so `mynah memory list` shows it.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from mynah.companions.history import without_markup
from mynah.memory.fact import Fact, clean
from mynah.memory.log import Turn
from mynah.memory.words import CONCEPT, terms

MOST_TURNS: Final = 40
MOST_QUOTED: Final = 300
"""Characters of what each said; with MOST_TURNS that is 6000 tokens at worst, 1500 mostly."""
MOST_FACTS: Final = 8
MOST_FACT: Final = 200
MOST_SUMMARY: Final = 600
"""Characters. 60 words are 400."""
MOST_ANSWER: Final = 8000
"""Characters that are read of an answer."""

CONFIDENCE: Final = 0.8
"""Of what a model noted: it may have misunderstood."""

_FACT: Final = re.compile(
    r"^\W{0,8}(?:\d{1,2}\W{1,3})?(?:FACT|事实)\W{0,4}[:\uff1a][\s*_]*(.+)$", re.IGNORECASE
)
_SUMMARY: Final = re.compile(
    r"^\W{0,8}(?:SUMMARY|概括|摘要)\W{0,4}[:\uff1a][\s*_]*(.+)$", re.IGNORECASE
)
_MARK: Final = re.compile(r"\s(?=(?:FACT|SUMMARY)\s?:)")
"""Where a line begins: some models forget that it is to be one of its own."""
_KEYS: Final = re.compile(r"[,;\uff0c\u3001\uff1b/]")
_THOUGHTS: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_LEAST_IN_COMMON: Final = 1


@dataclass(frozen=True, slots=True)
class Thought:
    """What came of thinking back."""

    facts: tuple[Fact, ...]
    summary: str = ""


def question(
    turns: Sequence[Turn], language: str, character: str, earlier: str | None = None
) -> str:
    """What to ask about these turns; with `earlier`, for a summary too that goes on from it."""
    wording = _wording(language)
    wanted = ""
    if earlier is not None:
        quoted = _quoted(earlier, MOST_SUMMARY)
        before = wording["before"].format(earlier=quoted) if quoted else ""
        wanted = wording["summary"].lstrip().format(before=before)
    quotes = [
        f"> {who}: {_quoted(words, MOST_QUOTED)}"
        for turn in turns[-MOST_TURNS:]
        for who, words in (("U", turn.said), ("C", turn.heard))
        if words.strip()
    ]
    name = _quoted(character, 60) or "Mynah"
    text: str = wording["question"].strip()
    return text.format(character=name, most=MOST_FACTS, summary=wanted, quotes="\n".join(quotes))


def parse(answer: str, turns: Sequence[Turn], language: str, now: float) -> Thought:
    """What can be used of the answer, which may be anything."""
    facts: list[Fact] = []
    summary = ""
    for line in _MARK.sub("\n", _THOUGHTS.sub("", answer[:MOST_ANSWER])).splitlines():
        if found := _FACT.match(line):
            fact = _fact(found[1], turns, language, now)
            if fact is not None and len(facts) < MOST_FACTS:
                facts.append(fact)
        elif found := _SUMMARY.match(line):
            summary = clean(without_markup(found[1]), MOST_SUMMARY)
    return Thought(tuple(facts), summary)


def sources(content: str, turns: Sequence[Turn]) -> tuple[int, ...]:
    """The turns in which the wearer said it: those that share the most of its words."""
    wanted = _telling(content)
    shared = [(len(wanted & _telling(turn.said)), turn.id) for turn in turns]
    most = max((count for count, _ in shared), default=0)
    if most < _LEAST_IN_COMMON:
        return ()
    return tuple(id_ for count, id_ in shared if count == most and id_)


def _fact(line: str, turns: Sequence[Turn], language: str, now: float) -> Fact | None:
    content, _, keys = without_markup(line, keep="|").replace("\uff5c", "|").partition("|")
    content = clean(content, MOST_FACT + 1)
    if not content or len(content) > MOST_FACT or not _is_grounded(content, turns):
        return None
    for name in _wording(language)["wearer"]:
        content = content.replace(name, "{{user}}")
    found = (clean(key, 40).strip(" .\u3002") for key in _KEYS.split(keys)[:8])
    return Fact(content, tuple(filter(None, found)), sources(content, turns), CONFIDENCE, now)


def _is_grounded(content: str, turns: Sequence[Turn]) -> bool:
    """Whether the wearer said any of it: models make things up, small ones above all."""
    said = set[str]().union(*(_telling(turn.said) for turn in turns))
    return len(_telling(content) & said) >= _LEAST_IN_COMMON


def _telling(text: str) -> set[str]:
    return {term for term in terms(text) if not (term.startswith(CONCEPT) or len(term) == 1)}


def _quoted(words: str, most: int) -> str:
    return clean(without_markup(words), most)


def _wording(language: str) -> dict[str, Any]:
    table = _table()
    wording: dict[str, Any] = table["zh" if language.startswith(("zh", "yue")) else "en"]
    return wording


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("mynah.memory") / "asking.toml").read_text("utf-8"))
