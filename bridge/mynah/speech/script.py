"""What a reply has still to say: text in as the companion writes it, clauses out as needed."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from mynah.companions.base import Sound
from mynah.speech.sentences import ClauseSplitter
from mynah.speech.sizing import Pace

CLAUSES_AHEAD: Final = 8
"""How far the companion may be ahead of the voice: a model writes faster than anybody speaks."""

LOOK_AGAIN_S: Final = 0.05
"""How exactly the moment is met from which the voice can't wait; the margin allows for it."""


class Script:
    """One reply's. One task writes, another one reads."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._splitter = ClauseSplitter()
        self._clauses: deque[str | Sound] = deque()
        self._begun = False
        self._ended = False
        self._changed = asyncio.Event()

    async def write(self, piece: str) -> None:
        """The companion said more; returns once the voice is not too far behind."""
        self._add(self._splitter.push(piece))
        while len(self._clauses) > CLAUSES_AHEAD:
            await self._wait()

    async def voice(self, sound: Sound) -> None:
        """The companion said more in a voice of its own, after all that it wrote before."""
        self._add([*self._splitter.flush(), sound])
        while len(self._clauses) > CLAUSES_AHEAD:
            await self._wait()

    def end(self) -> None:
        """The companion has finished."""
        self._ended = True
        self._add(self._splitter.flush())

    async def read(self, lead_ms: Callable[[], float]) -> str | Sound | None:
        """What to say next, None at the end; `lead_ms` tells how much sound is yet to be heard."""
        while not self._clauses and not self._ended:
            # Nobody waits for a second clause before they have heard the first.
            pending = self._splitter.pending if self._begun else ""
            late = pending and self._pace.patience_ms(pending, lead_ms()) <= 0
            if late and (head := self._splitter.hurry()):
                self._add([head])
            else:
                await self._wait(LOOK_AGAIN_S if pending and not late else None)
        if not self._clauses:
            return None
        clause, rest = self._clauses.popleft(), ""
        if self._begun and isinstance(clause, str):
            clause, rest = self._pace.fitting(clause, lead_ms())
        if rest:
            self._clauses.appendleft(rest)
        self._begun = True
        self._changed.set()
        return clause

    def _add(self, clauses: Sequence[str | Sound]) -> None:
        self._clauses.extend(clauses)
        self._changed.set()

    async def _wait(self, at_most_s: float | None = None) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._changed.wait()
