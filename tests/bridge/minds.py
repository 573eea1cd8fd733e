"""Minds for tests: a card, a memory that is gone with the test, and a clock that is moved."""

from mynah.characters.card import new_card
from mynah.companions.history import tokens
from mynah.memory.store import MemoryStore
from mynah.prompting.mind import CharacterMind, Who
from mynah.prompting.remembering import Remembering
from mynah.prompting.room import room_of
from tests.bridge.memories import NOW

LUNA = {
    "name": "Luna",
    "description": "{{char}} is a moon spirit who knows {{user}}.",
    "personality": "dreamy",
    "scenario": "A balcony at night.",
    "first_mes": "Look at the moon, {{user}}.",
    "mes_example": "<START>\n{{user}}: Who are you?\n{{char}}: *smiles* I am {{char}}.",
    "post_history_instructions": "Be brief, {{char}}.",
    "extensions": {"depth_prompt": {"prompt": "It is late.", "depth": 2, "role": "system"}},
    "character_book": {
        "entries": [
            {"keys": [], "content": "The moon is cheese.", "constant": True, "enabled": True},
            {"keys": ["comet"], "content": "The comet is {{user}}'s.", "enabled": True},
        ]
    },
}


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def mind_of(card=LUNA, *, path=None, meter=None, clock=None, small=False, **who):
    view = new_card(card).view if card else None
    room = room_of(200 if small else 4000, small=small)
    memory = Remembering(MemoryStore(path), room.turns, summaries=not small)
    whose = Who(view, room=room, small=small, **who)
    return CharacterMind(whose, memory, meter, clock or Clock())


def size(chat):
    return sum(tokens(each["content"]) for each in chat.messages())


def reply_of(text, asked=None):
    """A companion's `reply` that says this, whatever it is asked."""

    async def reply(said):
        if asked is not None:
            asked.append(said.text)
        for piece in text.splitlines(keepends=True):
            yield piece

    return reply
