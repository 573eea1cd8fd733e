"""A fake of Anthropic's Messages, and of those who speak them too."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import ClassVar, Final

from mynah.companions.fakes.behaviour import Behaviour, Parts, common, refusal
from mynah.companions.fakes.server import FakeHttpServer, Request

_STARTED: Final = {"input_tokens": 8, "cache_read_input_tokens": 32, "output_tokens": 1}


class AnthropicDialect:
    """Events with a name; a thought in block 0, the words in block 1, in turns."""

    content_type = "text/event-stream"

    def frame(self, fields: object) -> bytes:
        kind = fields.get("type", "odd") if isinstance(fields, dict) else "odd"
        return f"event: {kind}\ndata: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()

    def begin(self) -> bytes:
        started = {"type": "message_start", "message": {"role": "assistant", "usage": _STARTED}}
        text = {"type": "text", "text": ""}
        opened = {"type": "content_block_start", "index": 1, "content_block": text}
        return self.frame(started) + self.frame({"type": "ping"}) + self.frame(opened)

    def words(self, text: str) -> bytes:
        return self.delta(1, {"type": "text_delta", "text": text})

    def thought(self, text: str) -> bytes:
        thinking = {"type": "thinking", "thinking": ""}
        opened = {"type": "content_block_start", "index": 0, "content_block": thinking}
        signed = self.delta(0, {"type": "signature_delta", "signature": "c2ln"})
        return (
            self.frame(opened)
            + self.delta(0, {"type": "thinking_delta", "thinking": text})
            + signed
        )

    def error(self, message: str) -> bytes:
        told = {"type": "overloaded_error", "message": message}
        return self.frame({"type": "error", "error": told})

    def end(self) -> bytes:
        usage = {"output_tokens": 9}
        ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
        stopped = self.frame({"type": "content_block_stop", "index": 1})
        return stopped + self.frame(ended) + self.frame({"type": "message_stop"})

    def delta(self, index: int, delta: Mapping[str, str]) -> bytes:
        return self.frame({"type": "content_block_delta", "index": index, "delta": delta})


_AS: Final = AnthropicDialect()


class FakeAnthropic(FakeHttpServer):
    """Refuses what Anthropic's own refuses."""

    companion: ClassVar[str] = "anthropic"
    port: ClassVar[int] = 8082
    dialect: ClassVar[AnthropicDialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    def page(self, request: Request) -> object | None:
        if request.path.endswith("/models"):
            return {"data": [{"id": name, "type": "model"} for name in self.ways()]}
        return super().page(request)


def _broken(body: Mapping[str, object]) -> Behaviour | None:
    messages = body.get("messages")
    roles = [each["role"] for each in messages] if isinstance(messages, list) else []
    if roles != ["user", "assistant"] * (len(roles) // 2) + ["user"]:
        return refusal(400, "messages: roles must alternate and begin with user")
    if not isinstance(body.get("max_tokens"), int):
        return refusal(400, "max_tokens: field required")
    return None


async def _tool(_said: str) -> Parts:
    """Calls a tool in block 2 while block 1 still speaks."""
    yield _AS.begin()
    called = {"type": "tool_use", "id": "toolu_1", "name": "ring_vibrate", "input": {}}
    yield _AS.frame({"type": "content_block_start", "index": 2, "content_block": called})
    yield _AS.delta(2, {"type": "input_json_delta", "partial_json": '{"act": "'})
    yield _AS.words("There.")
    yield _AS.delta(2, {"type": "input_json_delta", "partial_json": 'hug"}'})
    yield _AS.frame({"type": "content_block_stop", "index": 2})
    yield _AS.end()


@cache
def _ways() -> dict[str, Behaviour]:
    ways = common(_AS) | {
        "tool": Behaviour("calls a tool", _tool),
        "529": refusal(529, "Overloaded"),
    }
    return {
        name: replace(way, refuses=_broken) if way.status == 200 else way  # noqa: PLR2004
        for name, way in ways.items()
    }
