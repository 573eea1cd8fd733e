"""A fake of Ollama's own interface: a line of JSON a piece."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import ClassVar, Final

from mynah.companions.fakes.behaviour import Behaviour, Parts, common, refusal
from mynah.companions.fakes.server import FakeHttpServer, Request


class OllamaDialect:
    """Each line is an object."""

    content_type = "application/x-ndjson"

    def frame(self, fields: object) -> bytes:
        return json.dumps(fields, ensure_ascii=False).encode() + b"\n"

    def begin(self) -> bytes:
        return b""

    def words(self, text: str) -> bytes:
        return self.message({"role": "assistant", "content": text})

    def thought(self, text: str) -> bytes:
        return self.message({"role": "assistant", "content": "", "thinking": text})

    def error(self, message: str) -> bytes:
        return self.frame({"error": message})

    def end(self) -> bytes:
        empty = {"role": "assistant", "content": ""}
        cost = {"prompt_eval_count": 40, "eval_count": 9}
        return self.frame({"message": empty, "done": True, "done_reason": "stop", **cost})

    def message(self, message: Mapping[str, object]) -> bytes:
        return self.frame({"model": "fake", "message": message, "done": False})


_AS: Final = OllamaDialect()


class FakeOllama(FakeHttpServer):
    """Has /api/tags and /api/version as well."""

    companion: ClassVar[str] = "ollama"
    port: ClassVar[int] = 11434
    dialect: ClassVar[OllamaDialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    def page(self, request: Request) -> object | None:
        if request.path == "/api/tags":
            return {"models": [{"name": name} for name in self.ways()]}
        if request.path == "/api/version":
            return {"version": "0.0.0-fake"}
        if request.path == "/api/chat" and not request.body.get("messages"):
            return {"done": True, "done_reason": "load"}
        return super().page(request)


async def _tool(_said: str) -> Parts:
    called = {"function": {"name": "ring_vibrate", "arguments": {"act": "hug"}}}
    yield _AS.message({"role": "assistant", "content": "", "tool_calls": [called]})
    yield _AS.words("There.")
    yield _AS.end()


def _thinks(body: Mapping[str, object]) -> Behaviour | None:
    return refusal(400, '"fake" does not support think') if "think" in body else None


@cache
def _ways() -> dict[str, Behaviour]:
    ways = common(_AS)
    return ways | {
        "tool": Behaviour("calls a tool", _tool, content_type=_AS.content_type),
        "old": replace(ways["echo"], about="does not know think", refuses=_thinks),
    }
