"""A card out of what is left of somebody: pasted lines, a few words about them, a picture.

Nothing is made up. How they talk is shown by what they said; what can be counted of it is said too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from mynah.characters.card import Card, new_card
from mynah.characters.chats.chat import Chat
from mynah.characters.examples import Pair, written
from mynah.characters.jsons import Raw
from mynah.characters.language import is_han, language_of
from mynah.characters.view import LANGUAGE
from mynah.errors import UserError

FEWEST_LINES: Final = 3
"""Of the character's: from fewer nobody learns how they talk."""

MOST_EXAMPLES: Final = 8
"""Dialogues: vendors advise one to three, larger models follow more; a mind takes what fits."""

LONGEST_EXAMPLE: Final = 400
"""Characters of one answer: examples are told at every turn, and teach length as well."""

LONGEST_ENDING: Final = 20
"""Characters. Somebody who laughs for a page does not end every line so."""

_ACTION: Final = re.compile(
    r"\*[^*\n]+\*|\uff08[^\uff08\uff09\n]+\uff09|\([^()\n]+\)|\u3010[^\u3010\u3011\n]+\u3011"
)
_ENDING: Final = re.compile(
    r"([~\uff5e\u2026!\uff01\u3002.?\uff1f\u266a]|[呢呀啦哦嘛吧喵哒捏呐哟])+$"
)
_EMOJI: Final = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_USUAL: Final = 0.2
"""Of the lines: a habit."""
_SOON: Final = 4
"""So many of one opening are a habit as well."""


def rescued(
    chats: Sequence[Chat], name: str, *, persona: str = "", now: float = 0.0, source: str = ""
) -> Card:
    """A V3 card. UserError if too little is left."""
    pairs = [pair for chat in chats for pair in _pairs(chat)]
    answers = [answer for _, answer in pairs]
    if len(answers) < FEWEST_LINES:
        raise UserError(
            f"{len(answers)} line{'' if len(answers) == 1 else 's'} of {name or 'the character'}; "
            f"{FEWEST_LINES} are needed to hear "
            "how they talk"
        )
    language = language_of(" ".join(answers))
    data: Raw = {
        "name": name,
        "description": persona.strip(),
        "personality": manner(answers, language),
        "first_mes": _opening(chats, answers),
        "mes_example": written([[pair] for pair in chosen(pairs)]),
        "creator_notes": f"Rescued from {len(answers)} lines with Mynah.",
        "tags": ["rescued"],
        "source": [source] if source else [],
        "creation_date": int(now),
        "modification_date": int(now),
        "extensions": {LANGUAGE: language} if language else {},
    }
    return new_card(data)


def chosen(pairs: Iterable[Pair], most: int = MOST_EXAMPLES) -> list[Pair]:
    """The exchanges that show most of how somebody talks, in the order in which they were.

    Of a usual length, with words that others don't have, spread over the whole time.
    """
    usable = list(dict.fromkeys(pair for pair in pairs if all(pair) and _is_short(pair)))
    if len(usable) <= most:
        return usable
    usual = median(len(answer) for _, answer in usable)
    stretch = len(usable) / most
    best = []
    for begin in range(most):
        part = usable[int(begin * stretch) : int((begin + 1) * stretch)]
        best.append(max(part, key=lambda pair: _worth(pair, usual)))
    return best


def manner(answers: Sequence[str], language: str) -> str:
    """What can be counted of how somebody talks, in a line for a model."""
    habits = [
        *_length(answers, language),
        *_shares(answers, language),
        *_endings(answers, language),
    ]
    if not habits:
        return ""
    if language == "zh":
        return "{{char}}说话的习惯：" + "；".join(habits) + "。"
    return "How {{char}} talks: " + "; ".join(habits) + "."


def _pairs(chat: Chat) -> list[Pair]:
    return [
        (turn.said.strip(), turn.heard.strip()) for turn in chat.turns("") if turn.heard.strip()
    ]


def _opening(chats: Sequence[Chat], answers: Sequence[str]) -> str:
    """What they began with, if they ever began; else their first words."""
    for chat in chats:
        if chat.lines and not chat.lines[0].by_user:
            return chat.lines[0].text.strip()
    return answers[0]


def _is_short(pair: Pair) -> bool:
    return all(len(words) <= LONGEST_EXAMPLE for words in pair)


def _worth(pair: Pair, usual: float) -> float:
    """Higher shows more."""
    answer = pair[1]
    marks = bool(_ACTION.search(answer)) + bool(_EMOJI.search(answer))
    off = abs(len(answer) - usual) / (usual + 1)
    return marks + len(set(answer)) / (len(answer) + 1) - off


def _length(answers: Sequence[str], language: str) -> list[str]:
    if language == "zh":
        count = median(sum(map(is_han, answer)) for answer in answers)
        return [f"一次大约说{count:.0f}个字"]
    return [f"about {median(len(answer.split()) for answer in answers):.0f} words at a time"]


def _shares(answers: Sequence[str], language: str) -> list[str]:
    chinese = language == "zh"
    habits = []
    acting = [match[0] for answer in answers if (match := _ACTION.search(answer))]
    if len(acting) > _USUAL * len(answers):
        shown = Counter(each[0] for each in acting).most_common(1)[0][0]
        sample = next(each for each in acting if each[0] == shown)
        habits.append(f"会写动作，例如{sample}" if chinese else f"writes actions, as in {sample}")
    emoji = Counter(each for answer in answers for each in _EMOJI.findall(answer))
    if emoji.total() > _USUAL * len(answers):
        common = "".join(each for each, _ in emoji.most_common(3))
        habits.append(f"常用{common}" if chinese else f"often uses {common}")
    return habits


def _endings(answers: Sequence[str], language: str) -> list[str]:
    plain = {"。", ".", "？", "?", "！", "!", "…"}
    spoken = (_ACTION.sub("", answer).strip() for answer in answers)
    found = Counter(
        match[0]
        for words in spoken
        if (match := _ENDING.search(words[-LONGEST_ENDING:])) and match[0] not in plain
    )
    common = [end for end, count in found.most_common(2) if count > _USUAL / 2 * len(answers)]
    if not common:
        return []
    shown = "、".join(common) if language == "zh" else " and ".join(common)
    return [f"句尾常带{shown}" if language == "zh" else f"often ends with {shown}"]
