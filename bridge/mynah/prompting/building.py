"""Puts a prompt together: what seldom changes first, then the conversation, then this moment. Pure.

    system      who it is, constant lore, pinned facts, how to talk     changes hardly ever
    examples
    turns       summary, greeting, the last turns                       grows at its end
                this moment: lore, memories, time, ring, what to avoid  another in each turn
                what is said now

A server's cache serves everything up to the first difference from the last prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mynah.characters.view import AtDepth
from mynah.companions.history import ChatMessage, message, without_markup
from mynah.companions.mind import Chat
from mynah.memory.fact import Fact, clean
from mynah.memory.noticing import in_own_words
from mynah.prompting.character import Character
from mynah.prompting.repetition import Habits
from mynah.prompting.room import Room, fitting, shortened
from mynah.prompting.wording import Wording

MOST_LINE: int = 400
"""Characters of a memory, the ring's line or a phrase: others wrote them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is different in every turn."""

    lore: tuple[str, ...] = ()
    at_depth: tuple[AtDepth, ...] = ()
    memories: tuple[Fact, ...] = ()
    time: str = ""
    ring: str = ""
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True, slots=True)
class Past:
    """What came before."""

    messages: tuple[ChatMessage, ...]
    """The last turns; the last message is what is said now."""
    summary: str = ""
    pinned: tuple[Fact, ...] = ()


def chat_of(who: Character, past: Past, moment: Moment, room: Room, words: Wording) -> Chat:
    """The whole prompt."""
    pinned = _listed(words.pinned.format(user=who.user), past.pinned, who, room.pinned)
    return Chat(
        system=tuple(filter(None, (*who.system, pinned, who.manner))),
        turns=tuple(_turns(who, past, moment, room, words)),
        examples=who.examples,
        character=who.name,
        user="" if who.user == words.user else who.user,
        scene=who.scene,
    )


def _turns(
    who: Character, past: Past, moment: Moment, room: Room, words: Wording
) -> list[ChatMessage]:
    *before, now = past.messages
    turns = list(before)
    deep = sorted([*who.at_depth, *moment.at_depth], key=lambda each: -each.depth)
    for each in deep:  # the deepest first: each goes in without moving those that are
        at = max(len(turns) + 1 - max(each.depth, 1), 0)
        turns.insert(at, message(each.role, each.text))
    head = [message("system", words.begins.format(char=who.name))] if who.examples else []
    if summary := shortened(_line(past.summary, 4 * MOST_LINE), room.summary):
        head.append(message("system", words.summary.format(text=summary)))
    if who.greeting:
        head.append(message("assistant", who.greeting))
    if who.in_turns:
        return [*turns, *_reminded(who, moment, room, words), _with_ring(now, moment)]
    volatile = "\n".join(filter(None, _moment(who, moment, room, words)))
    here = [message("system", volatile)] if volatile else []
    return [*head, *turns, *here, now]


def _reminded(who: Character, moment: Moment, room: Room, words: Wording) -> list[ChatMessage]:
    told = [
        _line(in_own_words(fact.content), MOST_LINE) or words.remember.format(text=_told(fact, who))
        for fact in moment.memories
    ]
    kept = len(fitting([line + words.remembered for line in told], room.memories))
    reminded = []
    for line in told[:kept]:
        reminded += [message("user", line), message("assistant", words.remembered)]
    return reminded


def _with_ring(now: ChatMessage, moment: Moment) -> ChatMessage:
    ring = clean(moment.ring, MOST_LINE)
    return message("user", f"{ring}\n{now['content']}") if ring else now


def _moment(who: Character, moment: Moment, room: Room, words: Wording) -> list[str]:
    avoid: list[str] = []
    if room.avoid:
        habits = moment.habits
        openings = fitting([_line(each, 60) for each in habits.openings], room.avoid)
        phrases = fitting([_line(each, 60) for each in habits.phrases], room.avoid)
        if openings:
            avoid.append(words.openings.format(list=words.listed(tuple(openings))))
        if phrases:
            avoid.append(words.phrases.format(list=words.listed(tuple(phrases))))
    return [
        *fitting(list(moment.lore), room.lore),
        _listed(words.known.format(user=who.user), moment.memories, who, room.memories),
        moment.time,
        clean(moment.ring, MOST_LINE),
        *avoid,
        who.after,
    ]


def _listed(title: str, facts: Sequence[Fact], who: Character, most_tokens: int) -> str:
    lines = fitting([f"- {_told(fact, who)}" for fact in facts], most_tokens)
    return "\n".join([title, *lines]) if lines else ""


def _told(fact: Fact, who: Character) -> str:
    """A fact's words are a wearer's or a model's: no line of theirs begins a prompt of its own."""
    named = fact.content.replace("{{user}}", who.user).replace("{{char}}", who.name)
    return _line(named, MOST_LINE)


def _line(text: str, most: int) -> str:
    return clean(without_markup(text), most)
