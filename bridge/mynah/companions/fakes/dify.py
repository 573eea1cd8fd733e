"""A fake Dify app: one that keeps conversations, stops when told, and can moderate itself."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Final

from mynah.companions.fakes.behaviour import WORD_S, Behaviour, Dialect, Parts, common
from mynah.companions.fakes.server import FakeHttpServer, Request

CONVERSATION_ID: Final = "45701982-8118-4bc5-8e9b-64562b4555f2"
TASK_ID: Final = "900bbd43-dc0b-4383-a372-aa6e6c414227"

_ABOUT: Final = {"task_id": TASK_ID, "message_id": "m-1", "conversation_id": CONVERSATION_ID}


class DifyDialect:
    """Every event is named inside its data."""

    content_type = "text/event-stream"

    def frame(self, fields: object) -> bytes:
        return f"data: {json.dumps(fields)}\n\n".encode()

    def begin(self) -> bytes:
        """What a chatflow says before the first word; the ping has no data."""
        started = {"event": "workflow_started", **_ABOUT, "data": {"id": "run-1"}}
        return self.frame(started) + b"event: ping\n\n"

    def words(self, text: str) -> bytes:
        return self.frame({"event": "message", **_ABOUT, "answer": text})

    def thought(self, text: str) -> bytes:
        """A model's own tags come through as they are."""
        return self.words("<think>") + self.words(text) + self.words("</think>")

    def error(self, message: str) -> bytes:
        failed = {"event": "error", "status": 400, "code": "completion_request_error"}
        return self.frame(failed | {"task_id": TASK_ID, "message": message})

    def end(self) -> bytes:
        usage = {"prompt_tokens": 40, "completion_tokens": 9, "total_tokens": 49}
        ended = {"event": "message_end", **_ABOUT, "metadata": {"usage": usage}}
        finished = {"event": "workflow_finished", **_ABOUT, "data": {"status": "succeeded"}}
        return self.frame(ended) + self.frame(finished)


_AS: Final = DifyDialect()


class FakeDify(FakeHttpServer):
    """Knows one conversation; any other is gone."""

    root: ClassVar[str] = "/v1"
    companion: ClassVar[str] = "dify"
    dialect: ClassVar[Dialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    def settings(self) -> str:
        return f'[companions.dify]\nurl = "{self.base_url}"'

    def said(self, request: Request) -> str:
        return str(request.body.get("query", ""))

    def behaviour(self, request: Request) -> Behaviour:
        return _broken(request.body) or self.ways()["echo"]

    def page(self, request: Request) -> object | None:
        if request.path.endswith("/stop"):
            return {"result": "success"}
        return super().page(request)


def _broken(body: Mapping[str, Any]) -> Behaviour | None:
    if not body.get("user") or not body.get("query") or not isinstance(body.get("inputs"), dict):
        return _refusal(400, "invalid_param", "user, query and inputs are required")
    if body.get("conversation_id") not in {"", CONVERSATION_ID}:
        return _refusal(404, "not_found", "Conversation Not Exists.")
    return None


def _refusal(status: int, code: str, message: str) -> Behaviour:
    """In Dify's own words."""

    async def parts(_said: str) -> Parts:
        yield json.dumps({"code": code, "message": message, "status": status}).encode()

    return Behaviour(f"refuses with {status}", parts, status, "application/json")


async def _agent(said: str) -> Parts:
    """An agent: its thoughts repeat its words, and nobody may say them twice."""
    yield _AS.frame({"event": "agent_thought", **_ABOUT, "thought": "", "tool": "clock"})
    for word in ("You", " said: ", said):
        yield _AS.frame({"event": "agent_message", **_ABOUT, "answer": word})
    yield _AS.frame({"event": "agent_thought", **_ABOUT, "thought": f"You said: {said}"})
    yield _AS.end()


async def _moderated(_said: str) -> Parts:
    yield _AS.words("The card number ")
    yield _AS.words("is 4111.")
    yield _AS.frame({"event": "message_replace", **_ABOUT, "answer": "I can't tell you that."})
    yield _AS.end()


async def _pings(_said: str) -> Parts:
    while True:
        yield _AS.frame({"event": "ping"})
        await asyncio.sleep(WORD_S)


@cache
def _ways() -> dict[str, Behaviour]:
    return common(_AS) | {
        "agent": Behaviour("answers as an agent with a tool", _agent),
        "moderated": Behaviour("takes its words back", _moderated),
        "pings": Behaviour("says that it is there, for ever", _pings),
    }
