"""How many tokens each part of a prompt may take. Pure."""

import re
from dataclasses import dataclass, replace
from typing import Final

from mynah.companions.history import BYTES_PER_TOKEN, ChatMessage, tokens

MOST_TURNS: Final = 24
"""Told again word for word. Older ones are in the summary and among the facts: a prompt that grows
with every turn is paid for in every turn."""

KEPT_TURNS: Final = 6
"""After thinking back, besides the summary: what "that" and "she" refer to."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s*")


@dataclass(frozen=True, slots=True)
class Room:
    """In tokens."""

    character: int = 2000
    lore: int = 800
    pinned: int = 300
    examples: int = 800
    greeting: int = 300
    summary: int = 200
    memories: int = 250
    avoid: int = 250
    turns: int = 4000


LARGE: Final = Room()
"""Cards have 500 to 1500 tokens, long ones 3000. Together with 4000 of conversation it fits into
the 8192 of the smallest model that anybody pays for."""

SMALL: Final = Room(
    character=90, lore=0, pinned=30, examples=150, greeting=0, summary=0, memories=40, avoid=0,
    turns=200,
)  # fmt: skip
"""For 135 million parameters: what is longer they repeat, and each token is 4 ms until they speak.
What it is reminded of is taken from the conversation's share."""


def room_of(context_tokens: int, *, small: bool) -> Room:
    """With so much conversation as the settings say."""
    if not small:
        return replace(LARGE, turns=context_tokens)
    return replace(SMALL, turns=max(context_tokens - SMALL.memories, 0))


def shortened(text: str, most_tokens: int) -> str:
    """As many whole sentences from its beginning as there is room for; at least some words."""
    text = text.strip()
    if tokens(text) <= most_tokens:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        longer = f"{kept} {sentence}".strip()
        if tokens(longer) > most_tokens:
            break
        kept = longer
    if kept or most_tokens <= tokens(""):
        return kept
    room_bytes = (most_tokens - tokens("")) * BYTES_PER_TOKEN
    return text.encode()[:room_bytes].decode(errors="ignore")


def fitting(parts: list[str], most_tokens: int) -> list[str]:
    """The first of them, as long as there is room."""
    spent = 0
    for count, part in enumerate(parts):
        spent += tokens(part)
        if spent > most_tokens:
            return parts[:count]
    return parts


def newest(messages: list[ChatMessage], most_tokens: int) -> list[ChatMessage]:
    """The last turns for which there is room, beginning with the wearer; the last in any case."""
    spent = 0
    for at in range(len(messages) - 2, -1, -1):
        spent += tokens(messages[at]["content"])
        if spent > most_tokens:
            kept = messages[at + 1 :]
            return kept[1:] if kept[0]["role"] == "assistant" else kept
    return messages
