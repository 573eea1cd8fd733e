"""The outermost companion: care comes first, tags become acts, and somebody always answers."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any, Final

from mynah.acts.emotions import act_of
from mynah.acts.role_play import RolePlay
from mynah.acts.vocabulary import VOCABULARY
from mynah.care.caring import Caring, Manner
from mynah.companions.around import Around
from mynah.companions.base import (
    Act,
    Begin,
    Companion,
    Emotion,
    Instead,
    Piece,
    Reply,
    Said,
    Sound,
    ToolCall,
    Touch,
    Usage,
)
from mynah.companions.guest import Guest
from mynah.companions.ring_tools import FULL_GAIN, MOST_TIMES, NOT_OFFERED
from mynah.errors import CompanionError, MynahError, one_line
from mynah.memory.log import CARE
from mynah.prompting.mind import CharacterMind

MOST_ASKED: Final = 8
"""A turn is told what was heard of it before so many others were answered."""

SAYS_NOTHING: Final = "the companion had nothing to say"
SPENT: Final = "the day's budget is spent; `mynah usage` shows it"


def _wall_ms() -> float:
    return time.time() * 1000


class Home(Around):
    """What comes out is words, acts of the ring, and sound: nothing else."""

    def __init__(
        self,
        companion: Companion,
        caring: Caring,
        *,
        mind: CharacterMind | None = None,
        has_mind: bool = False,
        fallback: Guest | None = None,
        clock: Callable[[], float] = _wall_ms,
        language: str = "en",
    ) -> None:
        """`has_mind`: the companion asks the mind itself, and tells it what was heard. `fallback`
        answers where the companion can't, or the budget does not allow it.
        """
        super().__init__(companion)
        self._caring = caring
        self._fallback = fallback
        self._mind = mind
        self._has_mind = has_mind
        self._clock = clock
        self._language = language
        self._asked: deque[tuple[Said, Companion | None]] = deque(maxlen=MOST_ASKED)
        """Who answered what; None for words of care."""

    @property
    def free(self) -> bool:
        return self.companion.free and (self._fallback is None or self._fallback.free)

    async def start(self) -> None:
        try:
            await self.companion.start()
        except CompanionError:
            if self._fallback is None:
                raise
            await self._fallback.start()  # why the companion does not answer is told in each turn

    async def reply(self, said: Said) -> Reply:
        manner = self._caring.of(said, self._clock())
        if manner.act is not None:
            yield manner.act
        if manner.instead:
            self._asked.append((said, None))
            yield Instead(CARE)
            yield manner.instead
            return
        line = "\n".join(part for part in (said.ring, manner.line) if part)
        asked = self._answered(said, line)
        async with aclosing(_felt(asked)) as pieces:
            async for piece in _kept(pieces, manner):
                yield piece
        if manner.after is not None:
            yield manner.after

    def heard(self, said: Said, text: str) -> None:
        if text:
            self._caring.heard(said, self._clock())
        companion, mind = self._who_answered(said), self._mind
        if companion is not None:
            companion.heard(said, text)
        passed_on = companion is not None and (companion is self._fallback or self._has_mind)
        if mind is not None and not passed_on:
            mind.remember(said, text, CARE if companion is None else "")

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        who = self._asked[-1][1] if self._asked else self.companion
        if who is not None:
            await who.cancel(heard_text, heard_ms)

    def notify(self, touch: Touch) -> Reply | None:
        answer = self.companion.notify(touch)
        if answer is None and self.companion.capabilities.touched:
            answer = self._answered(Said("", self._language, touch.line), touch.line)
        return None if answer is None else _felt(answer)

    def on_proactive(self, begin: Begin) -> None:
        self.companion.on_proactive(lambda reply: begin(_felt(reply)))

    async def close(self) -> None:
        async with AsyncExitStack() as stack:  # each, whatever becomes of the others
            for each in (self._mind, self._fallback, self.companion):
                if each is not None:
                    stack.push_async_callback(each.close)

    def _who_answered(self, said: Said) -> Companion | None:
        """What nobody asked for was the companion's own."""
        found = (who for asked, who in reversed(self._asked) if asked is said)
        return next(found, self.companion)

    async def _answered(self, said: Said, line: str) -> Reply:
        """By the companion; by the fallback if not a word comes of that."""
        reason = ""
        if self._fallback is None or self._is_paid_for():
            begun = False
            try:
                async with aclosing(self._ask(self.companion, said, line)) as pieces:
                    async for piece in pieces:
                        begun = begun or _is_something(piece)
                        yield piece
            except Exception as error:  # a stranger's code: anything may come out of it
                if begun or self._fallback is None:
                    raise
                # A stranger's own words may hold what was said, or a key.
                known = isinstance(error, MynahError)
                reason = (
                    one_line(error) if known else f"the companion failed: {type(error).__name__}"
                )
            if begun or self._fallback is None:
                return
            reason = reason or SAYS_NOTHING
        yield Instead(self._fallback.name, reason or SPENT)
        async with aclosing(self._ask(self._fallback, said, line)) as pieces:
            async for piece in pieces:
                yield piece

    def _is_paid_for(self) -> bool:
        meter = None if self._mind is None else self._mind.meter
        return meter is None or meter.allows()

    async def idle(self, now: float, *, quiet: bool) -> None:
        """Nobody talks: time to think back. Cancel it when somebody does."""
        if self._mind is not None:
            await self._mind.idle(
                now, self.companion.reply if self._has_mind else None, quiet=quiet
            )

    async def _ask(self, companion: Companion, said: Said, line: str) -> Reply:
        self._asked.append((said, companion))
        async with aclosing(companion.reply(replace(said, ring=line))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Usage) and not self._has_mind:
                    self._count(piece)
                yield piece

    def _count(self, usage: Usage) -> None:
        """What a companion without a mind tells; one that has it tells it there."""
        if self._mind is not None and self._mind.meter is not None:
            self._mind.meter.add(usage)


