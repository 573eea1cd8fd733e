"""A stranger's regular expression, as JavaScript has them: compiled, or refused as too much.

The time limit of a search does not hold while a pattern is compiled, nor while the table is made
that finds its longest word: a million copies of a group take 0.6 s and 600 MB, an empty one among
them ends the program, a word of 2000 letters takes 4 s. So patterns are bounded before.
"""

import re
from typing import Any, Final

MOST_CHARACTERS: Final = 1000
"""Longer ones are lists of words in disguise."""

MOST_WORD: Final = 150
"""Signs in a row without a choice between them: their table takes 1 ms, and its cube for more."""

MOST_COUNT: Final = 1000
"""Of one sign in a row, .{0,1000}."""

MOST_SIZE: Final = 20_000
"""Characters, once what is in a repeated group stands there as often as it may: 20 ms."""

_FLAGS: Final = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL"}
_TOKEN: Final = re.compile(
    r"\\[pPuxN]\{[^{}]*\}|\\."  # a sign that is escaped
    r"|\[\^?\]?(?:[^\]\\]|\\.)*\]"  # one of several
    r"|\{(?P<least>\d+)(?:,(?P<most>\d*))?\}"
    r"|\((?:\?(?P<kind>:|<?[=!]|<[^\W\d]\w*>|[ims]{1,3}[:)])?)?"
    r"|.",
    re.DOTALL,
)
_COPIED: Final = re.compile(r".*[)*+?}]|\\[^dDwWsSpPuxtnrfv0\W]", re.DOTALL)
"""What is copied as often as a count says; of one sign there is a single one that counts."""
_TRANSLATED: Final = {"{": r"\{", r"\k": r"\g"}
"""Of JavaScript: a brace that counts nothing is a sign, and names stand behind another letter."""


def compiled(pattern: str, flags: str) -> Any:
    """None if it is no regular expression, or too much of one."""
    import regex  # it has time limits, which Python's own lacks, and knows JavaScript's \p{Han}

    within = bounded(pattern)
    if within is None:
        return None
    chosen = regex.VERSION0
    for letter, name in _FLAGS.items():
        if letter in flags:
            chosen |= getattr(regex, name)
    try:
        return regex.compile(within[0], chosen)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError):
        return None


def bounded(pattern: str) -> tuple[str, int] | None:
    """It, as our library writes the same, and how large that is with all copies; None if it has
    more than JavaScript knows, or is too much.

    Among what only the library knows are recursion, matching by likeness, and full case folding.
    """
    if len(pattern) > MOST_CHARACTERS:
        return None
    parts = [""]
    word, copies = 0, 1
    for token in _TOKEN.finditer(pattern):
        part = token[0]
        if token["least"] is not None:
            count = _largest(token)
            copies *= count if _COPIED.fullmatch(parts[-1]) else 1
            if count > MOST_COUNT or copies * len(pattern) > MOST_SIZE:
                return None
        word = 0 if part == "|" else word + 1
        if word > MOST_WORD or part == "(?" or pattern.startswith("(*", token.start()):
            return None
        parts.append(_TRANSLATED.get(part, part))
    return "".join(parts), copies * len(pattern)


def _largest(token: re.Match[str]) -> int:
    """Numbers of more than nine digits are as good as nine."""
    return max(int(token["least"][:9]), int((token["most"] or "0")[:9]), 1)
