"""Ollama's own way, a line of JSON a piece: it alone can keep a model loaded. Pure."""

from typing import Any, ClassVar, Final, Literal

from mynah.companions.base import ToolCall, Usage, token_count
from mynah.companions.mind import Chat
from mynah.companions.models.openai_chunks import loaded, reason_in
from mynah.companions.models.openai_wire import clamped, within
from mynah.companions.models.quirks import Quirks
from mynah.companions.models.roles import normalised
from mynah.companions.models.wire import Chunk, Wish, merged

FOR_EVER: Final = -1
"""How long a model stays loaded: loading it again would cost the first words seconds."""


class OllamaWire:
    """What others have at the top stands under `options`."""

    path: ClassVar[str] = "/api/chat"
    models: ClassVar[str] = "/api/tags"
    content_types: ClassVar[frozenset[str]] = frozenset({"application/x-ndjson"})
    frames: ClassVar[Literal["events", "lines"]] = "lines"

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, chat: Chat, wish: Wish, quirks: Quirks) -> dict[str, Any]:
        options: dict[str, Any] = {"num_predict": within(wish.answer_tokens, quirks)}
        if (temperature := clamped(wish.temperature, quirks)) is not None:
            options["temperature"] = temperature
        if stops := list(wish.stop[: quirks.most_stops]):
            options["stop"] = stops
        body: dict[str, Any] = {
            "model": wish.model,
            "messages": normalised(chat.messages(), quirks.roles),
            "stream": True,
            "keep_alive": FOR_EVER,
            "options": options,
        }
        if wish.tools and quirks.tools:
            body["tools"] = list(wish.tools)
        return merged(body, quirks.quiet, quirks.extra, wish.extra)

    def warm(self, wish: Wish) -> dict[str, Any]:
        return {"model": wish.model, "messages": [], "stream": False, "keep_alive": FOR_EVER}

    def reader(self) -> "OllamaReader":
        return OllamaReader()


class OllamaReader:
    """Each line is whole."""

    def push(self, data: str) -> Chunk | None:
        fields = loaded(data)
        if fields is None:
            return None
        if "error" in fields:
            return Chunk(error=reason_in(fields) or "an error without a message")
        message = fields.get("message")
        done = fields.get("done") is True
        if not isinstance(message, dict):
            if not done:
                return None
            message = {}
        text, thought = message.get("content"), message.get("thinking")
        return Chunk(
            text=text if isinstance(text, str) else "",
            thought=thought if isinstance(thought, str) else "",
            calls=tuple(_calls(message.get("tool_calls"))),
            usage=_usage(fields) if done else None,
            finished=done,
            cut=fields.get("done_reason") == "length",
        )


def _usage(fields: dict[str, Any]) -> Usage | None:
    told = Usage(
        token_count(fields.get("prompt_eval_count")), token_count(fields.get("eval_count"))
    )
    return told if told.answer else None


def _calls(told: Any) -> list[ToolCall]:
    found = []
    for call in told if isinstance(told, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            arguments = function.get("arguments")
            found.append(
                ToolCall("", function["name"], arguments if isinstance(arguments, dict) else {})
            )
    return found
