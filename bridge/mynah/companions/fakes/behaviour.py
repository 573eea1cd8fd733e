"""How a fake server behaves, well or badly: the same ways under the same names for every server."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from typing import Any, Final, Protocol

Parts = AsyncIterator[bytes]

WORD_S: Final = 0.005
"""As fast as the fastest hosts, so that tests need not wait."""

PACKED: Final = {"content-encoding": "gzip"}
GZIP_BITS: Final = 31
"""How zlib calls the format of gzip."""

CUT: Final = "cut@"
"""`cut@N`: as `echo`, and hangs up after N bytes of the body."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to answer."""

    about: str
    parts: Callable[[str], Parts]
    """The body's pieces, given what the wearer said."""
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    head: bool = True
    """Whether it answers at all."""
    tidy: bool = True
    """Ends the body as its protocol wants it; else hangs up in the middle."""
    once: bool = False
    """Hangs up on a second request over the same connection."""
    then: "Behaviour | None" = None
    """How it behaves from the second request on."""
    refuses: Callable[[Mapping[str, Any]], "Behaviour | None"] | None = None
    """Another behaviour for a request's body that it does not like."""


class Dialect(Protocol):
    """How one server words an answer: all common ways to behave follow from it."""

    content_type: str

    def frame(self, fields: object) -> bytes:
        """One event, whatever is in it."""

    def begin(self) -> bytes:
        """What stands before the first word."""

    def words(self, text: str) -> bytes: ...

    def thought(self, text: str) -> bytes:
        """Empty if this server has no such thing."""

    def error(self, message: str) -> bytes:
        """It gives up in mid-answer."""

    def end(self) -> bytes:
        """The last there is, with what the answer cost."""


def common(dialect: Dialect, word_s: float = WORD_S) -> dict[str, Behaviour]:
    """The ways in which every server can behave: those that the conformance suite asks for."""
    answers, hasty = _Answers(dialect, word_s), _Answers(dialect, 0)
    kind = dialect.content_type

    def way(about: str, parts: Callable[[str], Parts], **fields: Any) -> Behaviour:
        return Behaviour(about, parts, **{"content_type": kind, **fields})

    echo = way("says back what it was told, word by word", answers.echo)
    return {
        "echo": echo,
        "hasty": way("as echo, at once", hasty.echo),
        "thoughts": way("as echo, and thinks first", answers.thoughts),
        "trickle": trickled(way("", hasty.echo)),
        "once": replace(echo, about="as echo, once a connection; then hangs up", once=True),
        "not-http": way("answers in no HTTP at all", answers.some, head=False, tidy=False),
        "hang": way("takes the request and never answers", silence, head=False),
        "silence": way("begins to answer and says nothing", silence),
        "stall": way("falls silent in mid-answer", answers.stall),
        "cut": way("hangs up in mid-answer", answers.some, tidy=False),
        "unfinished": way("ends politely in mid-answer", answers.some),
        "error": way("reports an error in mid-answer", answers.error),
        "garbage": way("sends what it should not, in good order", answers.garbage),
        "html": way("sends a web page", web_page, content_type="text/html"),
        "html-stream": way("sends a web page as an answer", web_page),
        "binary": way("sends bytes", noise, content_type="application/octet-stream"),
        "binary-stream": way("sends bytes as an answer", noise),
        "controls": way("sends control characters", answers.controls),
        "long": way("sends 1 MB without a full stop", answers.long),
        "endless": way("never ends", answers.endless),
        "one-line": way("never ends its first line", one_line),
        "gzip": way("packs what nobody asked to pack, a thousandfold", packed, headers=PACKED),
        "busy": replace(refusal(503, "busy", **{"retry-after": "0"}), then=echo),
        **_refusals(),
    }


def _refusals() -> dict[str, Behaviour]:
    return {
        "301": refusal(301, "elsewhere", location="https://example.com/v1"),
        "401": refusal(401, "Incorrect API key provided"),
        "404": refusal(404, "model not found"),
        "429": refusal(429, "slow down", **{"retry-after": "7"}),
        "500": refusal(500, "CUDA out of memory"),
        "503": refusal(503, "loading model"),
    }


