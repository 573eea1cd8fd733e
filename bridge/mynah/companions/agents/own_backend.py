"""What a webhook and a WebSocket of somebody's own are told, and how they are set up."""

import time
from typing import Any

from pydantic import Field, SecretStr

from mynah.companions.base import Said, Touch
from mynah.companions.reaching.sections import Place
from mynah.companions.reaching.unheard import BUILT_IN, Unheard
from mynah.config import Section


class OwnSettings(Section):
    """[companions.webhook] and [companions.websocket]."""

    url: Place
    key: SecretStr = SecretStr("")
    """Sent as `Authorization: Bearer …`; better kept in the environment."""
    session: str = "mynah"
    """Which conversation this is, for a server that has several."""
    persona: str = ""
    """Who it is to be, if it wants to know."""
    interrupted: str = BUILT_IN
    """The line of the event `interrupted`; {heard} is what was heard."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""


def turn_of(said: Said, settings: OwnSettings, unheard: Unheard) -> dict[str, Any]:
    """What the wearer said, and what happened since the last turn."""
    events = []
    if line := unheard.line(said.language):
        events.append({"kind": "interrupted", "heard": unheard.last, "line": line})
    if said.ring:
        events.append({"kind": "ring", "line": said.ring})
    return _message(settings, said.text, said.language, events)


def touch_of(touch: Touch, settings: OwnSettings) -> dict[str, Any]:
    """A touch without words."""
    return _message(settings, "", "", [{"kind": touch.name, "line": touch.line}])


def _message(
    settings: OwnSettings, text: str, language: str, events: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "session": settings.session,
        "text": text,
        "language": language,
        "events": events,
        "persona": settings.persona,
        "ts": round(time.time(), 3),
    }
