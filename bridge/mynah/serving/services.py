"""What is served: ears, a voice, somebody who answers, and the ring if there is one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from mynah.companions.base import Begin, Companion
from mynah.serving.lent_ring import LentRing
from mynah.serving.ring_tools import RingTools
from mynah.serving.tabs import TABS, Tabs
from mynah.speech.asr import Transcriber
from mynah.speech.tts import Synthesizer

WhoBegins: TypeAlias = Callable[[], Begin | None]
"""How something is said through the ring just now; None without a conversation."""


def nobody() -> None:
    """There is no ring."""


@dataclass(slots=True)
class Services:
    """Of one bridge."""

    transcriber: Transcriber
    synthesizer: Synthesizer
    companion: Companion
    """One of its own, as another wearer has it: the ring's own may be in mid-sentence."""
    names: "Names"
    begin: WhoBegins = nobody
    tabs: Tabs = field(default_factory=lambda: TABS)
    ring: Callable[[], LentRing | None] = nobody
    asked: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who asks the companion: it has one conversation."""
    started: bool = False
    """The companion; it is at the first question, since most programs want ears and voice alone."""
    tools: RingTools = field(init=False)
    """The ring's, for other programs' models."""

    def __post_init__(self) -> None:
        self.tools = RingTools(self.ring)


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts are called, for who asks."""

    companion: str = "local"
    hearing: str = "tiny.en"
    voice: str = "joe"
    language: str = "en"
    """Of the ears; "auto" for any."""
    version: str = "0"

    @property
    def written(self) -> str:
        """The language that other programs are taken to write in."""
        return "en" if self.language == "auto" else self.language
