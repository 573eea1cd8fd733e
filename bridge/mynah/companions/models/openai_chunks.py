"""What an OpenAI-compatible server's events and errors mean: servers differ. Pure."""

import json
from typing import Any, Final

from mynah.companions.base import ToolCall, Usage, token_count
from mynah.companions.models.wire import Chunk
from mynah.errors import printable

LONGEST_REASON: Final = 160
"""A server's own words in a message of ours: one line of a terminal, or two."""

DONE: Final = "[DONE]"

MOST_CALLS: Final = 16
"""Tools that one answer may call: more is a server gone wrong."""

LONGEST_ARGUMENTS: Final = 8000
"""Characters of one call's arguments."""


class OpenAIReader:
    """Reads one stream; a tool's call comes in pieces and is whole at the end."""

    def __init__(self) -> None:
        self._calls: list[dict[str, str]] = []

    def push(self, data: str) -> Chunk | None:
        """One event's data; None if it is no chat completion at all."""
        if data.strip() == DONE:
            return Chunk(finished=True)
        fields = loaded(data)
        if fields is None:
            return None
        if (reason := _given_up(fields)) is not None:
            return Chunk(error=reason or "an error without a message")
        usage = _usage(fields.get("usage"))
        choices = fields.get("choices")
        if not isinstance(choices, list):
            return Chunk(usage=usage) if usage is not None else None
        if not choices:
            return Chunk(usage=usage)  # it comes without a choice, or with the last
        return self._chunk(choices[0], usage)

    def _chunk(self, choice: Any, usage: Usage | None) -> Chunk | None:
        if not isinstance(choice, dict):
            return None
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        finish = choice.get("finish_reason")
        for call in delta.get("tool_calls") or []:
            self._note(call)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        content = delta.get("content")
        return Chunk(
            text=content if isinstance(content, str) else "",
            thought=thought if isinstance(thought, str) else "",
            calls=self._called() if finish else (),
            usage=usage,
            finished=bool(finish),
            cut=finish == "length",
        )

    def _note(self, call: Any) -> None:
        """A piece of a call. Some servers leave out which call it belongs to: then the last."""
        if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
            return
        function = call["function"]
        index = call.get("index")
        named = function.get("name")
        if not isinstance(index, int):
            index = len(self._calls) if named or not self._calls else len(self._calls) - 1
        if not 0 <= index < MOST_CALLS:
            return
        while len(self._calls) <= index:
            self._calls.append({"id": "", "name": "", "arguments": ""})
        known = self._calls[index]
        known["id"] = known["id"] or str(call.get("id") or "")
        known["name"] = known["name"] or str(named or "")
        more = str(function.get("arguments") or "")
        known["arguments"] = (known["arguments"] + more)[:LONGEST_ARGUMENTS]

    def _called(self) -> tuple[ToolCall, ...]:
        calls, self._calls = self._calls, []
        return tuple(
            ToolCall(each["id"], each["name"], loaded(each["arguments"]) or {})
            for each in calls
            if each["name"]
        )


def loaded(data: str | bytes) -> dict[str, Any] | None:
    """An object in JSON; None if it is none."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def reason_in(fields: Any) -> str:
    """An error's message, in any of the shapes that servers give it; empty if there is none."""
    if not isinstance(fields, dict):
        return ""
    for key in ("error", "message", "detail", "msg", "status_msg"):
        value = fields.get(key)
        if isinstance(value, str) and value:
            return value
        if inner := reason_in(value):
            return inner
    return ""


def reason_of(body: bytes) -> str:
    """The same from the body of a refusal; a page for people to read has none."""
    return reason_in(loaded(body))


def one_line(reason: str, key: str) -> str:
    """Printable, short, and without the key, whatever the server wrote."""
    if key:
        reason = reason.replace(key, "…")
    line = " ".join(printable(reason).split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}…"


def _given_up(fields: dict[str, Any]) -> str | None:
    """An error in mid-stream: OpenAI's and SGLang's, vLLM's, MiniMax's."""
    if fields.get("error") or fields.get("object") == "error":
        return reason_in(fields)
    told = fields.get("base_resp")
    if isinstance(told, dict) and told.get("status_code"):
        return reason_in(told)
    return None


def _usage(told: Any) -> Usage | None:
    if not isinstance(told, dict):
        return None
    details = told.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    cached = details.get("cached_tokens") or told.get("prompt_cache_hit_tokens")
    prompt, answer = told.get("prompt_tokens"), told.get("completion_tokens")
    return Usage(token_count(prompt), token_count(answer), token_count(cached))
