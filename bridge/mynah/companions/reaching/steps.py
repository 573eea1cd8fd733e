"""How the frames of any backend become an answer: deadlines, thoughts, errors, an end."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from mynah.companions.base import Piece, Reply, Usage
from mynah.companions.plausible import PlausibleText
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.openai_http import MOST_BYTES, TooMuchError
from mynah.companions.thoughts import Thoughts

LINGER_S: Final = 0.2
"""What follows the last word, the usage mostly: read, so that the connection can be used again, but
not waited for."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame comes to."""

    pieces: tuple[Piece, ...] = ()
    done: bool = False
    """The answer is whole."""
    error: str | None = None
    """The backend gave up, and why."""
    final: bool = False
    """Asking again won't help."""
    idle: bool = False
    """A sign of life and no more: it stops no clock."""


class BrokenError(Exception):
    """The connection ended in the middle."""


Frame = TypeVar("Frame")
Read: TypeAlias = Callable[[Frame], Step | None]
"""None if a frame is not of this protocol at all."""


async def answer(
    frames: AsyncGenerator[Frame, None],
    read: Read[Frame],
    trouble: Trouble,
    *,
    open_end: bool = False,
) -> Reply:
    """The pieces as they come, to the last; CompanionError if that does not come.

    With an `open_end` the frames may simply end. Closing this closes the frames.
    """
    spoken = _Spoken(trouble.whose)
    begun = False
    async with aclosing(frames):
        try:
            step = Step()
            while not step.done:
                async with asyncio.timeout(trouble.wait_s):
                    step = await _next(frames, read, trouble, open_end, begun)
                for part in spoken.pieces(step):
                    begun = True
                    yield part
                spoken.check()
        except TimeoutError as error:
            raise trouble.silent(begun=begun) from error
        except BrokenError as error:
            raise trouble.cut_off(begun=begun) from error
        except TooMuchError as error:
            raise trouble.too_much(MOST_BYTES) from error
        for part in spoken.flush():
            yield part
        if usage := await _usage(frames, read):
            yield usage


async def once_more(
    kept: bool,  # noqa: FBT001 - a fact about the connection
    ask: Callable[[], AsyncGenerator[Frame, None]],
) -> AsyncGenerator[Frame, None]:
    """The frames of one asking; of a second if a kept connection proves dead before the first."""
    begun = False
    for last in (not kept, True):
        try:
            async with aclosing(ask()) as frames:
                async for frame in frames:
                    begun = True
                    yield frame
        except BrokenError:
            if last or begun:
                raise
        else:
            return


async def _next(
    frames: AsyncGenerator[Frame, None],
    read: Read[Frame],
    trouble: Trouble,
    open_end: bool,  # noqa: FBT001 - as in `answer`
    begun: bool,  # noqa: FBT001 - a fact about the answer
) -> Step:
    async for frame in frames:
        step = read(frame)
        if step is None:
            raise trouble.no_sense()
        if step.error is not None:
            raise trouble.gave_up(step.error, final=step.final)
        if not step.idle:
            return step
    if not open_end:
        raise trouble.cut_off(begun=begun)
    return Step(done=True)


async def _usage(frames: AsyncGenerator[Frame, None], read: Read[Frame]) -> Usage | None:
    """What an answer cost, if that comes after its end."""
    found: Usage | None = None
    with suppress(TimeoutError, BrokenError, TooMuchError):
        async with asyncio.timeout(LINGER_S):
            async for frame in frames:
                step = read(frame)
                for piece in step.pieces if step else ():
                    found = piece if isinstance(piece, Usage) else found
    return found


class _Spoken:
    """What of an answer is words, and what its thoughts."""

    def __init__(self, whose: str) -> None:
        self._thoughts = Thoughts()
        self._plausible = PlausibleText(whose)
        self.check = self._plausible.check

    def pieces(self, step: Step) -> list[Piece]:
        found: list[Piece] = []
        for piece in step.pieces:
            if isinstance(piece, str):
                found += self._clean(self._thoughts.push(piece))
            else:
                found.append(piece)
        return found

    def flush(self) -> list[Piece]:
        return [*self._clean(self._thoughts.flush()), *filter(None, [self._plausible.flush()])]

    def _clean(self, parts: Sequence[Piece]) -> list[Piece]:
        clean = [self._plausible.push(part) if isinstance(part, str) else part for part in parts]
        return [part for part in clean if part]
