"""A fake webhook: takes a turn, answers with objects, as events, as lines or in one piece."""

import json
from collections.abc import Mapping
from functools import cache
from typing import ClassVar, Final

from mynah.companions.fakes.behaviour import Behaviour, Dialect, Parts, common
from mynah.companions.fakes.server import FakeHttpServer, Request


class ObjectDialect:
    """The objects of mynah.companions.reaching.objects, a line each."""

    content_type = "application/x-ndjson"

    def frame(self, fields: object) -> bytes:
        return json.dumps(fields).encode() + b"\n"

    def begin(self) -> bytes:
        return self.frame({"emotion": "happy", "haptics": ["hug"]})

    def words(self, text: str) -> bytes:
        return self.frame({"text": text})

    def thought(self, text: str) -> bytes:
        return self.frame({"thought": text})

    def error(self, message: str) -> bytes:
        return self.frame({"error": message})

    def end(self) -> bytes:
        return self.frame({"end": True})


class EventDialect(ObjectDialect):
    """The same as events."""

    content_type = "text/event-stream"

    def frame(self, fields: object) -> bytes:
        return f"data: {json.dumps(fields)}\n\n".encode()


_AS: Final = EventDialect()


class FakeWebhook(FakeHttpServer):
    """Events, unless it is told otherwise."""

    root: ClassVar[str] = "/hook/1f7d"
    companion: ClassVar[str] = "webhook"
    dialect: ClassVar[Dialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    def settings(self) -> str:
        return f'[companions.webhook]\nurl = "{self.base_url}"'

    def said(self, request: Request) -> str:
        return str(request.body.get("text", ""))


async def _whole(said: str) -> Parts:
    answer = {"text": f"You said: {said}", "emotion": "happy", "haptics": [{"name": "hug"}]}
    yield json.dumps(answer).encode()


async def _silent(_said: str) -> Parts:
    yield json.dumps({"haptics": ["purr"], "text": ""}).encode()


async def _unsaid_end(said: str) -> Parts:
    yield _AS.words(f"You said: {said}")


@cache
def _ways() -> dict[str, Behaviour]:
    lines = {f"{name}-lines": way for name, way in common(ObjectDialect()).items()}
    whole = Behaviour("answers in one piece", _whole, content_type="application/json")
    silent = Behaviour("feels, and says nothing", _silent, content_type="application/json")
    ends = Behaviour("ends without saying so", _unsaid_end)
    return common(_AS) | lines | {"whole": whole, "silent": silent, "unsaid-end": ends}
