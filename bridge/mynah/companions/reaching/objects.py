"""The objects that a webhook, a WebSocket or a program of yours answers in. Pure.

{"text": "Come here. ", "emotion": "loving", "haptics": ["hug"]}
{"end": true}
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from mynah.companions.base import Act, Emotion, Piece, Reasoning
from mynah.companions.reaching.steps import Step

MOST_HAPTICS: Final = 8
"""In one object: more is no feeling but a noise."""

MOST_REPEATS: Final = 20
FULL_GAIN: Final = 255

_KNOWN: Final = frozenset({"text", "emotion", "haptics", "thought", "error", "end"})


def is_known(fields: Mapping[str, Any]) -> bool:
    """Whether there is anything in it that we know."""
    return bool(_KNOWN & fields.keys())


def step_of(fields: Mapping[str, Any]) -> Step | None:
    """What an object comes to; None if it has nothing that we know."""
    if not is_known(fields):
        return None
    if error := fields.get("error"):
        return Step(error=error if isinstance(error, str) else json.dumps(error))
    pieces: list[Piece] = []
    # What is felt stands before the words that it is felt with.
    if isinstance(emotion := fields.get("emotion"), str) and emotion:
        pieces.append(Emotion(emotion))
    haptics = fields.get("haptics")
    several = haptics if isinstance(haptics, list) else [haptics]
    pieces += filter(None, map(_act, several[:MOST_HAPTICS]))
    if isinstance(thought := fields.get("thought"), str) and thought:
        pieces.append(Reasoning(thought))
    if isinstance(text := fields.get("text"), str) and text:
        pieces.append(text)
    return Step(tuple(pieces), done=bool(fields.get("end")))


def object_in(data: str) -> dict[str, Any] | None:
    """An object of JSON; None if it is anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _act(found: object) -> Act | None:
    """A name, or a name with how strong and how often."""
    fields = found if isinstance(found, dict) else {"name": found}
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        return None
    gain, repeat = fields.get("gain", FULL_GAIN), fields.get("repeat", 1)
    return Act(name, _within(gain, FULL_GAIN), max(1, _within(repeat, MOST_REPEATS)))


def _within(number: object, most: int) -> int:
    if not isinstance(number, int | float):
        return most
    bounded = min(max(number, 0), most)  # first: no float is as large as an integer of JSON may be
    return most if math.isnan(bounded) else int(bounded)
