"""Whether what was said into a reply ends it. Pure."""

from enum import StrEnum
from typing import Final

from mynah.turn.back_channels import Kind, Words, kind, words

ECHO: Final = 0.75
"""Of the letters heard, in their order, in what was just spoken: then it is our own voice. What a
wearer says of the same things has half of them; what Whisper mishears of ours, eight in ten."""

ECHO_WORDS: Final = 2
"""At least: one word of ours may well be one of the wearer's."""

ECHO_BYTES: Final = 6
"""At least, in UTF-8: "the sea", or two Chinese signs; "I do" is in any text."""

SPOKEN_WORDS: Final = 40
"""Of ours that an echo may be of, the last: 13 s."""

ECHO_WORDS_OF_QUESTION: Final = 4
"""At least, after a question: "on Friday" answers "on Tuesday, or on Friday?"."""

_CLOSING: Final = " \t\n\"')]*\u00bb\u201d\u2019\u300d"


class Verdict(StrEnum):
    """What becomes of the reply."""

    RESUME = "resume"
    END = "end"


def verdict(heard: str, language: str, spoken: str, *, asked: bool = False) -> Verdict:
    """`heard` is all that was said since the reply was first disturbed.

    `spoken` is what the reply said until it was held. `asked` says that it had come to its end,
    and that its end is a question: then "yes" is an answer.
    """
    said = words(heard)
    if not said:
        return Verdict.RESUME  # a cough, a door
    found = kind(said, language)
    if found is Kind.COMMAND:
        return Verdict.END
    if is_echo(said, words(spoken), ECHO_WORDS_OF_QUESTION if asked else ECHO_WORDS):
        return Verdict.RESUME
    if found is Kind.REMARK or (found is Kind.NOD and not asked):
        return Verdict.RESUME
    return Verdict.END


def asks(reply: str) -> bool:
    """Whether it ends with a question."""
    return reply.rstrip(_CLOSING).endswith(("?", "\uff1f"))


def is_echo(heard: Words, spoken: Words, least_words: int = ECHO_WORDS) -> bool:
    """Whether a microphone heard our own words; it may have misheard them."""
    sound, own = "".join(heard), "".join(spoken[-SPOKEN_WORDS:])
    if len(heard) < least_words or len(sound.encode()) < ECHO_BYTES:
        return False
    if len(own) < ECHO * len(sound):
        return False  # nor need it be compared, however long it is
    return _distance(sound, own) <= (1 - ECHO) * len(sound)


def _distance(part: str, whole: str) -> int:
    """How many letters make the part a piece of the whole: put in, left out, or replaced.

    Letters, not words: what is misheard is also cut into other words.
    """
    before = [0] * (len(whole) + 1)  # it may begin anywhere
    for row, letter in enumerate(part, 1):
        here = [row]
        for column, other in enumerate(whole):
            replaced = before[column] + (letter != other)
            here.append(min(replaced, before[column + 1] + 1, here[column] + 1))
        before = here
    return min(before)  # and end anywhere
