"""Whether what stands between two marks is done or said. Pure.

`*hugs you*` and `(smiles)` are done. `*really*` is said with emphasis, `(about 3 km)` is said.
"""

import re
from dataclasses import dataclass
from typing import Final

from mynah.acts.emotions import act_of, canonical
from mynah.acts.lexicon import (
    ASIDE,
    CHINESE,
    SILENT,
    Form,
    Hit,
    before_verb,
    explains,
    hit_in,
    is_soft,
    leaders,
    words_of,
)
from mynah.companions.base import Act

STAR: Final = "*"
ROUND: Final = "("
SQUARE: Final = "["
TAG: Final = "<"

SOFT: Final = 150
"""The gain, of 255, of what is done gently."""

_SENTENCE_END: Final = ".!?…~:;\"”’')]}—–。！？；：」』】）*"
_FEW: Final = 3
"""Words of a command: *Wake up!*"""

_CHINESE_PHRASE: Final = 4
"""Characters of an action that is in no lexicon; two or three may be a stressed word."""

_SOMEBODY: Final = frozenset(["she", "he", "they"])
_HEAD_WORDS: Final = 3
"""What somebody does is told within so many words: (she paused, thinking)."""

_ENDS: Final = tuple(".!?")
_SAYS: Final = ":!?"
_DIGIT: Final = re.compile(r"[0-9]")
_LABELLED: Final = re.compile(r"[:：]\s*(\S+)$")
_TAG_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Done:
    """It is no speech, and this is felt of it."""

    act: Act | None


def judged(kind: str, content: str, before: str) -> Done | None:
    """What is done; None if it is said.

    `before` is what was written before it on the same line; empty if it was an action too.
    """
    if kind == TAG:
        return Done(_act_of_tag(content))
    alone = not before.strip() or before.rstrip()[-1] in _SENTENCE_END
    labelled = _LABELLED.search(content)
    label = labelled[1] if labelled and kind == SQUARE else content
    if canonical(label) and (kind == SQUARE or (kind == ROUND and alone)):
        return Done(act_of(label))
    hit = hit_in(content)
    if kind == STAR:
        return _starred(content, hit, before, alone=alone)
    return _bracketed(content, hit, alone=alone)


def _starred(content: str, hit: Hit | None, before: str, *, alone: bool) -> Done | None:
    if CHINESE.search(content):
        phrase = alone and len(content) >= _CHINESE_PHRASE
        return _done(hit, content) if hit or phrase else None
    words = words_of(content)
    if hit is None:
        phrase = alone and len(words) > 1 and content[-1] not in _SAYS
        return Done(None) if phrase else None
    if hit.form is Form.PLAIN and (hit.act == SILENT or content[-1] in _ENDS) and len(words) < _FEW:
        return None  # *Wait!* *Look* at that
    if alone or len(words) > 1:
        return _done(hit, content)
    if hit.form is Form.PLAIN or (words_of(before) or [""])[-1] in leaders():
        return None
    return _done(hit, content)


def _bracketed(content: str, hit: Hit | None, *, alone: bool) -> Done | None:
    if hit is not None and hit.act == SILENT and not alone:
        return None
    if CHINESE.search(content):
        return _done(hit, content) if hit or (alone and _describes(content)) else None
    words = words_of(content)
    if hit is None:
        return None
    if words[0] in _SOMEBODY and hit.at <= _HEAD_WORDS:
        return _done(hit, content) if alone else None
    head, says = words[: hit.at], content.rstrip()[-1:] in _ENDS
    if says or not all(word in before_verb() or word.endswith("ly") for word in head):
        return None
    acts = hit.form in (Form.THIRD, Form.GOING) or (hit.form is Form.PLAIN and len(words) == 1)
    return _done(hit, content) if acts else None


def _describes(content: str) -> bool:
    """Whether Chinese words in brackets, where a sentence may begin, are what somebody does."""
    return len(content) > 1 and not explains(content) and not _DIGIT.search(content)


def _done(hit: Hit | None, content: str) -> Done:
    if hit is None or hit.act in (SILENT, ASIDE):
        return Done(None)
    return Done(Act(hit.act, gain=SOFT) if is_soft(content) else Act(hit.act))


def _act_of_tag(content: str) -> Act | None:
    for word in _TAG_WORD.findall(content):
        if canonical(word):
            return act_of(word)
    return None
