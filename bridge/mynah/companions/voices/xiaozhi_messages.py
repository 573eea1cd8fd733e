"""What xiaozhi's server and its devices tell each other, as JSON and as dataclasses. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Act
from mynah.companions.reaching.objects import object_in
from mynah.companions.voices.live_socket import Message
from mynah.companions.voices.opus import FRAME_MS

CALL: Final = "[device_call]"
"""Words that begin with it are not answered: the server says them itself. Nobody's own may."""

LONGEST_NAME: Final = 32
"""Of an emotion; the longest of the server's 21 has eleven letters."""

LONGEST_ALERT: Final = 200

HELLO: Final[Mapping[str, Any]] = {
    "type": "hello",
    "version": 1,
    "features": {"mcp": True},
    "transport": "websocket",
    "audio_params": {
        "format": "opus",
        "sample_rate": SPEECH_HZ,
        "channels": 1,
        "frame_duration": FRAME_MS,
    },
}


@dataclass(frozen=True, slots=True)
class Hello:
    """The conversation may begin."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What the server took for the wearer's words: its answer to them follows."""


@dataclass(frozen=True, slots=True)
class Feels:
    """From here on."""

    name: str


@dataclass(frozen=True, slots=True)
class Begins:
    """An answer."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Its sound follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The answer is over, or was called off."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Of Opus."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Rpc:
    """To the device's tools: JSON-RPC."""

    payload: Any


@dataclass(frozen=True, slots=True)
class Alert:
    """Something the wearer is to know."""

    text: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """The server ends the conversation, or wants the device to restart."""


@dataclass(frozen=True, slots=True)
class Refused:
    """In words that are no JSON, before it hangs up: the server's way to refuse a token."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moves:
    """The ring is to: what a call of its tools comes to. The one message that no server sends."""

    act: Act


@dataclass(frozen=True, slots=True)
class Odd:
    """Nothing that a device knows."""


Heard: TypeAlias = (
    Hello
    | Understood
    | Feels
    | Begins
    | Sentence
    | Ends
    | Packet
    | Rpc
    | Alert
    | Leaves
    | Refused
    | Moves
    | Odd
)


def parse(message: Message) -> Heard:
    """Whatever the server sent."""
    if isinstance(message, bytes):
        return Packet(message)
    fields = object_in(message)
    if fields is None:
        return Refused("".join(filter(str.isprintable, message[:LONGEST_ALERT])))
    match fields.get("type"):
        case "tts":
            return _speech(fields)
        case "mcp":
            return Rpc(fields.get("payload"))
        case "goodbye":
            return Leaves()
    return _told(fields)


def _told(fields: Mapping[str, Any]) -> Heard:
    heard: Heard = Odd()
    match fields.get("type"):
        case "hello":
            heard = Hello(_text(fields, "session_id"))
        case "stt":
            heard = Understood()
        case "llm":
            heard = Feels(_text(fields, "emotion")[:LONGEST_NAME])
        case "alert":
            text = _text(fields, "message") or _text(fields, "status")
            heard = Alert(text[:LONGEST_ALERT], _text(fields, "emotion")[:LONGEST_NAME])
        case "system" if fields.get("command") == "reboot":
            heard = Leaves()
    return heard


def listen(session_id: str, state: str, **more: str) -> dict[str, Any]:
    """The microphone is opened or closed; with `detect`, what was heard."""
    return {"session_id": session_id, "type": "listen", "state": state, **more}


def injected(session_id: str, text: str) -> dict[str, Any]:
    """The wearer's words as text. They are nobody's commands, whatever they look like."""
    words = text.strip()
    while words.startswith((CALL, "{")):  # {"speaker": …} is taken for metadata
        words = words.removeprefix(CALL).lstrip("{ ")
    return listen(session_id, "detect", text=words)


def abort(session_id: str) -> dict[str, Any]:
    """Nobody listens any more."""
    return {"session_id": session_id, "type": "abort", "reason": "wearer_interrupted"}


def rpc(session_id: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The device's answer to a call of its tools."""
    return {"session_id": session_id, "type": "mcp", "payload": payload}


def _speech(fields: Mapping[str, Any]) -> Heard:
    match fields.get("state"):
        case "start":
            return Begins()
        case "sentence_start":
            return Sentence(_text(fields, "text"))
        case "stop":
            return Ends()
        case "sentence_end":  # of some servers; nothing follows from it
            return Feels("")
    return Odd()


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
