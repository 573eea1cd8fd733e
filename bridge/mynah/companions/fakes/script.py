"""What a fake that speaks does in an answer: the same ways, whatever its protocol."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeAlias

_SENTENCE: Final = re.compile(r"[^.!?。！？]+[.!?。！？]*\s*")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, and its sound."""

    text: str
    voiced: bool = True


@dataclass(frozen=True, slots=True)
class Rubbish:
    """Bytes where sound should be."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A message that is none of the protocol's."""


@dataclass(frozen=True, slots=True)
class Fails:
    """Gives up."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """Hangs up."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Wants something of the ring."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ends:
    """That was all."""


Step: TypeAlias = Words | Rubbish | Odd | Fails | Leaves | Calls | Ends
Script: TypeAlias = Callable[[str], AsyncIterator[Step]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer."""

    about: str
    script: Script


def saying(answer: str) -> Script:
    """Always the same."""

    async def script(_said: str) -> AsyncIterator[Step]:
        for sentence in _SENTENCE.findall(answer):
            yield Words(sentence)
        yield Ends()

    return script


async def _some(said: str) -> AsyncIterator[Step]:
    # A sentence each: what they say is told with their sound, a sentence at a time.
    for sentence in _SENTENCE.findall(f"You said: {said}"):
        yield Words(sentence)
        await asyncio.sleep(0)


async def _echo(said: str) -> AsyncIterator[Step]:
    async for step in _some(said):
        yield step
    yield Ends()


async def _hang(_said: str) -> AsyncIterator[Step]:
    await asyncio.Event().wait()
    yield Ends()


async def _stall(said: str) -> AsyncIterator[Step]:
    async for step in _some(said):
        yield step
    await asyncio.Event().wait()


async def _garbage(said: str) -> AsyncIterator[Step]:
    for _ in range(5):
        yield Odd()
    async for step in _hang(said):
        yield step


async def _binary(said: str) -> AsyncIterator[Step]:
    for _ in range(40):
        yield Rubbish()
    async for step in _hang(said):
        yield step


async def _endless(_said: str) -> AsyncIterator[Step]:
    for number in count(1):
        yield Words(f"Sheep number {number} jumps over the fence and is counted. ")
        await asyncio.sleep(0)


async def _silent(said: str) -> AsyncIterator[Step]:
    async for step in _echo(said):
        yield Words(step.text, voiced=False) if isinstance(step, Words) else step


async def _wordless(_said: str) -> AsyncIterator[Step]:
    yield Ends()


async def _controls(said: str) -> AsyncIterator[Step]:
    yield Words("Hello \x1b[2J\x07\x00there. ")
    async for step in _echo(said):
        yield step


def _then(step: Step) -> Script:
    async def script(said: str) -> AsyncIterator[Step]:
        async for each in _some(said):
            yield each
        yield step

    return script


def _first(*steps: Step) -> Script:
    async def script(said: str) -> AsyncIterator[Step]:
        for step in steps:
            yield step
        async for each in _echo(said):
            yield each

    return script


WAYS: Final[Mapping[str, Way]] = {
    "echo": Way("says back what it was told, sentence by sentence", _echo),
    "trickle": Way("as echo, each message a byte at a time", _echo),
    "hang": Way("takes the words and never answers", _hang),
    "stall": Way("falls silent in mid-answer", _stall),
    "cut": Way("hangs up in mid-answer", _then(Leaves())),
    "error": Way("gives up in mid-answer", _then(Fails())),
    "fails-open": Way("gives up, and does not say that this was all", _then(Fails())),
    "garbage": Way("sends what is nothing, and then nothing", _garbage),
    "binary": Way("sends rubbish where sound should be", _binary),
    "endless": Way("never ends", _endless),
    "controls": Way("has control characters in its words", _controls),
    "silent": Way("tells words, and has no sound for them", _silent),
    "wordless": Way("begins and ends, and says nothing between", _wordless),
    "tool": Way(
        "wants the ring to vibrate, and then as echo",
        _first(Calls("vibrate", {"act": "hug", "strength": 40})),
    ),
    "bad-tool": Way(
        "wants what no ring can do", _first(Calls("fly"), Calls("vibrate", {"act": "no such"}))
    ),
    "deaf": Way("never ends, and does not stop when it is told to", _endless),
    "mute": Way("does not greet", _hang),
    "refuses": Way("refuses whoever connects", _hang),
    "301": Way("sends whoever connects elsewhere", _hang),
    "401": Way("refuses the key", _hang),
    "html": Way("is a web server", _hang),
}
