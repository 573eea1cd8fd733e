"""Anthropic's Messages, which MiniMax, StepFun, Hunyuan and DeepSeek speak as well. Pure."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal

from mynah.companions.base import ToolCall, Usage, token_count
from mynah.companions.mind import Chat
from mynah.companions.models.openai_chunks import LONGEST_ARGUMENTS, loaded, reason_in
from mynah.companions.models.openai_wire import clamped, within
from mynah.companions.models.quirks import Quirks
from mynah.companions.models.roles import normalised
from mynah.companions.models.wire import Chunk, Wish, merged

VERSION: Final = "2023-06-01"
"""Of the protocol; there has been no other."""

MOST_BLOCKS: Final = 64
"""An answer has a thought, a text and perhaps some calls."""


class AnthropicWire:
    """The system's words stand apart; what seldom changes is marked for the server's cache."""

    path: ClassVar[str] = "/v1/messages"
    models: ClassVar[str] = "/v1/models"
    content_types: ClassVar[frozenset[str]] = frozenset({"text/event-stream"})
    frames: ClassVar[Literal["events", "lines"]] = "events"

    def headers(self, key: str) -> dict[str, str]:
        shown = {"x-api-key": key} if key else {}
        return {"anthropic-version": VERSION, **shown}

    def body(self, chat: Chat, wish: Wish, quirks: Quirks) -> dict[str, Any]:
        examples = [
            {"role": role, "content": content}
            for pair in chat.examples
            for role, content in zip(("user", "assistant"), pair, strict=True)
        ]
        body: dict[str, Any] = {
            "model": wish.model,
            "max_tokens": within(wish.answer_tokens, quirks),
            "messages": normalised([*examples, *chat.turns], "alternate"),
            "stream": True,
        }
        if system := [{"type": "text", "text": part} for part in chat.system if part]:
            body["system"] = [*system[:-1], {**system[-1], "cache_control": {"type": "ephemeral"}}]
        if (temperature := clamped(wish.temperature, quirks)) is not None:
            body["temperature"] = temperature
        if stops := list(wish.stop[: quirks.most_stops]):
            body["stop_sequences"] = stops
        if wish.tools and quirks.tools:
            body["tools"] = list(wish.tools)
        return merged(body, quirks.quiet, quirks.extra, wish.extra)

    def warm(self, wish: Wish) -> None:  # noqa: ARG002 - there is no such thing
        return None

    def reader(self) -> "AnthropicReader":
        return AnthropicReader()


class AnthropicReader:
    """Blocks are told apart by their index: a thought and a text may come in turns."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}
        self._prompt = self._cached = 0
        self._cut = False

    def push(self, data: str) -> Chunk | None:
        event = loaded(data)
        kind = event.get("type") if event is not None else None
        if event is None or not (isinstance(kind, str) or "error" in event):
            return None
        known: dict[object, Callable[[dict[str, Any]], Chunk]] = {
            "message_start": self._begin,
            "content_block_start": self._open,
            "content_block_delta": self._delta,
            "content_block_stop": self._close,
            "message_delta": self._cost,
            "message_stop": self._end,
            "error": _error,
            None: _error,
        }
        # A ping, and kinds that are yet to come, as the protocol says.
        return known[kind](event) if kind in known else Chunk()

    def _begin(self, event: dict[str, Any]) -> Chunk:
        usage = _table(_table(event, "message"), "usage")
        self._cached = token_count(usage.get("cache_read_input_tokens"))
        written = token_count(usage.get("cache_creation_input_tokens"))
        self._prompt = token_count(usage.get("input_tokens")) + self._cached + written
        return Chunk()

    def _open(self, event: dict[str, Any]) -> Chunk:
        block = _table(event, "content_block")
        if block.get("type") == "tool_use" and len(self._calls) < MOST_BLOCKS:
            call = {"id": str(block.get("id", "")), "name": str(block.get("name", ""))}
            self._calls[token_count(event.get("index"))] = {**call, "arguments": ""}
        text, thought = (_text(block, key) for key in ("text", "thinking"))
        return Chunk(text=text, thought=thought)

    def _delta(self, event: dict[str, Any]) -> Chunk:
        delta = _table(event, "delta")
        match delta.get("type"):
            case "text_delta":
                return Chunk(text=_text(delta, "text"))
            case "thinking_delta":
                return Chunk(thought=_text(delta, "thinking"))
            case "input_json_delta":
                call = self._calls.get(token_count(event.get("index")))
                if call is not None:
                    more = call["arguments"] + _text(delta, "partial_json")
                    call["arguments"] = more[:LONGEST_ARGUMENTS]
        return Chunk()

    def _close(self, event: dict[str, Any]) -> Chunk:
        call = self._calls.pop(token_count(event.get("index")), None)
        if call is None:
            return Chunk()
        arguments = loaded(call["arguments"] or "{}") or {}
        return Chunk(calls=(ToolCall(call["id"], call["name"], arguments),))

    def _end(self, _event: dict[str, Any]) -> Chunk:
        return Chunk(finished=True, cut=self._cut)

    def _cost(self, event: dict[str, Any]) -> Chunk:
        self._cut = _table(event, "delta").get("stop_reason") == "max_tokens"
        answer = token_count(_table(event, "usage").get("output_tokens"))
        return Chunk(usage=Usage(self._prompt, answer, self._cached) if answer else None)


def _error(event: dict[str, Any]) -> Chunk:
    return Chunk(error=reason_in(event) or "an error without a message")


def _table(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""