async def _felt(answer: Reply) -> Reply:
    """What is written as an action or a feeling is done, and not read aloud."""
    parser = RolePlay()
    async with aclosing(answer) as pieces:
        async for piece in pieces:
            for each in _pieces_of(piece, parser):
                yield each
    for each in parser.flush():
        yield each


def _pieces_of(piece: Piece, parser: RolePlay) -> list[Piece]:
    found: list[Piece] = []
    match piece:
        case str():
            found = [*parser.push(piece)]
        case Sound():
            found = _sound(piece, parser)
        case Emotion():
            act = act_of(piece.name)
            found = [] if act is None else [act]
        case ToolCall():
            found = _act_called(piece.arguments)
        case Act():
            found = _bounded(piece)
        case Instead():
            found = [piece]
    return found


def _sound(sound: Sound, parser: RolePlay) -> list[Piece]:
    """A voice of its own has said what is in its text: the tags are felt as well."""
    found = [*parser.push(sound.text), *parser.flush()] if sound.text else []
    text = "".join(each for each in found if isinstance(each, str))
    return [*(each for each in found if isinstance(each, Act)), Sound(sound.samples, text)]


def _act_called(arguments: dict[str, Any]) -> list[Piece]:
    """What a tool of the ring was called with; nothing if that is no act."""
    if not isinstance(arguments, dict):
        return []
    name, numbers = arguments.get("name"), {}
    for key in ("gain", "repeat"):
        if isinstance(arguments.get(key), int):
            numbers[key] = arguments[key]
    return _bounded(Act(name, **numbers)) if isinstance(name, str) else []


def _bounded(act: Act) -> list[Piece]:
    """Rituals and a cry for help are no model's to begin, and nothing goes on for ever."""
    if act.name not in VOCABULARY or act.name in NOT_OFFERED:
        return []
    gain, repeat = max(0, min(FULL_GAIN, act.gain)), max(1, min(MOST_TIMES, act.repeat))
    return [Act(act.name, gain, repeat)]


def _is_something(piece: Piece) -> bool:
    """Whether the wearer notices it."""
    return isinstance(piece, Sound | Act) or (isinstance(piece, str) and bool(piece.strip()))


async def _kept(pieces: Reply, manner: Manner) -> Reply:
    """A goodbye is one line."""
    goodbye, sounds = manner.goodbye, False
    async for piece in pieces:
        if goodbye is None or not isinstance(piece, str | Sound):
            yield piece
            continue
        if goodbye.done and not (sounds and isinstance(piece, Sound) and not piece.text):
            return
        if isinstance(piece, Sound):
            sounds = goodbye.allows(piece.text) if piece.text else sounds
            if sounds:
                yield piece
        elif text := goodbye.push(piece):
            yield text
    if goodbye is not None and (rest := goodbye.flush()):
        yield rest
