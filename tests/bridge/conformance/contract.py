"""What a case of the conformance suite has in hand: a row of the table, a companion, its fake.

A row says how to make the companion and its fake. What every companion must do stands in `cases`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

from mynah.companions.base import Capabilities, Said, Sound
from mynah.errors import CompanionError

SAID: Final = Said("Good morning. Did you sleep well?", "en")
NEXT: Final = Said("Then tell me more.", "en")
ANSWER: Final = f"You said: {SAID.text}"
"""What a fake that behaves as `echo` answers; blanks at the end don't count."""

HEARD: Final = "You said: Good"
WAIT_S: Final = 0.5
"""How long a companion is made to wait for its server: `Adapter.make` sets it."""

GONE_S: Final = 1.0
"""The promise: a connection that nobody listens to any more is closed within this time."""

ENDS_S: Final = 20.0
"""Any case that takes longer hangs."""

ALL: Final = frozenset(
    {
        *("echo", "thoughts", "trickle", "controls", "endless", "busy"),
        *("hang", "stall", "cut", "error", "garbage", "binary"),
    }
)
"""The ways to behave that cases ask for, and `cut@N`. See mynah.companions.fakes.behaviour."""

SECRET: Final = "sk-very-secret-1234"
"""The key that `make` gives to a companion which has one."""


class Asked(Protocol):
    """One request for an answer, as a fake noted it."""

    @property
    def told(self) -> str:
        """All that the server was told with it, as text."""

    @property
    def ended(self) -> asyncio.Event:
        """The answer is over, this way or that."""

    @property
    def hung_up(self) -> bool:
        """The client left, or called it off, before the answer was over."""


class Fake(Protocol):
    """A server that behaves as it is told to."""

    requests: list[Any]
    """Each an Asked."""
    asked: asyncio.Event
    """There was a request."""

    def behave(self, way: str) -> None:
        """From now on: one of ALL, or cut@N."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...


@dataclass(frozen=True)
class Adapter:
    """A row of the table."""

    name: str
    fake: Callable[[], Fake]
    make: Callable[[Any], Any]
    """A companion that talks to this fake, waits WAIT_S at most, and has the key SECRET."""
    capabilities: Capabilities = field(default_factory=Capabilities)
    """What is promised; the companion's own must say the same."""
    ways: frozenset[str] = ALL
    """Those that its fake can do."""
    body_bytes: int = 0
    """Of an answer, for `cut@N`; 0 leaves that case out."""
    tells_heard: bool = False
    """After an interruption the next turn tells the server what was heard."""
    outside: bool = False
    """Its fake is a program of its own, for which a clock can't be hurried."""
    real: str = ""
    """What real server it was tried with as well; empty if with a fake alone."""


Case = Callable[[Adapter], Awaitable[None]]


@asynccontextmanager
async def talking(row: Adapter, way: str = "echo") -> AsyncIterator[tuple[Any, Any]]:
    """A companion and its fake, which behaves in this way."""
    async with asyncio.timeout(ENDS_S), row.fake() as fake:
        fake.behave(way)
        companion = row.make(fake)
        try:
            if hasattr(companion, "start"):
                await companion.start()
            yield companion, fake
        finally:
            await companion.close()


async def answer(companion: Any, said: Said = SAID) -> tuple[list[Any], CompanionError | None]:
    """The pieces, and the error that ended them if one did."""
    pieces: list[Any] = []
    try:
        async with aclosing(companion.reply(said)) as reply:
            async for piece in reply:
                pieces.append(piece)  # noqa: PERF401 - what came before the error counts
    except CompanionError as error:
        return pieces, error
    return pieces, None


def spoken(pieces: Iterable[Any]) -> str:
    """What of it is heard."""
    texts = [each.text if isinstance(each, Sound) else each for each in pieces]
    return "".join(each for each in texts if isinstance(each, str)).strip()


async def gone(request: Any) -> bool:
    """Whether the client hung up, in time."""
    async with asyncio.timeout(GONE_S):
        await request.ended.wait()
    return bool(request.hung_up)


def well_put(error: CompanionError | None) -> None:
    """One line, no full stop, no secret."""
    assert error is not None, "it went wrong, and nobody was told"
    line = str(error)
    assert line, "an error without a word"
    assert "\n" not in line, line
    assert not line.endswith("."), line
    assert SECRET not in line, line
    assert line.isprintable(), repr(line)


async def well_after(companion: Any, fake: Any) -> None:
    """The next turn is answered."""
    fake.behave("echo")
    pieces, error = await answer(companion, NEXT)
    assert error is None, error
    assert spoken(pieces).endswith(NEXT.text), spoken(pieces)


async def called_off(companion: Any, heard: str) -> None:
    """As the bridge does after an interruption, if the companion wants to know."""
    if hasattr(companion, "cancel"):
        await companion.cancel(heard, 400)
