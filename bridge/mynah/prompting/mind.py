"""A mind with a character, a memory and a conversation: what a stateless model is told."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Literal

from mynah.characters.lorebook import Lorebook
from mynah.characters.macros import Context, expand
from mynah.characters.view import View
from mynah.companions.base import Said, Usage
from mynah.companions.history import message, tokens
from mynah.companions.mind import Chat
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from mynah.memory.store import MemoryStore
from mynah.prompting.building import Moment, Past, chat_of
from mynah.prompting.character import NAME, Character, of_card, of_card_in_short, of_persona
from mynah.prompting.lore import Lore, LoreKeeper
from mynah.prompting.meter import Meter
from mynah.prompting.remembering import Ask, Remembering
from mynah.prompting.repetition import Habits, habits
from mynah.prompting.room import SMALL, Room, newest, room_of
from mynah.prompting.wording import Wording, language_group, wording

LOCAL: Final = "local"
"""The companion whose model is too small for a long prompt, or for thinking back."""

MOST_OFF: Final = 3.0
"""How far a backend's count of tokens may be from ours: Chinese is, where it has few signs."""

TOUCHED: Final = "…"
"""What a wearer says who says nothing: a model wants words to answer."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose mind it is."""

    view: View | None = None
    """Of the card; without one it is Mynah, or who the persona says."""
    persona: str = ""
    user_name: str = ""
    """What the wearer is called; empty if nobody said."""
    room: Room = field(default_factory=Room)
    small: bool = False
    """For a model that follows only examples: it is told next to nothing else."""
    companion: str = ""
    """Who answers, for the log."""
    reflect: Literal["companion", "rules", "never"] = "companion"
    """Who looks for facts when nobody talks."""


