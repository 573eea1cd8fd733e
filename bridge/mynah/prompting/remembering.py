"""What a mind remembers in a conversation: the last turns, what they call to mind."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final

from mynah.companions.base import Said
from mynah.companions.history import History
from mynah.errors import MynahError
from mynah.memory import asking
from mynah.memory.asking import Thought
from mynah.memory.fact import Fact
from mynah.memory.log import CARE, Turn
from mynah.memory.noticing import notice
from mynah.memory.recall import MOST_RECALLED
from mynah.memory.reflection import Reflection
from mynah.memory.store import MemoryStore, Unthought
from mynah.memory.writing import MOST_WAITING, Writing
from mynah.prompting.repetition import MOST_REPLIES
from mynah.prompting.room import KEPT_TURNS, MOST_TURNS

Ask = Callable[[Said], AsyncGenerator[Any, None]]
"""A companion's `reply`."""

ANSWER_S: Final = 120.0
"""For thinking back: nobody waits for it, but a server that never ends is hung up on."""

THINKING_S: Final = 2 * ANSWER_S
"""After which who began to think back is taken to have been killed."""

FEW: Final = 2
"""Facts: if a sentence calls no more to mind, the one before it may say what it is about."""

_NEVER: Final = -1


class Remembering:
    """Of one character. Only `reflect` and `close` wait for anything."""

    def __init__(self, store: MemoryStore, turns_tokens: int, *, summaries: bool = True) -> None:
        """Without `summaries` the oldest turns are forgotten and not told in other words."""
        self.store = store
        self.history = History(turns_tokens, MOST_TURNS)
        self.replies: deque[str] = deque(maxlen=MOST_REPLIES)
        self.summary = ""
        self.asked = ""
        """What a companion is being asked by `reflect`, word for word: no wearer says that."""
        self._last_said = ""
        self._last_at: float | None = None
        self._summaries = summaries
        self._writing = Writing()
        self._reflection = Reflection()
        self._unkept: deque[Turn] = deque(maxlen=MOST_WAITING)
        self._seen = _NEVER
        self._read()

    def catch_up(self) -> None:
        """Take what another program made of the file, if it did: what it forgot is forgotten."""
        with suppress(MynahError), self.store.briefly():
            if self.store.times_changed != self._seen:
                self._read()

    def recall(self, text: str, now: float) -> tuple[Fact, ...]:
        """What these words call to mind, without what is always told."""
        found = [fact for fact in self.store.recall(text, now) if not fact.pinned]
        if len(found) < FEW and self._last_said:
            more = self.store.recall(f"{text} {self._last_said}", now)
            found += [fact for fact in more if not fact.pinned and fact not in found]
        return tuple(found[:MOST_RECALLED])

    def pause_s(self, now: float) -> float | None:
        """Since the last turn; None if there was none."""
        return None if self._last_at is None else now - self._last_at

    def add(self, turn: Turn) -> None:
        """A turn is over: it is written down soon."""
        self._take(turn)
        self._reflection.turns(turn.at, 0 if turn.is_unanswered else 1)
        self._unkept.append(turn)
        self._writing.want(partial(self._keep, turn))

    def due(self, now: float, *, quiet: bool) -> bool:
        """Whether to think back now; somebody else may have."""
        self.catch_up()
        return self._reflection.due(now, quiet=quiet)

    async def reflect(self, ask: Ask | None, character: str, now: float) -> list[Fact]:
        """Note what is worth it in turns that were not thought about, and go on with the summary.

        With `ask` a companion is asked; without, or if it notes nothing, rules look. The facts.
        """
        await self._writing.end()
        begin = partial(self.store.begin_thinking, asking.MOST_TURNS, now, now + THINKING_S)
        try:
            about = await asyncio.to_thread(begin)
            if about is None:
                return []
            try:
                return await self._think(ask, about, character, now)
            finally:
                self._writing.want(self.store.end_thinking)
        except Exception:  # whatever it was, it costs the same if it is tried again at once
            self._reflection.failed(now)
            raise

    async def close(self) -> None:
        """Until all is written."""
        await self._writing.end()
        self.store.close()

    def _take(self, turn: Turn) -> None:
        self._last_at = turn.at or None  # nobody knows when an imported one was
        if turn.companion == CARE:
            return
        self.history.add(turn.said or turn.ring, turn.heard)
        if turn.heard:
            self.replies.append(turn.heard)
        self._last_said = turn.said or self._last_said

    def _keep(self, turn: Turn) -> None:
        """In a thread."""
        self.store.add_turns([turn])
        with suppress(ValueError):
            self._unkept.remove(turn)

    def _read(self) -> None:
        """What the file says, and the turns that it does not have yet."""
        waiting = tuple(self._unkept)  # before the file is read: none is in neither
        about = self.store.unthought(asking.MOST_TURNS)
        self._seen = self.store.times_changed
        turns = self.store.last_turns(max(MOST_REPLIES, MOST_TURNS))
        kept = {replace(turn, id=0) for turn in turns}
        unkept = [turn for turn in waiting if turn not in kept]
        turns += unkept
        self.history.forget()
        self.replies.clear()
        self._last_said, self._last_at = "", None
        for turn in turns:
            self._take(turn)
        self.history.keep_last(MOST_TURNS // 2)
        self.summary = about.summary if self._summaries else ""
        last_at = turns[-1].at if turns else 0.0
        self._reflection.found(_answered([*about.turns, *unkept]), last_at)

    async def _think(
        self, ask: Ask | None, about: Unthought, character: str, now: float
    ) -> list[Fact]:
        if not about.turns:
            self._reflection.done()
            return []
        thought = await self._thought(ask, about, character, now)
        keep = partial(self.store.keep_thought, about, thought.facts, thought.summary)
        facts = await asyncio.to_thread(keep)
        self._reflection.done()
        self._seen = _NEVER
        self.catch_up()  # with the summary, unless that is forgotten by now
        if facts is not None and thought.summary:
            self.history.keep_last(KEPT_TURNS)
        return facts or []

    async def _thought(
        self, ask: Ask | None, about: Unthought, character: str, now: float
    ) -> Thought:
        turns = [turn for turn in about.turns if turn.companion != CARE]
        # Of turns that were imported there may be thousands: nobody is paid for reading them all.
        if ask is None or all(turn.source for turn in turns):
            return Thought(tuple(notice(turns, now)))
        language = turns[-1].language
        earlier = about.summary if self._summaries else None
        self.asked = asking.question(turns, language, character, earlier)
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await _answer(ask(Said(self.asked, language)))
        finally:
            self.asked = ""
        thought = asking.parse(answer, turns, language, now)
        return thought if thought.facts else Thought(tuple(notice(turns, now)), thought.summary)


def _answered(turns: Iterable[Turn]) -> int:
    """Of words of which nothing came none is a conversation yet: they wait for one."""
    return sum(not turn.is_unanswered for turn in turns)


async def _answer(reply: AsyncGenerator[Any, None]) -> str:
    """What is said of it, as far as anybody reads it."""
    answer = ""
    async with aclosing(reply):
        async for piece in reply:
            answer += piece if isinstance(piece, str) else ""
            if len(answer) >= asking.MOST_ANSWER:
                break
    return answer
