"""Chats of other programs, each a JSON file: CAI Tools, text-generation-webui, Agnai, Risu."""

from collections.abc import Callable
from typing import Any, Final

from mynah.characters.chats.chat import Chat, Line
from mynah.characters.chats.moments import moment
from mynah.characters.jsons import Raw
from mynah.errors import UserError

_HIDDEN_START: Final = "<|BEGIN-VISIBLE-CHAT|>"
"""What text-generation-webui has the user say before a greeting."""


def read(raw: Raw, what: str) -> list[Chat]:
    """UserError if it is none of theirs."""
    for is_theirs, chats in _PROGRAMS:
        if is_theirs(raw):
            found = [chat for chat in chats(raw) if chat.lines]
            if not found:
                raise UserError(f"{what}: no line of a conversation in it")
            return found
    raise UserError(
        f"{what}: JSON, but no conversation of SillyTavern, CAI Tools, Chub, Agnai, Risu or "
        "text-generation-webui"
    )


def _of_cai_tools(raw: Raw) -> list[Chat]:
    chats = []
    for history in _list(raw["histories"].get("histories")):
        messages = _list(_object(history).get("msgs"))
        lines = [
            Line(
                by_user=_object(_object(each).get("src")).get("is_human") is True,
                text=_text(_object(each).get("text")),
                name=_text(_object(_object(each).get("src")).get("name")),
                at=moment(_object(each).get("created")),
            )
            for each in messages
        ]
        chats.append(_chat(lines, len(messages)))
    return chats


def _of_webui(raw: Raw) -> list[Chat]:
    rows = _list(raw.get("data_visible") or raw.get("visible"))
    lines = []
    for row in rows:
        for by_user, words in zip((True, False), _list(row), strict=False):
            if words != _HIDDEN_START:
                lines.append(Line(by_user, _text(words)))
    return [_chat(lines, len(lines))]


def _of_agnai(raw: Raw) -> list[Chat]:
    messages = _list(raw["messages"])
    lines = [
        Line(
            by_user=bool(_object(each).get("userId")),
            text=_text(_object(each).get("msg")),
            name=_text(_object(each).get("handle")),
            at=moment(_object(each).get("createdAt")),
        )
        for each in messages
    ]
    return [_chat(lines, len(messages))]


def _of_risu(raw: Raw) -> list[Chat]:
    messages = _list(_object(raw.get("data")).get("message"))
    lines = [
        Line(
            by_user=_object(each).get("role") == "user",
            text=_text(_object(each).get("data")),
            name=_text(_object(each).get("name")),
            at=moment(_object(each).get("time")),
        )
        for each in messages
    ]
    return [_chat(lines, len(messages))]


_PROGRAMS: Final[tuple[tuple[Callable[[Raw], bool], Callable[[Raw], list[Chat]]], ...]] = (
    (lambda raw: isinstance(raw.get("histories"), dict), _of_cai_tools),
    (lambda raw: bool({"data_visible", "visible"} & raw.keys()), _of_webui),
    (lambda raw: raw.get("type") == "risuChat", _of_risu),
    (lambda raw: isinstance(raw.get("messages"), list), _of_agnai),
)


def _chat(lines: list[Line], messages: int) -> Chat:
    kept = tuple(line for line in lines if line.text.strip())
    told = (f"{messages - len(kept)} lines without words were left out",)
    user = next((line.name for line in kept if line.by_user and line.name), "")
    character = next((line.name for line in kept if not line.by_user and line.name), "")
    return Chat(kept, user, character, told=told if messages > len(kept) else ())


def _object(value: Any) -> Raw:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