class CharacterMind:
    """Begin it with `open_mind`."""

    def __init__(
        self,
        who: Who,
        memory: Remembering,
        meter: Meter | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` tells seconds since 1970."""
        self.meter = meter
        self._who = who
        self._clock = clock
        self._memory = memory
        book = who.view.book if who.view else None
        name = who.view.called if who.view else NAME
        self._lore = LoreKeeper(
            Lorebook.of(book, name, who.user_name) if book else None, who.room.lore, name
        )
        self._characters: dict[str, Character] = {}
        self._came_up: tuple[Said, Lore] | None = None
        self._unpaid: list[int] = []  # prompts of which nobody told yet what they cost
        self._is_paid = False  # the last of them was told
        self._real_share = 1.0  # of the tokens that we count, as the backend counts them

    def beside(self, companion: str) -> "CharacterMind":
        """The same for one that answers instead: one memory, one conversation."""
        who = replace(self._who, companion=companion, reflect="rules")
        if companion == LOCAL:
            who = replace(who, room=room_of(SMALL.turns, small=True), small=True)
        return CharacterMind(who, self._memory, None, self._clock)

    @property
    def store(self) -> MemoryStore:
        """The log and the facts."""
        return self._memory.store

    @property
    def reflects(self) -> bool:
        """Whether the companion may be asked to think back."""
        return self._who.reflect == "companion"

    def chat(self, said: Said) -> Chat:
        """What to ask a model now; within 10 ms."""
        if self._memory.asked and said.text == self._memory.asked:
            self._asked(tokens(said.text))
            return Chat((), (message("user", said.text),))
        self._memory.catch_up()
        words = wording(said.language)
        who = self._character(said.language, words)
        messages = self._memory.history.messages(said.text or said.ring or TOUCHED)
        messages = newest(messages, self._who.room.turns)
        past = Past(tuple(messages), self._memory.summary, tuple(self.store.pinned()))
        moment = self._moment(said, who, words, [each["content"] for each in messages])
        chat = chat_of(who, past, moment, self._who.room, words)
        self._asked(sum(tokens(each["content"]) for each in chat.messages()))
        return chat

    def heard(self, said: Said, text: str) -> None:
        """A turn is over. The companion that asks `chat` passes this on, nobody else."""
        came_up = self._came_up
        self._lore.commit(came_up[1].state if came_up and came_up[0].text == said.text else None)
        self._reckon(text)
        self.remember(said, text)

    def remember(self, said: Said, text: str, by: str = "") -> None:
        """Write a turn down. For companions that keep the conversation themselves, too.

        `by` says who answered instead: what CARE did is told no model.
        """
        self._memory.catch_up()
        if said.text or said.ring or text:
            now, who = self._clock(), by or self._who.companion
            self._memory.add(Turn(said.text, text, now, who, said.language, said.ring))

    def used(self, usage: Usage) -> None:
        """What an answer cost, thrown away or not."""
        self._is_paid = True
        if self._unpaid and usage.prompt > 0:
            share = usage.prompt / max(self._unpaid.pop(), 1)
            self._real_share = min(max(share, 1 / MOST_OFF), MOST_OFF)
        if self.meter is not None:
            self.meter.add(usage)

    def refused(self) -> None:
        """Not a piece of an answer came of the last `chat`: nobody is paid for that."""
        if self._unpaid:
            self._unpaid.pop()

    def forget(self) -> None:
        """Tell the next answer nothing of the last turns; the log and the facts stay."""
        self._memory.history.forget()

    async def idle(self, now: float, ask: Ask | None = None, *, quiet: bool = False) -> list[Fact]:
        """Call it now and then when nobody talks; the facts that were noted.

        `ask` is the companion's `reply`, if it keeps no conversation of its own; `quiet` says
        that it is night. Cancel it when somebody talks: then it is done another time.
        """
        if self._who.reflect == "never" or not self._memory.due(now, quiet=quiet):
            return []
        return await self.reflect(ask, now)

    async def reflect(self, ask: Ask | None, now: float | None = None) -> list[Fact]:
        """Think back at once. CompanionError if the companion could not."""
        may_ask = self.reflects and (self.meter is None or self.meter.allows())
        name = self._who.view.called if self._who.view else NAME
        moment = self._clock() if now is None else now
        return await self._memory.reflect(ask if may_ask else None, name, moment)

    async def close(self) -> None:
        """Until all is written."""
        await self._memory.close()
        if self.meter is not None:
            await self.meter.close()

    def _moment(
        self, said: Said, who: Character, words: Wording, messages: Sequence[str]
    ) -> Moment:
        now = self._clock()
        local = dt.datetime.fromtimestamp(now).astimezone()
        lore = self._lore.now(messages)
        self._came_up = (said, lore)
        context = Context(char=who.name, user=who.user, now=local, random=Random(who.name))
        pause_s = self._memory.pause_s(now)
        return Moment(
            lore=tuple(expand(line, context) for line in lore.lines),
            at_depth=tuple(replace(it, text=expand(it.text, context)) for it in lore.at_depth),
            memories=self._memory.recall(said.text, now) if said.text else (),
            time="" if self._who.small else words.time(local, pause_s),
            ring=said.ring if said.text else "",
            habits=habits(tuple(self._memory.replies)) if self._who.room.avoid else Habits(),
        )

    def _character(self, language: str, words: Wording) -> Character:
        """Made once a language: it is the part of a prompt that must not change."""
        group = language_group(language)
        if group not in self._characters:
            self._characters[group] = self._made(words)
        return self._characters[group]

    def _made(self, words: Wording) -> Character:
        who = self._who
        user = who.user_name or words.user
        if who.view is None:
            return of_persona(who.persona, user, words, small=who.small)
        now = dt.datetime.fromtimestamp(self._clock()).astimezone()
        if who.small:
            return of_card_in_short(who.view, user, words, who.room, now)
        return of_card(who.view, self._lore.constant, user, words, who.room, now)

    def _asked(self, prompt_tokens: int) -> None:
        self._is_paid = False
        self._unpaid.append(prompt_tokens)

    def _reckon(self, text: str) -> None:
        """An answer that was thrown away, or whose backend tells no usage, is not for nothing."""
        unpaid, self._unpaid = self._unpaid, []
        if self.meter is None:
            return
        for at, prompt in enumerate(unpaid):
            is_heard = at == len(unpaid) - 1 and not self._is_paid
            answer = tokens(text) if is_heard else 0
            share = self._real_share
            self.meter.add(Usage(round(prompt * share), round(answer * share)), guessed=True)
