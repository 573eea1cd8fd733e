"""What Open-LLM-VTuber's server and whoever shows its character tell each other. Pure."""

import base64
import binascii
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, Samples
from mynah.companions.reaching.objects import object_in
from mynah.companions.voices.live_socket import Message

LONGEST_NAME: Final = 32
MOST_EXPRESSIONS: Final = 8
SAMPLE_BYTES: Final = 2
SLOWEST_HZ: Final = 8_000
FASTEST_HZ: Final = 48_000

VOICE_CHUNK: Final = 4_096
"""Samples a message, each as a number of its own in JSON; what the web page sends."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The character is loaded."""

    expressions: Mapping[int, str] = field(default_factory=dict)
    """What its faces are called."""


@dataclass(frozen=True, slots=True)
class Remembers:
    """Where the server writes this conversation down."""

    history_id: str


@dataclass(frozen=True, slots=True)
class Begins:
    """An answer."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A sentence's sound, -1 to 1."""

    sound: NDArray[np.float32]
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One, with its sound if it has any, and the faces that go with it."""

    text: str
    voice: Voice | None = None
    expressions: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """All of an answer was sent; the server waits to be told that it was played."""


@dataclass(frozen=True, slots=True)
class Over:
    """An answer is written down."""


@dataclass(frozen=True, slots=True)
class Fails:
    """The server could not."""

    reason: str


@dataclass(frozen=True, slots=True)
class Other:
    """What only a screen has to know."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Nothing that such a server says."""


Heard: TypeAlias = Ready | Remembers | Begins | Sentence | Made | Over | Fails | Other | Odd

PLAYED: Final[Mapping[str, Any]] = {"type": "frontend-playback-complete"}


def parse(message: Message) -> Heard:
    """Whatever the server sent."""
    fields = object_in(message) if isinstance(message, str) else None
    if fields is None or not isinstance(fields.get("type"), str):
        return Odd()
    heard: Heard = Other()
    match fields["type"]:
        case "set-model-and-conf":
            heard = Ready(_expressions(fields.get("model_info")))
        case "new-history-created":
            heard = Remembers(_text(fields, "history_uid"))
        case "control" if fields.get("text") == "conversation-chain-start":
            heard = Begins()
        case "control" if fields.get("text") == "conversation-chain-end":
            heard = Over()
        case "audio":
            heard = _sentence(fields)
        case "backend-synth-complete":
            heard = Made()
        case "error":
            heard = Fails(_text(fields, "message"))
    return heard


def said(text: str) -> dict[str, Any]:
    """The wearer's words."""
    return {"type": "text-input", "text": text}


def voiced(sound: Samples) -> list[dict[str, Any]]:
    """The wearer's voice, and that it is over."""
    numbers = (sound / FULL_SCALE).round(5).tolist()
    chunks = [numbers[at : at + VOICE_CHUNK] for at in range(0, len(numbers), VOICE_CHUNK)]
    data = [{"type": "mic-audio-data", "audio": chunk} for chunk in chunks]
    return [*data, {"type": "mic-audio-end"}]


def interrupted(heard: str) -> dict[str, Any]:
    """Stop, and remember that only this was heard."""
    return {"type": "interrupt-signal", "text": heard}


def remembered(history_id: str) -> dict[str, Any]:
    """Go on with that conversation, or begin one."""
    if history_id:
        return {"type": "fetch-and-set-history", "history_uid": history_id}
    return {"type": "create-new-history"}


def _sentence(fields: Mapping[str, Any]) -> Sentence:
    shown, actions = fields.get("display_text"), fields.get("actions")
    faces = actions.get("expressions") if isinstance(actions, Mapping) else None
    expressions = [
        each[:LONGEST_NAME] if isinstance(each, str) else each
        for each in (faces if isinstance(faces, list) else [])[:MOST_EXPRESSIONS]
        if isinstance(each, str | int)
    ]
    text = _text(shown, "text") if isinstance(shown, Mapping) else ""
    return Sentence(text, _voice(_text(fields, "audio")), tuple(expressions))


def _voice(data: str) -> Voice | None:
    try:
        with wave.open(io.BytesIO(base64.b64decode(data, validate=True))) as file:
            rate_hz, channels = file.getframerate(), file.getnchannels()
            if file.getsampwidth() != SAMPLE_BYTES or not SLOWEST_HZ <= rate_hz <= FASTEST_HZ:
                return None
            frames = file.readframes(file.getnframes())
    except (binascii.Error, ValueError, EOFError, wave.Error):
        return None
    whole = len(frames) // (SAMPLE_BYTES * channels) * SAMPLE_BYTES * channels
    sound = np.frombuffer(frames[:whole], "<i2").reshape(-1, channels).mean(axis=1)
    return Voice(np.asarray(sound / FULL_SCALE, np.float32), rate_hz) if len(sound) else None


def _expressions(model: object) -> dict[int, str]:
    names = model.get("emotionMap") if isinstance(model, Mapping) else None
    found = names.items() if isinstance(names, Mapping) else ()
    return {number: name[:LONGEST_NAME] for name, number in found if isinstance(number, int)}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
