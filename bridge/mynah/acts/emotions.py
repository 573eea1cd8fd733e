"""Eight emotions, into which those of every backend are folded, and what each does. Pure."""

from typing import Final

from mynah.acts.lexicon import emotion_in, is_unmoved
from mynah.companions.base import Act

EMOTIONS: Final = ("joy", "love", "calm", "sad", "angry", "fear", "surprise", "sleepy")
"""Each is an act of the vocabulary, too."""


def canonical(label: str) -> str | None:
    """Which of EMOTIONS a label means: SillyTavern's 28, xiaozhi's 21, AIRI's 9, an emoji."""
    return emotion_in(label)


def act_of(label: str) -> Act | None:
    """What an emotion does; None if it is unknown, or shows on nobody."""
    name = canonical(label)
    return None if name is None or is_unmoved(label) else Act(name)
