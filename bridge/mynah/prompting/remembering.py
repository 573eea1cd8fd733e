"""What a mind remembers in a conversation: the last turns, what they call to mind."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from mynah.companions.base import Said
from mynah.companions.history import History
from mynah.errors import CompanionError
from mynah.memory import asking
from mynah.memory.asking import Thought
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from mynah.memory.noticing import notice
from mynah.memory.recall import MOST_RECALLED
from mynah.memory.reflection import Reflection
from mynah.memory.store import FOLDED, SUMMARY, MemoryStore
from mynah.memory.writing import Writing
from mynah.prompting.repetition import MOST_REPLIES
from mynah.prompting.room import KEPT_TURNS, MOST_TURNS

Ask = Callable[[Said], AsyncGenerator[Any, None]]
"""A companion's `reply`."""

ANSWER_S: Final = 120.0
"""For thinking back: nobody waits for it, but a server that never ends is hung up on."""

FEW: Final = 2
"""Facts: if a sentence calls no more to mind, the one before it may say what it is about."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What the file says at one moment."""

    turns: tuple[Turn, ...]
    summary: str
    new: int
    """Turns that were not thought back over."""
    after_turn: int
    """How many turns had been added here by then."""


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
        self._added = 0
        self._stale = False
        self._read: _Read | None = self._read_file(0)
        self.catch_up()

    def catch_up(self) -> None:
        """Take what another program made of the file, if it did: what it forgot is forgotten."""
        read, self._read = self._read, None
        if read is None:
            return
        if read.after_turn != self._added:
            self._stale = True  # a turn came between; it is read again after the next
            return
        self.history.forget()
        self.replies.clear()
        self._last_at = None
        for turn in read.turns:
            self._take(turn)
        self.history.keep_last(MOST_TURNS // 2)
        self.summary = read.summary if self._summaries else ""
        self._reflection.done()
        self._reflection.turns(read.turns[-1].at if read.turns else 0.0, read.new)

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
        self._added += 1
        self._take(turn)
        self._reflection.turns(turn.at)
        self._writing.want(partial(self._keep, turn, self._added))

    def due(self, now: float, *, quiet: bool) -> bool:
        """Whether to think back now."""
        return self._reflection.due(now, quiet=quiet)

    async def reflect(self, ask: Ask | None, character: str, now: float) -> list[Fact]:
        """Note what is worth it in turns that were not thought about, and go on with the summary.

        With `ask` a companion is asked; without, or if it notes nothing, rules look. The facts.
        """
        await self._writing.end()
        turns = await asyncio.to_thread(self._unfolded)
        if not turns:
            self._reflection.done()
            return []
        try:
            thought = await self._thought(ask, turns, character, now)
        except (CompanionError, TimeoutError):
            self._reflection.failed(now)
            raise
        facts, left = await asyncio.to_thread(self._fold, turns, thought)
        self._reflection.done(left)
        if thought.summary:
            self.summary = thought.summary
            self.history.keep_last(KEPT_TURNS)
        return facts

    async def close(self) -> None:
        """Until all is written."""
        await self._writing.end()
        self.store.close()

    def _take(self, turn: Turn) -> None:
        self.history.add(turn.said or turn.ring, turn.heard)
        if turn.heard:
            self.replies.append(turn.heard)
        self._last_said = turn.said or self._last_said
        self._last_at = turn.at or None  # nobody knows when an imported one was

    def _keep(self, turn: Turn, added: int) -> None:
        """In a thread."""
        self.store.add_turns([turn])
        self._stale |= self.store.refresh()
        if self._stale and added == self._added:
            self._stale = False
            self._read = self._read_file(added)

    def _read_file(self, added: int) -> _Read:
        new = len(self.store.log(after=int(self.store.note(FOLDED) or 0), most=asking.MOST_TURNS))
        turns = tuple(self.store.last_turns(max(MOST_REPLIES, MOST_TURNS)))
        return _Read(turns, self.store.note(SUMMARY), new, added)

    def _unfolded(self) -> list[Turn]:
        return self.store.log(after=int(self.store.note(FOLDED) or 0), most=asking.MOST_TURNS)

    async def _thought(
        self, ask: Ask | None, turns: Sequence[Turn], character: str, now: float
    ) -> Thought:
        # Of turns that were imported there may be thousands: nobody is paid for reading them all.
        if ask is None or all(turn.source for turn in turns):
            return Thought(tuple(notice(turns, now)))
        language = turns[-1].language
        earlier = self.summary if self._summaries else None
        self.asked = asking.question(turns, language, character, earlier)
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await _answer(ask(Said(self.asked, language)))
        finally:
            self.asked = ""
        thought = asking.parse(answer, turns, language, now)
        return thought if thought.facts else Thought(tuple(notice(turns, now)), thought.summary)

    def _fold(self, turns: Sequence[Turn], thought: Thought) -> tuple[list[Fact], int]:
        """In a thread."""
        facts = [self.store.add(fact) for fact in thought.facts]
        last = str(turns[-1].id)
        notes = {FOLDED: last, SUMMARY: thought.summary} if thought.summary else {FOLDED: last}
        self.store.set_notes(notes)
        return facts, len(self._unfolded())


async def _answer(reply: AsyncGenerator[Any, None]) -> str:
    """What is said of it, as far as anybody reads it."""
    answer = ""
    async with aclosing(reply):
        async for piece in reply:
            answer += piece if isinstance(piece, str) else ""
            if len(answer) >= asking.MOST_ANSWER:
                break
    return answer
