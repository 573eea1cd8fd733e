"""A fake Home Assistant: its WebSocket's log-in, its pipelines, and runs from intent to intent."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Final

from mynah.companions.fakes.behaviour import Behaviour, Dialect, Parts, common
from mynah.companions.fakes.socket import Client, FakeSocketServer, over_socket
from mynah.companions.fakes.turn import Turn

CONVERSATION_ID: Final = "01J8X5T0Z7GQ2V9M4K3N6P1R8S"


def _pipeline(number: str, name: str, language: str, engine: str) -> dict[str, str]:
    about = {"language": language, "conversation_language": language}
    return {"id": number, "name": name, "conversation_engine": engine, **about}


_LISTED: Final = [
    _pipeline("01home", "Home", "en", "conversation.fake"),
    _pipeline("01jia", "家", "zh-CN", "conversation.fake"),
    _pipeline("01orders", "Orders", "de", "conversation.home_assistant"),
]
PIPELINES: Final = {"pipelines": _LISTED, "preferred_pipeline": "01home"}

_RUN_KEYS: Final = frozenset(
    [
        "id",
        "type",
        "start_stage",
        "end_stage",
        "input",
        "pipeline",
        "conversation_id",
        "device_id",
        "timeout",
    ]
)


class PipelineDialect:
    """A line for each event of a run."""

    content_type = ""

    def frame(self, fields: object) -> bytes:
        return json.dumps(fields, ensure_ascii=False).encode() + b"\n"

    def event(self, kind: str, data: object = None) -> bytes:
        return self.frame({"type": kind, "data": data, "timestamp": "2026-11-22T20:00:00+00:00"})

    def delta(self, **fields: object) -> bytes:
        return self.event("intent-progress", {"chat_log_delta": fields})

    def begin(self) -> bytes:
        started = {"pipeline": "01home", "language": "en", "runner_data": {"timeout": 300}}
        asked = {"engine": "conversation.fake", "conversation_id": CONVERSATION_ID}
        return (
            self.event("run-start", started)
            + self.event("intent-start", asked)
            + self.delta(role="assistant")
        )

    def words(self, text: str) -> bytes:
        return self.delta(content=text)

    def thought(self, text: str) -> bytes:
        return self.delta(role="assistant") + self.delta(thinking_content=text)

    def error(self, message: str) -> bytes:
        return self.event("error", {"code": "intent-failed", "message": message}) + self.over()

    def end(self) -> bytes:
        return self.ended("Whatever was streamed.") + self.over()

    def ended(self, speech: str) -> bytes:
        plain = {"plain": {"speech": speech, "extra_data": None}}
        response = {"speech": plain, "response_type": "action_done", "language": "en"}
        output = {"response": response, "conversation_id": CONVERSATION_ID}
        return self.event("intent-end", {"processed_locally": False, "intent_output": output})

    def over(self) -> bytes:
        return self.event("run-end")


_AS: Final = PipelineDialect()


class FakeHomeAssistant(FakeSocketServer):
    """Takes any token but those of a way that refuses it."""

    companion: ClassVar[str] = "home_assistant"
    port: ClassVar[int] = 8123
    dialect: ClassVar[Dialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    async def greet(self, client: Client) -> None:
        await client.send({"type": "auth_required", "ha_version": "2026.11.0"})

    async def receive(self, client: Client, fields: dict[str, Any]) -> None:
        number = fields.get("id")
        match fields.get("type"):
            case "auth" if self.way == "no-token":
                await client.send({"type": "auth_invalid", "message": "Invalid access token"})
            case "auth":
                await client.send({"type": "auth_ok", "ha_version": "2026.11.0"})
            case "assist_pipeline/pipeline/list":
                await client.send(_result(number, PIPELINES))
            case "assist_pipeline/run":
                await self._run(client, fields)
            case "unsubscribe_events":
                await client.call_off(fields.get("subscription"))
                await client.send(_result(number, None))
            case kind:
                await client.send(_failure(number, "unknown_command", f"Unknown command: {kind}"))

    def worded(self, turn: Turn, part: bytes) -> str | bytes:
        try:
            event = json.loads(part)
        except ValueError:
            return part
        return json.dumps({"id": turn.body["id"], "type": "event", "event": event})

    async def _run(self, client: Client, fields: dict[str, Any]) -> None:
        """It takes no key that it does not know."""
        number = fields.get("id")
        if odd := fields.keys() - _RUN_KEYS:
            told = f"extra keys not allowed @ data['{min(odd)}']"
            await client.send(_failure(number, "invalid_format", told))
        elif fields.get("pipeline", "01home") not in {each["id"] for each in _LISTED}:
            told = f"Pipeline not found: id={fields['pipeline']}"
            await client.send(_failure(number, "pipeline-not-found", told))
        else:
            await client.send(_result(number, None))
            client.answer(number, fields["input"]["text"], fields)


def _result(number: object, result: object) -> dict[str, object]:
    return {"id": number, "type": "result", "success": True, "result": result}


def _failure(number: object, code: str, message: str) -> dict[str, object]:
    error = {"code": code, "message": message}
    return {"id": number, "type": "result", "success": False, "error": error}


async def _plain(said: str) -> Parts:
    yield _AS.event("run-start", {})
    yield _AS.event("intent-start", {})
    yield _AS.ended(f"You said: {said}") + _AS.over()


async def _tool(_said: str) -> Parts:
    yield _AS.begin() + _AS.words("Let me see.")
    yield _AS.delta(tool_calls=[{"id": "1", "tool_name": "HassGetState", "tool_args": {}}])
    yield _AS.delta(role="tool_result", tool_call_id="1", tool_result={"state": "on"})
    yield _AS.delta(role="assistant") + _AS.words("It is on.")
    yield _AS.end()


async def _half(_said: str) -> Parts:
    """Streams what it says before a tool, and not what it says after."""
    yield _AS.begin() + _AS.words("Let me see.")
    yield _AS.delta(role="tool_result", tool_call_id="1", tool_result={"state": "on"})
    yield _AS.ended("It is on.") + _AS.over()


async def _ended(_said: str) -> Parts:
    yield _AS.begin() + _AS.over()


@cache
def _ways() -> dict[str, Behaviour]:
    return over_socket(common(_AS)) | {
        "plain": Behaviour("does not stream", _plain),
        "tool": Behaviour("speaks before and after a tool", _tool),
        "half": Behaviour("streams the half of it", _half),
        "ended": Behaviour("ends a run without an answer", _ended),
        "no-token": Behaviour("refuses every token", _plain),
    }