def scripted(dialect: Dialect, answers: Sequence[str]) -> Behaviour:
    """Gives these answers, word by word, one a request; then again from the first."""
    turns = cycle(answers)

    async def parts(_said: str) -> Parts:
        yield dialect.begin()
        for word in next(turns).split():
            yield dialect.words(f"{word} ")
            await asyncio.sleep(WORD_S)
        yield dialect.end()

    return Behaviour("says what it was told to say", parts, content_type=dialect.content_type)


def cut_at(behaviour: Behaviour, most_bytes: int) -> Behaviour:
    """The same, and hangs up after so many bytes of its body."""

    async def parts(said: str) -> Parts:
        left = most_bytes
        async for part in behaviour.parts(said):
            if len(part) > left:
                yield part[:left]
                return
            left -= len(part)
            yield part

    return replace(behaviour, about=f"hangs up after {most_bytes} bytes", parts=parts, tidy=False)


def trickled(behaviour: Behaviour) -> Behaviour:
    """The same, a byte at a time."""

    async def parts(said: str) -> Parts:
        async for part in behaviour.parts(said):
            for byte in part:
                yield bytes([byte])

    return replace(behaviour, about="as echo, a byte at a time", parts=parts)


def refusal(status: int, message: str, **headers: str) -> Behaviour:
    """Answers with an error instead."""

    async def parts(_said: str) -> Parts:
        yield json.dumps({"error": {"message": message}}).encode()

    return Behaviour(f"refuses with {status}", parts, status, "application/json", headers)


async def silence(_said: str) -> Parts:
    """Nothing comes."""
    await asyncio.Event().wait()
    yield b""


async def web_page(_said: str) -> Parts:
    """Of a hotel's network, or of a wrong address."""
    yield b"<!doctype html><title>Welcome</title><p>Log in, please.</p>"


async def noise(_said: str) -> Parts:
    """Every byte that there is."""
    yield bytes(range(256)) * 16


async def one_line(_said: str) -> Parts:
    """Whoever reads by the line reads for ever."""
    yield b"data: "
    while True:
        yield b"x" * 65_536


async def packed(_said: str) -> Parts:
    """4 MB on the way, 4 GB for whoever unpacks them."""
    packing = zlib.compressobj(1, zlib.DEFLATED, GZIP_BITS)
    yield packing.compress(b"data: ")
    while True:
        yield packing.compress(b"x" * 1_000_000)
        await asyncio.sleep(0)


class _Answers:
    """The bodies of answers, in one server's words."""

    def __init__(self, dialect: Dialect, word_s: float) -> None:
        self._as = dialect
        self._word_s = word_s

    async def some(self, said: str) -> Parts:
        yield self._as.begin()
        yield self._as.words("You said: ")
        for word in said.split():
            yield self._as.words(f"{word} ")
            await asyncio.sleep(self._word_s)

    async def echo(self, said: str) -> Parts:
        async for part in self.some(said):
            yield part
        yield self._as.end()

    async def thoughts(self, said: str) -> Parts:
        yield self._as.thought("They want to hear it. ")
        async for part in self.echo(said):
            yield part

    async def stall(self, said: str) -> Parts:
        async for part in self.some(said):
            yield part
        await asyncio.Event().wait()

    async def error(self, said: str) -> Parts:
        async for part in self.some(said):
            yield part
        yield self._as.error("out of memory")

    async def garbage(self, _said: str) -> Parts:
        yield self._as.frame({"temperature": 21.5})

    async def controls(self, said: str) -> Parts:
        yield self._as.begin()
        yield self._as.words("Hello \x1b[2J\x07\x00there. ")
        yield self._as.words("\x00\x01\x02\x03" * 100)
        async for part in self.echo(said):
            yield part

    async def long(self, _said: str) -> Parts:
        yield self._as.begin()
        yield self._as.words("la " * 333_333)
        yield self._as.end()

    async def endless(self, _said: str) -> Parts:
        yield self._as.begin()
        for number in count(1):
            yield self._as.words(f"Sheep number {number}. ")
            await asyncio.sleep(0)
