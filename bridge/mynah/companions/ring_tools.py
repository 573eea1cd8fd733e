"""The ring as a language model sees it: three tools, whatever protocol carries their calls. Pure.

A model calls them as it likes: what it asks for is bounded here, and what can't be had is told it.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mynah.acts.emotions import EMOTIONS
from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act

VIBRATE: Final = "vibrate"
LIGHT: Final = "light"
STATE: Final = "get_state"

MOST_TIMES: Final = 5
"""A heartbeat of five is six seconds; a model that wants more asks again."""

FULL_PERCENT: Final = 100
FULL_GAIN: Final = 255

NOT_OFFERED: Final = frozenset({"goodnight", "wake", "thinking", "listening", "sos"})
"""Rituals that last for minutes, what the ring says of itself, and a cry for help."""

TOUCHES: Final = tuple(name for name in VOCABULARY if name not in {*EMOTIONS, *NOT_OFFERED})


@dataclass(frozen=True, slots=True)
class Tool:
    """As every protocol of tools wants it."""

    name: str
    about: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What a call came to."""

    text: str
    """For the model."""
    act: Act | None = None
    failed: bool = False


def _schema(required: list[str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


TOOLS: Final = (
    Tool(
        VIBRATE,
        "Touch the wearer through the ring on their finger, when words are not enough.",
        _schema(
            ["act"],
            act={"type": "string", "enum": list(TOUCHES)},
            strength={"type": "integer", "minimum": 1, "maximum": FULL_PERCENT},
            times={"type": "integer", "minimum": 1, "maximum": MOST_TIMES},
        ),
    ),
    Tool(
        LIGHT,
        "Let the ring's light and touch show what you feel.",
        _schema(["feeling"], feeling={"type": "string", "enum": list(EMOTIONS)}),
    ),
    Tool(STATE, "Whether the ring is connected, and how it is.", _schema([])),
)


def _nothing_known() -> Mapping[str, Any]:
    return {}


@dataclass(slots=True)
class RingTools:
    """Answers calls by a tool's own name, without what a protocol puts before it."""

    state: Callable[[], Mapping[str, Any]] = field(default=_nothing_known)
    """What to tell of the ring."""

    def call(self, name: str, arguments: object) -> Done:
        """An error is told to the model, which may try again."""
        given = arguments if isinstance(arguments, Mapping) else {}
        match name:
            case "vibrate":
                return _moved(given.get("act"), TOUCHES, _gain(given), _times(given))
            case "light":
                return _moved(given.get("feeling"), EMOTIONS, FULL_GAIN, 1)
            case "get_state":
                return Done(json.dumps(dict(self.state()), ensure_ascii=False, default=str))
        return Done(
            f"no such tool; there are: {', '.join(tool.name for tool in TOOLS)}", failed=True
        )


def _moved(name: object, known: tuple[str, ...], gain: int, times: int) -> Done:
    if name not in known:
        return Done(f"the ring can't do that; it knows: {', '.join(known)}", failed=True)
    return Done("done", Act(str(name), gain, times))


def _gain(given: Mapping[str, Any]) -> int:
    percent = _bounded(given.get("strength"), FULL_PERCENT, FULL_PERCENT)
    return percent * FULL_GAIN // FULL_PERCENT


def _times(given: Mapping[str, Any]) -> int:
    return _bounded(given.get("times"), 1, MOST_TIMES)


def _bounded(value: object, usual: int, most: int) -> int:
    """As usual if nothing sensible was said; JSON may hold numbers that are none, and no end."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return usual
    bounded = min(max(value, 1), most)  # first: an integer of JSON may be too large for a float
    return usual if math.isnan(bounded) else round(bounded)
