"""What a fake chat server can do, well or badly: the model's name in a request chooses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Final

Parts = AsyncIterator[bytes]

DONE: Final = b"data: [DONE]\n\n"
EVENT_STREAM: Final = "text/event-stream"
WORD_S: Final = 0.02
"""As fast as a good model on a good day."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to answer."""

    about: str
    parts: Callable[[str], Parts]
    """The body's pieces, given what the wearer said."""
    status: int = 200
    content_type: str = EVENT_STREAM
    headers: Mapping[str, str] = field(default_factory=dict)
    head: bool = True
    """Whether it answers at all."""
    tidy: bool = True
    """Ends the body as HTTP wants it; else hangs up in the middle."""
    once: bool = False
    """Hangs up on a second request over the same connection."""


def event(fields: object) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def words(text: str, finish: str | None = None) -> bytes:
    """One chunk of a completion."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice]})


def scripted(answers: Sequence[str]) -> Behaviour:
    """Gives these answers, word by word, one a request; then again from the first."""
    turns = cycle(answers)

    async def parts(_said: str) -> Parts:
        for word in next(turns).split():
            yield words(f"{word} ")
            await asyncio.sleep(WORD_S)
        yield words("", "stop")
        yield DONE

    return Behaviour("says what it was told to say", parts)


async def _some(said: str) -> Parts:
    yield b": a comment\r\n\r\n"
    yield words("You said: ")
    for word in said.split():
        yield words(f"{word} ")
        await asyncio.sleep(WORD_S)


async def _without_done(said: str) -> Parts:
    async for part in _some(said):
        yield part
    yield words("", "stop")


async def _echo(said: str) -> Parts:
    async for part in _without_done(said):
        yield part
    yield event({"choices": [], "usage": {"total_tokens": 1}})
    yield DONE


async def _thoughts(said: str) -> Parts:
    yield event({"choices": [{"delta": {"content": None, "reasoning_content": "Hm."}}]})
    for piece in ("<th", "ink>They said ", said, ".</thi", "nk>", "Well, "):
        yield words(piece)
    async for part in _echo(said):
        yield part


async def _silence(_said: str) -> Parts:
    await asyncio.Event().wait()
    yield b""


async def _stall(said: str) -> Parts:
    async for part in _some(said):
        yield part
    await asyncio.Event().wait()


async def _comments(_said: str) -> Parts:
    for _ in count():
        yield b": still here\n\n"
        await asyncio.sleep(WORD_S)


async def _error(said: str) -> Parts:
    async for part in _some(said):
        yield part
    yield event({"error": {"message": "out of memory", "code": 500}})


async def _html(_said: str) -> Parts:
    yield b"<!doctype html><title>Welcome</title><p>Log in, please.</p>"


async def _binary(_said: str) -> Parts:
    yield bytes(range(256)) * 16


async def _not_chat(_said: str) -> Parts:
    yield event({"temperature": 21.5})


async def _controls(said: str) -> Parts:
    yield words("Hello \x1b[2J\x07\x00there. ")
    yield words("\x00\x01\x02\x03" * 100)
    async for part in _echo(said):
        yield part


async def _long(_said: str) -> Parts:
    yield words("la " * (333_333))
    yield DONE


async def _endless(_said: str) -> Parts:
    for number in count(1):
        yield words(f"Sheep number {number}. ")
        await asyncio.sleep(0)


async def _one_line(_said: str) -> Parts:
    yield b"data: "
    while True:
        yield b"x" * 65_536


async def _json(said: str) -> Parts:
    yield json.dumps({"choices": [{"message": {"content": said}}]}).encode()


def _refusal(status: int, message: str, **headers: str) -> Behaviour:
    async def parts(_said: str) -> Parts:
        yield json.dumps({"error": {"message": message}}).encode()

    return Behaviour(f"refuses with {status}", parts, status, "application/json", headers)


BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "echo": Behaviour("says back what it was told, word by word", _echo),
    "without-done": Behaviour("as echo, and ends without [DONE]", _without_done),
    "once": Behaviour("as echo, and hangs up on a connection's second request", _echo, once=True),
    "not-http": Behaviour("answers in no HTTP at all", _some, head=False, tidy=False),
    "thoughts": Behaviour("as echo, and thinks aloud first", _thoughts),
    "hang": Behaviour("takes the request and never answers", _silence, head=False),
    "silence": Behaviour("begins to answer and says nothing", _silence),
    "comments": Behaviour("says that it is still there, for ever", _comments),
    "stall": Behaviour("falls silent in mid-answer", _stall),
    "cut": Behaviour("hangs up in mid-answer", _some, tidy=False),
    "unfinished": Behaviour("ends politely in mid-answer", _some),
    "error": Behaviour("reports an error in mid-answer", _error),
    "html": Behaviour("sends a web page", _html, content_type="text/html"),
    "html-stream": Behaviour("sends a web page as a stream", _html),
    "binary": Behaviour("sends bytes", _binary, content_type="application/octet-stream"),
    "binary-stream": Behaviour("sends bytes as a stream", _binary),
    "not-chat": Behaviour("streams what is no chat", _not_chat),
    "not-streamed": Behaviour("answers in one piece", _json, content_type="application/json"),
    "controls": Behaviour("sends control characters", _controls),
    "long": Behaviour("sends 1 MB without a full stop", _long),
    "endless": Behaviour("never ends", _endless),
    "one-line": Behaviour("never ends its first line", _one_line),
    "301": _refusal(301, "elsewhere", location="https://example.com/v1"),
    "400": _refusal(400, "use max_completion_tokens instead"),
    "401": _refusal(401, "Incorrect API key provided"),
    "404": _refusal(404, "model not found"),
    "429": _refusal(429, "slow down", **{"retry-after": "7"}),
    "500": _refusal(500, "CUDA out of memory"),
    "503": _refusal(503, "loading model"),
}
