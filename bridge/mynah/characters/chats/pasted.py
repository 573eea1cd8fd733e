"""Conversations as people copy them: who speaks stands before a colon, or on the line above.

[2024-05-01 21:30] Mochi: are you still up?
me: nearly asleep
Mochi 2024/5/1 21:31
good night then
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from mynah.characters.chats.chat import Chat, Line
from mynah.characters.chats.moments import moment
from mynah.errors import UserError

OWN_NAMES: Final = frozenset(
    {"me", "i", "you", "user", "human", "{{user}}", "<user>", "我", "你", "自己", "用户"}
)
"""How people call themselves in what they copy."""

LONGEST_NAME: Final = 24
"""Characters. What stands before a colon and is longer is a sentence."""

_MOMENT: Final = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}月\d{1,2}日|"
    r"Today at|Yesterday at|今天|昨天)?,?\s{0,3}(?:(?:上午|下午|晚上|凌晨|中午)\s{0,3})?"
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?"
)
_BEFORE: Final = re.compile(rf"[\[(]?({_MOMENT})[\])]?(?:\s*-)?\s+(?=\S)")
_NAME: Final = re.compile(
    rf"(\*\*|__)?([^\s:\uff1a*_][^:\uff1a\n]{{0,{LONGEST_NAME - 1}}}?)\s*"
    r"(?(1)(?:\1\s*)?)[:\uff1a]\s*(?(1)(?:\1)?)\s*(.*)"
)
_ABOVE: Final = re.compile(
    rf"(\S.{{0,{LONGEST_NAME - 1}}}?)\s{{1,8}}(?:[-\u2014]\s{{0,3}})?[\[(]?({_MOMENT})[\])]?"
)
"""A line of nothing but a name and a moment: what follows was said then."""


class WhoError(UserError):
    """Several people speak, and nobody can tell who of them is asking."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"who are you among {', '.join(names[:5])}? say it with --user")
        self.names = names


@dataclass(frozen=True, slots=True)
class _Read:
    """A line, taken apart; without a name it goes on with the one above."""

    name: str
    words: str
    at: float
    whole: str


def speakers(text: str) -> list[str]:
    """Who speaks, the most talkative first; names that occur once in a long text are none."""
    counts = Counter(read.name for read in map(_apart, text.split("\n")) if read.name)
    enough = 2 if sum(counts.values()) > len(counts) else 1
    return [name for name, count in counts.most_common() if count >= enough]


def guess(names: list[str], user: str = "", character: str = "") -> tuple[str, str]:
    """Who of them is the wearer and who the character, either given or not.

    UserError if nobody can tell.
    """
    own = user or next((name for name in names if name.lower() in OWN_NAMES), "")
    others = [name for name in names if name != own]
    if character not in names:  # they may be called otherwise in the lines
        if not own and len(others) > 1:
            raise WhoError(names)
        character = others[0] if others else ""
    if not own:
        own = next((name for name in names if name != character), "")
    if not character:
        raise UserError("no line says who speaks; begin each with a name and a colon")
    return own, character


def read(text: str, user: str, character: str) -> Chat:
    """The conversation of these two; others' lines go on with what was said before them."""
    spoken: list[tuple[_Read, list[str]]] = []
    lost = 0
    for each in map(_apart, text.replace("\r\n", "\n").split("\n")):
        if each.name in {user, character} - {""}:
            spoken.append((each, [each.words]))
        elif spoken and each.whole.strip():
            spoken[-1][1].append(each.whole.strip())
        elif each.whole.strip():
            lost += 1
    lines = (
        Line(each.name == user, "\n".join(words).strip("\n"), each.name, each.at)
        for each, words in spoken
    )
    kept = tuple(line for line in lines if line.text.strip())
    if not kept:
        raise UserError(
            f"no line of {user or 'yours'} or {character}; is that how they are called?"
        )
    told = (f"before the first name {lost} of the lines were left out",) if lost else ()
    return Chat(kept, user, character, told=told)


def _apart(line: str) -> _Read:
    bare = line.strip().lstrip("\ufeff\u200e")
    if above := _ABOVE.fullmatch(bare):
        return _Read(above[1].strip(), "", moment(above[2]), line)
    at = 0.0
    if before := _BEFORE.match(bare):
        at = moment(before[1])
        bare = bare[before.end() :]
    match = _NAME.fullmatch(bare)
    if match is None or match[3].startswith("//"):  # an address
        return _Read("", "", at, line)
    return _Read(match[2].strip(), match[3], at, line)
