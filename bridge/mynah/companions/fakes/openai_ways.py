"""How OpenAI-compatible servers behave: beside the common ways, what some were seen to do."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any, Final

from mynah.companions.fakes.behaviour import WORD_S, Behaviour, Parts, common, refusal

DONE: Final = b"data: [DONE]\n\n"
USAGE: Final = {
    "prompt_tokens": 40,
    "completion_tokens": 9,
    "total_tokens": 49,
    "prompt_tokens_details": {"cached_tokens": 32},
}


class OpenAIDialect:
    """Chunks of a completion."""

    content_type = "text/event-stream"

    def frame(self, fields: object) -> bytes:
        return b"data: " + json.dumps(fields, ensure_ascii=False).encode() + b"\n\n"

    def begin(self) -> bytes:
        role = {"index": 0, "delta": {"role": "assistant", "content": None}}
        return b": a comment\r\n\r\n" + self.frame({"choices": [role]})

    def words(self, text: str) -> bytes:
        return self.delta({"content": text})

    def thought(self, text: str) -> bytes:
        return self.delta({"content": None, "reasoning_content": text})

    def error(self, message: str) -> bytes:
        return self.frame({"error": {"message": message, "code": 500}})

    def end(self) -> bytes:
        return self.stop() + self.frame({"choices": [], "usage": USAGE}) + DONE

    def delta(self, delta: Mapping[str, Any]) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        return self.frame({"object": "chat.completion.chunk", "choices": [choice]})

    def stop(self, reason: str = "stop") -> bytes:
        return self.frame({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


_AS: Final = OpenAIDialect()
_Check = Callable[[Mapping[str, Any]], bool]
_ALTERNATE: Final = "Conversation roles must alternate user/assistant/user/assistant/..."
_NO_SYSTEM: Final = "System role not supported"


@cache
def ways() -> dict[str, Behaviour]:
    """All of them, by name."""
    return common(_AS) | _streams() | _thinkers() | _refusals()


def _streams() -> dict[str, Behaviour]:
    return {
        "without-done": Behaviour("as echo, and ends without [DONE]", _without_done),
        "odd-lines": Behaviour("as echo, in all that the format of events allows", _odd_lines),
        "bare": Behaviour("as echo, leaving out all that can be left out", _bare),
        "comments": Behaviour("says that it is still there, for ever", _comments),
        "not-streamed": Behaviour("answers in one piece", _json, content_type="application/json"),
        "tool": Behaviour("calls a tool", _tool),
        "base-resp": Behaviour("fails as MiniMax does", _base_resp),
    }


def _thinkers() -> dict[str, Behaviour]:
    channel = ("<|chan", "nel|>analysis<|message|>Hm.<|end|><|start|>assi")
    final = "stant<|channel|>final<|message|>"
    return {
        "reasoning": Behaviour("thinks as Ollama does", _then(_AS.delta({"reasoning": "Hm."}))),
        "think": Behaviour("thinks in tags", _thinking("<th", "ink>Hm.</thi", "nk>")),
        "thinking": Behaviour("thinks in other tags", _thinking("<thinking>Hm.</thinking>")),
        "channel": Behaviour("thinks in a channel", _thinking(*channel, final)),
        "unopened": Behaviour(
            "thinks without saying where that begins",
            _thinking("They want to ", "hear it.</th", "ink>\n\n"),
        ),
        "cut-thought": Behaviour("thinks to the end of its tokens", _cut_thought),
    }


def _refusals() -> dict[str, Behaviour]:
    late = Behaviour("as strict, and says so in a stream", _jinja)

    def wants(about: str, broken: _Check, refused: Behaviour) -> Behaviour:
        def check(body: Mapping[str, Any]) -> Behaviour | None:
            return refused if broken(body) else None

        return replace(common(_AS)["echo"], about=about, refuses=check)

    new_limit = refusal(400, "use max_completion_tokens instead")
    return {
        "strict": wants("wants roles in turn", _mixed, refusal(500, _ALTERNATE)),
        "strict-stream": wants(late.about, _mixed, late),
        "no-system": wants("wants no system role", _has_system, refusal(400, _NO_SYSTEM)),
        "no-usage": wants(
            "does not know stream_options",
            lambda body: "stream_options" in body,
            refusal(422, "extra field: stream_options"),
        ),
        "new-limit": wants(
            "knows max_completion_tokens alone", lambda body: "max_tokens" in body, new_limit
        ),
        "400": new_limit,
    }


def _thinking(*pieces: str) -> Callable[[str], Parts]:
    return _then(*map(_AS.words, pieces))


def _then(*pieces: bytes) -> Callable[[str], Parts]:
    """Answers with these, then says back what it was told."""

    async def parts(said: str) -> Parts:
        for piece in pieces:
            yield piece
        async for part in _echo(said):
            yield part

    return parts


async def _some(said: str) -> Parts:
    yield _AS.words("You said: ")
    for word in said.split():
        yield _AS.words(f"{word} ")


async def _echo(said: str) -> Parts:
    async for part in _some(said):
        yield part
    yield _AS.end()


async def _without_done(said: str) -> Parts:
    async for part in _some(said):
        yield part
    yield _AS.stop()


async def _odd_lines(said: str) -> Parts:
    """No blank after the colon, CRLF, an event in two lines, names of events."""
    async for part in _echo(said):
        text = part.decode()
        for event in filter(None, text.split("\n\n")):
            data = event.removeprefix("data: ")
            if data.startswith("{"):
                data = data.replace('"choices":', '\r\ndata:"choices":', 1)
            yield f"event: completion\r\nid: 7\r\ndata:{data}\r\n\r\n: ping\r\n\r\n".encode()


async def _bare(said: str) -> Parts:
    """Chunks with as little in them as servers were seen to send."""
    yield _AS.frame({"choices": []})
    for word in ("You", "said:", *said.split()):
        yield _AS.frame({"choices": [{"delta": {"content": f"{word} "}}]})
        yield _AS.frame({"choices": [{"delta": {"content": None}}]})
        yield _AS.frame({"choices": [{"delta": None}]})
    yield _AS.frame({"choices": [{"finish_reason": "stop"}], "usage": USAGE})


async def _cut_thought(_said: str) -> Parts:
    yield _AS.words("<think>They want to hear it, and I wonder")
    yield _AS.stop("length")
    yield DONE


async def _tool(_said: str) -> Parts:
    """A call in pieces; nothing but the first says which call it belongs to."""
    begin = {"id": "call_1", "type": "function", "function": {"name": "ring_vibrate"}}
    yield _AS.delta({"tool_calls": [begin]})
    for piece in ('{"act": "', 'hug"}'):
        yield _AS.delta({"tool_calls": [{"function": {"arguments": piece}}]})
    yield _AS.words("There.")
    yield _AS.stop("tool_calls") + DONE


async def _comments(_said: str) -> Parts:
    for _ in count():
        yield b": still here\n\n"
        await asyncio.sleep(WORD_S)


async def _json(said: str) -> Parts:
    yield json.dumps({"choices": [{"message": {"content": said}}]}).encode()


def _mixed(body: Mapping[str, Any]) -> bool:
    """Not one system message first, then user and assistant in turn."""
    roles = [each["role"] for each in body["messages"]]
    turns = roles[1:] if roles[0] == "system" else roles
    return turns != ["user", "assistant"] * (len(turns) // 2) + ["user"]


def _has_system(body: Mapping[str, Any]) -> bool:
    return _mixed(body) or any(each["role"] == "system" for each in body["messages"])


async def _jinja(_said: str) -> Parts:
    yield _AS.error("Error rendering prompt with jinja template: roles must alternate")


async def _base_resp(_said: str) -> Parts:
    yield _AS.frame({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}})
