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

MOST_ENTRIES: Final = 10_000
"""Of a lorebook: matching them takes 30 ms at every turn."""

MOST_KEYS: Final = 20_000
"""Of a lorebook, all together."""

MOST_KEYS_OF_ENTRY: Final = 500
"""The secondary ones and the others not among them."""

MOST_KEY_CHARACTERS: Final = 1000
"""Nobody says more in a row that should bring something up."""

MOST_EXPRESSIONS: Final = 1000
"""Regular expressions of a lorebook: compiling one takes 0.3 ms."""

MOST_EXPRESSION_CHARACTERS: Final = 200_000
"""Of all of them: compiled, each takes 600 bytes."""

MOST_CONTENT_CHARACTERS: Final = 50_000
"""Of an entry: ten times what a prompt has room for."""

MOST_NAME_CHARACTERS: Final = 100
"""Of a character: it stands in its prompt a hundred times."""
