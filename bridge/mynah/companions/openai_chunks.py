"""What an OpenAI-compatible server's events and errors mean: servers differ. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Final

LONGEST_REASON: Final = 160
"""A server's own words in a message of ours: one line of a terminal, or two."""

DONE: Final = "[DONE]"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event of a stream."""

    text: str = ""
    finished: bool = False
    """The model ended, or was ended at the limit that was asked for."""
    error: str | None = None
    """The server gave up, and why."""


def parse_chunk(data: str) -> Chunk | None:
    """One event's data; None if it is no chat completion at all."""
    if data.strip() == DONE:
        return Chunk(finished=True)
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    if fields.get("error") or fields.get("object") == "error":
        return Chunk(error=reason_in(fields) or "an error without a message")
    choices = fields.get("choices")
    if not isinstance(choices, list):
        return None
    return _chunk_of(choices[0]) if choices else Chunk()  # usage comes without a choice


def reason_in(fields: Any) -> str:
    """An error's message, in any of the shapes that servers give it; empty if there is none."""
    if not isinstance(fields, dict):
        return ""
    for key in ("error", "message", "detail"):
        value = fields.get(key)
        if isinstance(value, str) and value:
            return value
        if inner := reason_in(value):
            return inner
    return ""


def reason_of(body: bytes) -> str:
    """The same from the body of a refusal; a page for people to read has none."""
    try:
        return reason_in(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def one_line(reason: str, key: str) -> str:
    """Printable, short, and without the key, whatever the server wrote."""
    if key:
        reason = reason.replace(key, "…")
    line = " ".join("".join(each if each.isprintable() else " " for each in reason).split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}…"


def _chunk_of(choice: Any) -> Chunk | None:
    if not isinstance(choice, dict):
        return None
    delta = choice.get("delta")
    # Thoughts come as reasoning_content or reasoning, and are nobody's business.
    content = delta.get("content") if isinstance(delta, dict) else None
    return Chunk(
        text=content if isinstance(content, str) else "",
        finished=choice.get("finish_reason") is not None,
    )
