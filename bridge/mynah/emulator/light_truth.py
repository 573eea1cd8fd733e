"""Whether a ring's light told the truth: in its trace the microphone is never on in the dark."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mynah.emulator.trace import RING, Event

ENDS: Final = frozenset({"reset", "deepsleep", "power_cut", "restart"})
"""Of a run: what is without power neither hears nor shines."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """A board's, as its file has it."""

    kind: str
    """"pixel", "active low" or "active high"."""
    pin: int

    def shows(self, event: Event) -> bool | None:
        """Whether it is lit from this event on; None if that is not about it."""
        if event.get("pin") != self.pin:
            return None
        if event["event"] == "light" and self.kind == "pixel":
            colours = event["rgb"]
            return isinstance(colours, list) and any(any(colour) for colour in colours)
        if event["event"] == "pin" and self.kind != "pixel":
            return event["value"] == (0 if self.kind == "active low" else 1)
        return None


def lies(events: Iterable[Event], lamp: Lamp) -> list[Event]:
    """What made the microphone hear in the dark: it opened, or the light went out meanwhile."""
    hears = lit = False
    found: list[Event] = []
    for event in sorted(events, key=lambda each: int(str(each["us"]))):
        if event["event"] in ENDS:
            hears = lit = False
        elif event["source"] == RING:
            shown = lamp.shows(event)
            lit = lit if shown is None else shown
            hears = bool(event["on"]) if event["event"] == "microphone" else hears
            if hears and not lit:
                found.append(event)
                hears = False  # told once
    return found
