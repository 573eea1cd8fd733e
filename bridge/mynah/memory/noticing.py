"""What a wearer says of themselves in so many words: facts without a language model. Pure.

A sentence that begins as such sentences do is kept as it was said, in quotes. Nothing is turned
into other words: without understanding them that goes wrong.
"""

import re
from collections.abc import Sequence
from typing import Final

from mynah.characters.language import is_han
from mynah.companions.history import without_markup
from mynah.memory.fact import Fact, clean, clean_keys
from mynah.memory.log import Turn
from mynah.memory.words import telling_words

CONFIDENCE: Final = 0.6
"""It was said; whether it is worth keeping, nobody judged."""

MOST_SENTENCE: Final = 160
MOST_KEYS: Final = 4

_SENTENCE: Final = re.compile(r"[^.!?\u3002\uff01\uff1f\n]+[.!?\u3002\uff01\uff1f]*")

_KIN: Final = (
    r"(?:wife|husband|partner|girl ?friend|boy ?friend|mother|mum|mom|father|dad|sister|brother|"
    r"son|daughter|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|friend|boss|"
    r"neighbou?r|colleague|teacher|doctor|cat|dog|pet|horse|baby)"
)
_DOES: Final = r"(?:is|are|was|were|has|lives?|works?|died|loves?|likes?|plays?)"
_ENGLISH: Final = (
    r"my (?:\w+ )?name is \w|(?:please )?call me \w|i am called \w|i'm called \w",
    rf"i(?:'ve| have)(?: got)? (?:an?|two|three|four|five|\d+) (?:\w+ ){{0,2}}{_KIN}s?\b",
    rf"(?:this is )?my (?:\w+ )?{_KIN}(?:'s|s)?\b.*\b{_DOES}\b",
    r"(?:my|our) (?:\w+ )?(?:birthday|anniversary|wedding|favou?rite \w+|job|address|school) ",
    r"i (?:was born|live|grew up|come from|moved to|work (?:as|at|in|for)|study|got married)\b",
    r"i(?:'m| am) (?:from|allergic|vegetarian|vegan|married|learning|pregnant)\b",
    r"i(?:'m| am) (?:afraid|scared) (?!(?:i|so|not|that|we|you|he|she|it)\b)",
    r"i (?:really |just )?(?:like|love|hate|prefer|enjoy|can't stand|collect|play) (?!you\b|it\b)",
    r"i(?:'m| am) an? (?:\w+ )?\w*(?:er|or|ist|ian|ant|ent|nurse|chef|pilot|vet)\b",
    r"(?:please )?remember (?:that|this)\b",
)
_CHINESE_KIN: Final = (
    r"(?:老婆|妻子|老公|丈夫|男朋友|女朋友|对象|妈妈?|母亲|爸爸?|父亲|姐姐?|妹妹?|哥哥?|弟弟?|儿子|"
    r"女儿|孩子|奶奶|爷爷|外婆|外公|姥姥|姥爷|朋友|老板|同事|邻居|老师|猫|狗)"
)
_CHINESE: Final = (
    r"(?:我叫|我的名字[是叫]|叫我|我姓)\w",
    r"我(?:家)?(?:有|养了)[一二两三四五\d]\w",
    rf"我(?:的|家)?{_CHINESE_KIN}\w*(?:叫|是|在|住|有|喜欢|去世|会|今年)",
    r"我的?(?:生日|结婚纪念日|老家|工作|学校|家)(?:是|在)",
    r"我(?:出生|住在?|来自|老家|从小|在\w+(?:工作|上班|上学|读书|念书|长大)|搬到)",
    r"我对\w+过敏|我(?:很|最|特别|非常)?(?:怕|害怕|喜欢|爱吃|爱听|爱看|讨厌|不吃|不喜欢)(?!你)",
    r"我是(?:一[个名位])?\w{0,8}(?:师|生|员|人|家|工|司机|护士|警察|老板)",
    r"(?:请|帮我|你要?)?记住",
)
_QUESTION: Final = re.compile(
    r"[?\uff1f]\s*$|^(?:do|did|does|what|who|where|when|why|how|can|is|are)\b|[吗呢么]\W*$",
    re.IGNORECASE,
)
_SAYS_SO: Final = re.compile(
    rf"^(?:(?:well|oh|so|and|but|by the way|you know)\W+)*(?:{'|'.join(_ENGLISH)})"
    rf"|^(?:那个|对了|其实|嗯|哦|因为)?\W*(?:{'|'.join(_CHINESE)})",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"\{\{user\}\}(?: said: \"|说：“)(.+)[\"”]")
_OBJECT: Final = re.compile(
    r"(?:喜欢|讨厌|爱吃|爱听|爱看|怕|不吃|对|住在|来自|在)(\w{2,6}?)(?:过敏|工作|上班|上学|长大|\W|$)"
)
_NAME: Final = re.compile(r"(?<=[\w,] )[A-Z][\w'-]+|(?<=叫)\w{1,4}")


def notice(turns: Sequence[Turn], now: float) -> list[Fact]:
    """What these turns say so plainly that rules can see it."""
    return [
        fact
        for turn in turns
        for sentence in _SENTENCE.findall(turn.said[: 10 * MOST_SENTENCE])
        if (fact := _noticed(sentence.strip(), turn, now)) is not None
    ]


def in_own_words(content: str) -> str:
    """The wearer's sentence, if the fact is one; else nothing."""
    match = _QUOTED.fullmatch(content)
    return match[1] if match else ""


def _noticed(sentence: str, turn: Turn, now: float) -> Fact | None:
    if len(sentence) > MOST_SENTENCE or _QUESTION.search(sentence) or not _SAYS_SO.match(sentence):
        return None
    words = clean(without_markup(sentence), MOST_SENTENCE)
    is_chinese = turn.language.startswith(("zh", "yue")) or (
        not turn.language and any(is_han(letter) for letter in words)
    )
    # The quotes are the languages' own; both read as what was said, not as what is so.
    content = f"{{{{user}}}}说：“{words}”" if is_chinese else f'{{{{user}}}} said: "{words}"'
    sources = (turn.id,) if turn.id else ()
    return Fact(content, keys_of(words), sources, CONFIDENCE, turn.at or now)


def keys_of(words: str) -> tuple[str, ...]:
    """Words that are to bring it back, as they stand there: names, things, then any others."""
    names = [name for name in _NAME.findall(words) if name != "I"]
    return clean_keys([*names, *_OBJECT.findall(words), *telling_words(words)])[:MOST_KEYS]
