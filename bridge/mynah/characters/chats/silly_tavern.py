"""SillyTavern's chats, a JSON object a line, in and out; Chub's are the same but for one nesting.

Keys that we don't know of survive, `extra.ring` among them.
"""

import datetime as dt
from typing import Any, Final

from mynah.characters import jsons
from mynah.characters.chats.chat import Chat, Line
from mynah.characters.chats.moments import moment
from mynah.characters.jsons import Raw
from mynah.characters.limits import MOST_LINE_CHARACTERS
from mynah.errors import UserError

_NO_NAME: Final = "unused"
"""What newer ones write for both names."""
_MOST_TOLD: Final = 5
"""Broken lines that are named; the others are counted."""


def is_chat(head: Raw) -> bool:
    """What SillyTavern itself asks of a file's first line."""
    return "user_name" in head or "chat_metadata" in head or ("name" in head and "mes" in head)


def read(content: str, what: str) -> Chat:
    """UserError if no line can be read; single broken ones are told."""
    head: Raw = {}
    lines: list[Line] = []
    broken: list[str] = []
    for number, text in enumerate(content.split("\n"), 1):
        if not text.strip():
            continue
        try:
            raw = _object(text, number)
        except ValueError as error:
            broken.append(str(error))
            continue
        if number == 1 and "mes" not in raw:
            head = raw
        else:
            lines.append(_line(raw))
    if not lines:
        raise UserError(f"{what}: no line of a conversation in it{_first(broken)}")
    more = len(broken) - _MOST_TOLD
    told = [*broken[:_MOST_TOLD], *([f"and {more} lines more"] if more > 0 else [])]
    return Chat(
        tuple(lines),
        _name(head, "user_name", lines, by_user=True),
        _name(head, "character_name", lines, by_user=False),
        head,
        tuple(told),
    )


def write(chat: Chat) -> bytes:
    """As SillyTavern imports it. What was read and not changed has the same keys and values."""
    names = {"user_name": chat.user_name, "character_name": chat.character_name}
    head = {**names, "create_date": _date(chat), "chat_metadata": {}} | chat.raw
    rows = [head, *(_raw(line) for line in chat.lines)]
    return b"".join(jsons.write(row) + b"\n" for row in rows)


def _object(text: str, number: int) -> Raw:
    """ValueError says what is wrong with the line."""
    if len(text) > MOST_LINE_CHARACTERS:
        raise ValueError(f"line {number} has {len(text)} characters and was left out")
    try:
        raw = jsons.parsed(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"line {number} is broken and was left out") from error
    if not isinstance(raw, dict) or not ({"mes", "user_name", "chat_metadata"} & raw.keys()):
        raise ValueError(f"line {number} is no line of a conversation and was left out")
    return raw


def _line(raw: Raw) -> Line:
    if isinstance(raw.get("mes"), dict):
        raw = raw | {"mes": _flat(raw["mes"])}
    if isinstance(raw.get("swipes"), list):
        raw = raw | {"swipes": [_flat(each) for each in raw["swipes"]]}
    return Line(
        by_user=raw.get("is_user") is True,
        text=_text(raw.get("mes")),
        name=_text(raw.get("name")),
        at=moment(raw.get("send_date")),
        raw=raw,
        aside=raw.get("is_system") is True,
    )


def _flat(words: Any) -> Any:
    """Chub has an object where SillyTavern has a text."""
    return words["message"] if isinstance(words, dict) and "message" in words else words


def _raw(line: Line) -> Raw:
    """What was read, with what the line says now."""
    known: Raw = {"name": line.name, "is_user": line.by_user, "is_system": line.aside}
    if line.at:
        known["send_date"] = dt.datetime.fromtimestamp(line.at, dt.UTC).isoformat()
    known["mes"] = line.text
    return known | line.raw | {"mes": line.text}


def _date(chat: Chat) -> str:
    first = next((line.at for line in chat.lines if line.at), 0.0)
    return dt.datetime.fromtimestamp(first, dt.UTC).isoformat()


def _name(head: Raw, key: str, lines: list[Line], *, by_user: bool) -> str:
    name = _text(head.get(key)).strip()
    if name and name != _NO_NAME:
        return name
    return next((each.name for each in lines if each.by_user is by_user and not each.aside), "")


def _first(broken: list[str]) -> str:
    return f": {broken[0]}" if broken else ""


def _text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
