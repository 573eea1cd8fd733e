"""A fake Letta agent: it thinks, uses its tools, speaks, says why it stopped and what it cost."""

import json
from collections.abc import Mapping
from functools import cache
from typing import ClassVar, Final

from mynah.companions.fakes.behaviour import Behaviour, Dialect, Parts, common
from mynah.companions.fakes.server import FakeHttpServer, Request

RUN_ID: Final = "run-7ab12e50"
USAGE: Final = {"completion_tokens": 9, "prompt_tokens": 40, "total_tokens": 49, "step_count": 2}


class LettaDialect:
    """Every event is a message with a type."""

    content_type = "text/event-stream"

    def frame(self, fields: object) -> bytes:
        return f"data: {json.dumps(fields)}\n\n".encode()

    def message(self, kind: str, **fields: object) -> bytes:
        return self.frame({"id": "message-1", "message_type": kind, "run_id": RUN_ID, **fields})

    def begin(self) -> bytes:
        tool = {"name": "memory_insert", "arguments": '{"new_str": "likes foxes"}'}
        called = self.message("tool_call_message", tool_call=tool)
        returned = self.message("tool_return_message", tool_return="None", status="success")
        return self.message("ping") + called + returned

    def words(self, text: str) -> bytes:
        """A list of parts is as good as a text; both are seen."""
        content = [{"type": "text", "text": text}] if text.startswith("you") else text
        return self.message("assistant_message", content=content)

    def thought(self, text: str) -> bytes:
        return self.message("reasoning_message", reasoning=text, source="reasoner_model")

    def error(self, message: str) -> bytes:
        told = {"message_type": "error_message", "error_type": "llm_error", "message": message}
        return b"event: error\n" + self.frame(told)

    def end(self) -> bytes:
        """With an error that comes after all is well, as one version was seen to send."""
        stopped = self.frame({"message_type": "stop_reason", "stop_reason": "end_turn"})
        used = self.frame({"message_type": "usage_statistics", **USAGE})
        late = {"message_type": "error_message", "error_type": "cleanup_error", "message": "uuid"}
        return stopped + used + b"event: error\n" + self.frame(late) + b"data: [DONE]\n\n"


_AS: Final = LettaDialect()


class FakeLetta(FakeHttpServer):
    """One agent, under any id."""

    root: ClassVar[str] = ""
    companion: ClassVar[str] = "letta"
    port: ClassVar[int] = 8283
    dialect: ClassVar[Dialect] = _AS

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    def settings(self) -> str:
        return f'[companions.letta]\nurl = "{self.base_url}"\nagent = "agent-1"'

    def page(self, request: Request) -> object | None:
        return {} if request.path.endswith("/cancel") else super().page(request)


async def _steps(_said: str) -> Parts:
    yield _AS.message("assistant_message", content="Let me see.")
    yield _AS.begin()
    yield _AS.message("assistant_message", id="message-2", content="It is late.")
    yield _AS.end()


async def _whole(said: str) -> Parts:
    thought = {"message_type": "reasoning_message", "reasoning": "Hm."}
    answer = {"message_type": "assistant_message", "content": f"You said: {said}"}
    yield json.dumps({"messages": [thought, answer], "usage": USAGE}).encode()


async def _stopped(_said: str) -> Parts:
    yield _AS.begin()
    yield _AS.frame({"message_type": "stop_reason", "stop_reason": "llm_api_error"})
    yield b"data: [DONE]\n\n"


async def _old_error(_said: str) -> Parts:
    yield b"event: error\n" + _AS.frame({"error": {"message": "no such model", "type": "internal"}})


@cache
def _ways() -> dict[str, Behaviour]:
    return common(_AS) | {
        "steps": Behaviour("speaks before and after a tool", _steps),
        "whole": Behaviour("does not stream", _whole, content_type="application/json"),
        "stopped": Behaviour("stops for a bad reason", _stopped),
        "old-error": Behaviour("reports an error as old versions do", _old_error),
    }
