"""What can be set of the companion `realtime`, and what its servers differ in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr

from mynah.companions.persona import PERSONA, SPOKEN
from mynah.companions.reaching.sections import Place
from mynah.companions.ring_tools import TOOLS
from mynah.config import Section

NAME: Final = "realtime"
SOUND_HZ: Final = 24_000
"""The one rate that all of these servers take and send."""

PREFIX: Final = "ring_"
"""Before a tool's own name: a function's name has no full stop."""

Dialect: TypeAlias = Literal["ga", "beta", "xai"]


@dataclass(frozen=True, slots=True)
class Server:
    """One of the family."""

    url: str
    model: str
    dialect: Dialect
    """How a session is described; their events are told apart by name."""
    speaker: str = ""
    """Its voice; empty for the server's own choice."""
    ears_off: bool = True
    """Whether it has to be told that nobody but us says when a turn ends."""
    cuts: bool = True
    """Whether it keeps the half of an answer that was heard; else it is told that anew."""


SERVERS: Final[Mapping[str, Server]] = {
    "openai": Server("wss://api.openai.com/v1/realtime", "gpt-realtime", "ga", "marin"),
    "xai": Server("wss://api.x.ai/v1/realtime", "grok-voice-latest", "xai", "eve"),
    "stepfun": Server("wss://api.stepfun.com/v1/realtime", "step-audio-2", "beta", ears_off=False),
    "localai": Server("ws://127.0.0.1:8080/v1/realtime", "gpt-realtime", "ga", cuts=False),
}


class RealtimeSettings(Section):
    """[companions.realtime]."""

    server: Literal["openai", "xai", "stepfun", "localai"] = "openai"
    """Whose: it decides what is not set below."""
    url: Place | Literal[""] = ""
    """Another place that speaks the same; empty for the server's own."""
    model: str = ""
    """As the server calls it."""
    speaker: str = ""
    """Which voice of the server."""
    api_key: SecretStr = SecretStr("")
    """Better kept in the environment, as MYNAH_OPENAI_API_KEY, MYNAH_XAI_API_KEY …"""
    persona: str = ""
    """Who it is; empty for Mynah's own."""
    ears: Literal["bridge", "server"] = "bridge"
    """Who understands the wearer: our Whisper, or the server, which is then sent the voice."""
    voice: Literal["server", "bridge"] = "server"
    """Who speaks: the server, or our Piper, which then says what the server writes."""
    context_tokens: int = Field(default=4000, ge=0, le=1_000_000)
    """How much of the last turns is told again after a connection was lost, or is too old."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""


def address_of(settings: RealtimeSettings) -> str:
    """Where to, with the model, as these servers want it."""
    server = SERVERS[settings.server]
    url = settings.url or server.url
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}model={quote(settings.model or server.model, safe='')}"


def session_of(settings: RealtimeSettings) -> dict[str, Any]:
    """What the server is told at the beginning: who it is, how it speaks, what it can do."""
    server = SERVERS[settings.server]
    speaker = settings.speaker or server.speaker
    aloud = settings.voice == "server"
    common = {
        "instructions": (settings.persona or PERSONA) + SPOKEN,
        "tools": [
            {
                "type": "function",
                "name": PREFIX + tool.name,
                "description": tool.about,
                "parameters": dict(tool.schema),
            }
            for tool in TOOLS
        ],
    }
    worded = {"ga": _ga, "beta": _beta, "xai": _xai}[server.dialect]
    return common | worded(speaker, aloud=aloud, ears_off=server.ears_off)


def _ga(speaker: str, *, aloud: bool, ears_off: bool) -> dict[str, Any]:
    pcm = {"type": "audio/pcm", "rate": SOUND_HZ}
    heard = {"format": pcm} | ({"turn_detection": None} if ears_off else {})
    spoken = {"format": pcm} | ({"voice": speaker} if speaker else {})
    return {
        "type": "realtime",
        "output_modalities": ["audio" if aloud else "text"],
        "audio": {"input": heard, "output": spoken},
    }


def _beta(speaker: str, *, aloud: bool, ears_off: bool) -> dict[str, Any]:
    session: dict[str, Any] = {
        "modalities": ["text", "audio"] if aloud else ["text"],
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
    }
    if ears_off:
        session["turn_detection"] = None
    return session | ({"voice": speaker} if speaker else {})


def _xai(speaker: str, *, aloud: bool, ears_off: bool) -> dict[str, Any]:  # noqa: ARG001
    """It always speaks; of what it says the words are there as well."""
    pcm = {"format": {"type": "audio/pcm", "rate": SOUND_HZ}}
    session: dict[str, Any] = {"audio": {"input": pcm, "output": pcm}}
    if ears_off:
        session["turn_detection"] = None
    return session | ({"voice": speaker} if speaker else {})
