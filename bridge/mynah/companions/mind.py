"""Whom a model is asked to be, and what it is told: the seam between models and minds.

A model that remembers nothing is told everything again in each turn. A mind decides what.
"""

from dataclasses import dataclass
from typing import Protocol

from mynah.companions.base import Said, Usage
from mynah.companions.history import ChatMessage, History, message
from mynah.companions.persona import EXAMPLES, PERSONA, SPOKEN


@dataclass(frozen=True, slots=True)
class Chat:
    """What a model is asked. What seldom changes stands first: servers read that from a cache."""

    system: tuple[str, ...]
    """Who it is, how it talks, what it must always know."""
    turns: tuple[ChatMessage, ...]
    """The conversation, oldest first; the last one is what is said now. What is nobody's words, a
    memory or the ring's line, has the role system, wherever it stands."""
    examples: tuple[tuple[str, str], ...] = ()
    """What a wearer might say, and how this character answers."""
    character: str = ""
    """Its name, where a server wants to know."""
    user: str = ""
    """The wearer's."""
    scene: str = ""
    """Where they are: part of `system` unless a server has a place of its own for it."""

    def messages(self) -> list[ChatMessage]:
        """For a model without roles of its own."""
        system = "\n\n".join(part for part in (*self.system, self.scene) if part)
        chat = [message("system", system)] if system else []
        for said, answer in self.examples:
            chat += [message("user", said), message("assistant", answer)]
        return [*chat, *self.turns]


class Mind(Protocol):
    """Has a character, a memory and a conversation."""

    def chat(self, said: Said) -> Chat:
        """What to ask a model now. Changes nothing: the answer may be thrown away."""

    def heard(self, said: Said, text: str) -> None:
        """A turn is over. The companion that asks `chat` passes this on, and nobody else."""

    def used(self, usage: Usage) -> None:
        """What an answer cost, thrown away or not."""

    def refused(self) -> None:
        """Not a piece of an answer came of the last `chat`: nobody is paid for that."""

    def forget(self) -> None:
        """Tell the next answer nothing of the last turns: they were too much for the model."""


class PlainMind:
    """A persona in a few words, and the last turns as they were heard."""

    def __init__(self, persona: str, context_tokens: int, *, small: bool = False) -> None:
        """An empty persona is Mynah's own; `small` is for a model that follows only examples."""
        self.history = History(context_tokens)
        plain = persona or PERSONA
        self._system = plain if small else plain + SPOKEN
        self._examples = EXAMPLES if small and not persona else ()

    def chat(self, said: Said) -> Chat:
        words = "\n".join(part for part in (said.ring, said.text) if part)
        return Chat((self._system,), tuple(self.history.messages(words)), self._examples)

    def heard(self, said: Said, text: str) -> None:
        self.history.add(said.text, text)

    def used(self, usage: Usage) -> None:
        """Nobody counts."""

    def refused(self) -> None:
        """Nor here."""

    def forget(self) -> None:
        self.history.forget()
