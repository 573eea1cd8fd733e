"""Who speaks: what of a card, or of Mynah herself, stands in every prompt. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from mynah.characters.macros import Context, expand
from mynah.characters.view import AtDepth, View
from mynah.companions.history import tokens
from mynah.companions.persona import EXAMPLES, PERSONA
from mynah.prompting.room import Room, shortened
from mynah.prompting.wording import Wording

NAME: Final = "Mynah"

SHORT: Final = "Answer in one or two short sentences."
"""All that a small model follows of how to talk."""


@dataclass(frozen=True, slots=True)
class Character:
    """Macros are replaced, all within its room."""

    name: str
    user: str
    system: tuple[str, ...]
    """Who it is, in order; how it talks comes after it."""
    manner: str
    scene: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    greeting: str = ""
    """With which it is taken to have begun the conversation."""
    after: str = ""
    """What stands after the conversation."""
    at_depth: tuple[AtDepth, ...] = ()
    in_turns: bool = False
    """It is reminded of things in turns: SmolLM2 takes a system's line in the middle for a new
    beginning, and forgets who it is."""


def of_card(
    view: View, constant: Sequence[str], user: str, words: Wording, room: Room, now: dt.datetime
) -> Character:
    """The character of a card; `constant` is the lore that always stands there."""
    told = _Telling(view, user, now)
    main = words.main.format(char=told.name, user=user)
    short = room.character // 4
    personality = told(view.personality, short)
    system = [
        told(view.system_prompt, room.character, main) or main,
        told(view.description, room.character),
        words.personality.format(text=personality) if personality else "",
        *(told(line, room.lore) for line in constant),
    ]
    deep = view.depth_prompt
    return Character(
        name=told.name,
        user=user,
        system=tuple(filter(None, system)),
        manner=words.manner.format(user=user),
        scene=told(view.scenario, short),
        examples=_examples(view, told, room),
        greeting=told(view.first_mes, room.greeting),
        after=told(view.post_history_instructions, short),
        at_depth=(replace(deep, text=told(deep.text, short)),) if deep else (),
    )


def of_card_in_short(
    view: View, user: str, words: Wording, room: Room, now: dt.datetime
) -> Character:
    """The same for a small model: who it is, in one part, and how it talks."""
    told = _Telling(view, user, now)
    main = words.main.format(char=told.name, user=user)
    about = told(view.description or view.personality, room.character)
    system = " ".join(part for part in (main, about, SHORT) if part)
    examples = _examples(view, told, room)
    return Character(told.name, user, (system,), "", examples=examples, in_turns=True)


def of_persona(persona: str, user: str, words: Wording, *, small: bool) -> Character:
    """Mynah, or whom the settings' own words describe."""
    if small:
        examples = () if persona else EXAMPLES
        return Character(NAME, user, (persona or PERSONA,), "", examples=examples, in_turns=True)
    about = persona or words.persona.format(user=user)
    return Character(NAME, user, (about,), manner=words.manner.format(user=user))


class _Telling:
    """A card's words with its macros replaced, as far as there is room."""

    def __init__(self, view: View, user: str, now: dt.datetime) -> None:
        self.name = view.called or NAME
        self._context = Context(self.name, user, now, Random(self.name), seed=self.name)

    def __call__(self, text: str, most_tokens: int, original: str = "") -> str:
        """`original` is what the card's words stand in place of."""
        context = replace(self._context, original=original) if original else self._context
        return shortened(expand(text, context), most_tokens)


def _examples(view: View, told: _Telling, room: Room) -> tuple[tuple[str, str], ...]:
    """The first that there is room for."""
    kept: list[tuple[str, str]] = []
    spent = 0
    for said, answer in view.examples:
        if not said.strip():
            continue
        pair = (told(said, room.examples), told(answer, room.examples))
        spent += tokens(pair[0]) + tokens(pair[1])
        if spent > room.examples:
            break
        kept.append(pair)
    return tuple(kept)
