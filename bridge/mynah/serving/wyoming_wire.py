"""Wyoming's events on a stream: a line of JSON, then data, then a payload; each bounded.

By hand, because the official package reads whatever length a line announces, and takes what is
broken for the end.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final

from mynah.errors import UserError
from mynah.serving.fields import unbroken

VERSION: Final = "1.5.2"
"""Of the format, in which every event of today was known."""

MOST_LINE_BYTES: Final = 64 * 1024
MOST_DATA_BYTES: Final = 256 * 1024
MOST_PAYLOAD_BYTES: Final = 1024 * 1024
"""Half a minute of sound; satellites send a tenth of a second at a time."""


class WyomingError(UserError):
    """What is no event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def encoded(self) -> bytes:
        data = json.dumps(self.data, ensure_ascii=False).encode() if self.data else b""
        head = {
            "type": self.type,
            "version": VERSION,
            **({"data_length": len(data)} if data else {}),
            **({"payload_length": len(self.payload)} if self.payload else {}),
        }
        return json.dumps(head).encode() + b"\n" + data + self.payload

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """WyomingError if it is none in between."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise WyomingError(f"{name} has to be a number from {low} to {high}")
        return value

    def text(self, name: str, most: int) -> str:
        """WyomingError if it is none, or longer."""
        value = self.data.get(name)
        if not isinstance(value, str) or len(value) > most:
            raise WyomingError(f"{name} has to be a text of at most {most} characters")
        return unbroken(value)


async def read_event(reader: asyncio.StreamReader) -> Event | None:
    """The next; None at the end. WyomingError if it is none."""
    try:
        line = await reader.readline()
        if not line:
            return None
        head = _object(line)
        data = head.get("data") or {}
        if length := _length(head, "data_length", MOST_DATA_BYTES):
            data = {**data, **_object(await reader.readexactly(length))}
        length = _length(head, "payload_length", MOST_PAYLOAD_BYTES)
        payload = await reader.readexactly(length)
    except (ValueError, TypeError, RecursionError, asyncio.IncompleteReadError) as error:
        raise WyomingError("what was sent is no event of Wyoming's") from error
    if not isinstance(head.get("type"), str) or not isinstance(data, dict):
        raise WyomingError("what was sent is no event of Wyoming's")
    return Event(head["type"], data, payload)


def _object(text: bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _length(head: dict[str, Any], name: str, most: int) -> int:
    length = head.get(name) or 0
    if isinstance(length, bool) or not isinstance(length, int) or not 0 <= length <= most:
        raise ValueError(f"{name} of {length}")
    return length
