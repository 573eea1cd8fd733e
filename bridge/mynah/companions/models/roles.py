"""A chat as strict servers want it: who may speak when. Pure."""

from collections.abc import Iterable
from typing import Final

from mynah.companions.history import ChatMessage

OPENING: Final = "[start]"
"""What a wearer is taken to have said before a character who speaks first."""


def normalised(messages: Iterable[ChatMessage], roles: str) -> list[ChatMessage]:
    """The same chat within what `quirks.ROLES` allows; no words are lost."""
    chat = list(messages)
    if roles == "any":
        return chat
    leading = next((at for at, each in enumerate(chat) if each["role"] != "system"), len(chat))
    system = "\n\n".join(each["content"] for each in chat[:leading])
    turns = _alternating(chat[leading:])
    if not turns or turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": OPENING})
    if not system:
        return turns
    if roles == "no-system":
        first = {"role": "user", "content": f"{system}\n\n{turns[0]['content']}"}
        return [first, *turns[1:]]
    return [{"role": "system", "content": system}, *turns]


def _alternating(messages: Iterable[ChatMessage]) -> list[ChatMessage]:
    """User and assistant in turn; a system's line in the middle goes to the user's next words."""
    turns: list[ChatMessage] = []
    for each in messages:
        role = "user" if each["role"] == "system" else each["role"]
        content = f"({each['content']})" if each["role"] == "system" else each["content"]
        if turns and turns[-1]["role"] == role:
            turns[-1] = {"role": role, "content": f"{turns[-1]['content']}\n{content}"}
        else:
            turns.append({"role": role, "content": content})
    return turns
