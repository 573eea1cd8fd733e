"""How large a character may be: what comes from strangers has an end."""

from typing import Final

MOST_FILE_BYTES: Final = 32 << 20
"""A portrait has 1 to 3 MB and a .charx with a picture for each mood 20; it is held in memory."""

MOST_JSON_BYTES: Final = 16 << 20
"""The words of a card: a novel has 1 MB. As Python's objects it takes about five times as much."""

MOST_MEMBERS: Final = 2000
"""Files in a .charx: the richest have some hundred pictures and sounds."""

MOST_UNPACKED_BYTES: Final = 128 << 20
"""All of them together, unpacked. Pictures and sounds hardly shrink when they are packed, so that
four times the largest file is no honest card."""

MOST_CHAT_BYTES: Final = 64 << 20
"""Ten years of a hundred lines a day, in a file."""

MOST_LINE_CHARACTERS: Final = 100_000
"""Of one line of a conversation. What is longer was not said by anybody."""

MOST_ENTRIES: Final = 20_000
"""Of a lorebook: matching them takes 0.2 s, which is the longest that anybody should wait."""
