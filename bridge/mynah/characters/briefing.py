"""What a companion that keeps its own conversation is told first, when a character moves to it.

It has no place for a card or a memory of ours: so they are said, once, before the first words.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mynah.characters.home_folder import Folder
from mynah.characters.macros import Context, expand
from mynah.characters.view import View
from mynah.companions.around import Around
from mynah.companions.base import Companion, Reply, Said
from mynah.memory.log import Turn

MOST_CHARACTERS: Final = 4000
"""About a thousand tokens, once: a backend that charges for it does so a single time."""
MOST_OF_A_FIELD: Final = 1200
MOST_FACTS: Final = 20
MOST_TURNS: Final = 6

_WORDS: Final = {
    "en": {
        "who": "From now on you are {char}. Stay {char} whatever comes.",
        "facts": "What you know of me and of us:",
        "turns": "This is what we said to each other last:",
        "end": "Go on as if nothing had happened; what follows are my next words.",
    },
    "zh": {
        "who": "从现在起你就是{char}，请一直保持这个身份。",
        "facts": "你记得的关于我和我们的事：",
        "turns": "我们上次说到这里：",
        "end": "请像什么都没有发生过一样继续，接下来是我要说的话。",
    },
}


def briefing(view: View, facts: Sequence[str], turns: Sequence[Turn], context: Context) -> str:
    """In the character's language, if it is one of ours."""
    words = _WORDS["zh" if view.language == "zh" else "en"]
    about = [view.description, view.personality, view.scenario]
    parts = [words["who"].format(char=view.called)]
    expanded = (expand(each, context).strip()[:MOST_OF_A_FIELD] for each in about)
    parts += [each for each in expanded if each]
    if facts:
        told = [expand(fact, context) for fact in facts[:MOST_FACTS]]
        parts += [words["facts"], *(f"- {fact}" for fact in told)]
    if turns:
        parts.append(words["turns"])
    for turn in turns[-MOST_TURNS:]:
        parts += [f"{context.user}: {turn.said}"] if turn.said else []
        parts += [f"{view.called}: {turn.heard}"] if turn.heard else []
    end = words["end"]
    return "\n".join(parts)[: MOST_CHARACTERS - len(end)] + f"\n{end}"


class Briefed(Around):
    """Tells it with the first words that are answered, and never again."""

    def __init__(self, companion: Companion, folder: Folder) -> None:
        super().__init__(companion)
        self._folder = folder
        self._words = folder.briefing

    def reply(self, said: Said) -> Reply:
        if self._words:
            lines = [line for line in (self._words, said.ring) if line]
            said = replace(said, ring="\n".join(lines))
        return super().reply(said)

    def heard(self, said: Said, text: str) -> None:
        super().heard(said, text)
        if self._words and text:
            self._words = ""
            self._folder.briefing_file.unlink(missing_ok=True)


def briefed(companion: Companion, folder: Folder) -> Companion:
    """The companion, told what it has to know if it keeps the conversation and just began."""
    keeps = companion.capabilities.memory == "server"
    return Briefed(companion, folder) if keeps and folder.briefing else companion
