"""What a Realtime server tells, in both of the names that there are for most of it. Pure."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE
from mynah.companions.base import Usage, token_count
from mynah.companions.reaching.objects import object_in
from mynah.companions.voices.live_socket import Message

QUIET: Final = "quiet-"
"""Begins the event_id of what may fail unheard: a server may have done it by itself already."""

CANCEL: Final = f"{QUIET}cancel"
NOT_ACTIVE: Final = "response_cancel_not_active"
NO_ITEM: Final = "invalid_item_id"
"""What was interrupted is gone already; LocalAI does not say which event it means."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The session exists."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is as it was described."""


@dataclass(frozen=True, slots=True)
class Begins:
    """An answer."""


@dataclass(frozen=True, slots=True)
class Voice:
    """More of its sound."""

    item_id: str
    sound: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Caption:
    """More of what the sound says."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """More of what it writes."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Calls:
    """A function is wanted; some servers tell it twice, and once without the name."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Ends:
    """An answer is over; `reason` if it is not whole."""

    usage: Usage | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fails:
    """Something could not be done."""

    reason: str
    code: str = ""
    event_id: str = ""
    """Of what could not; not every server says."""

    @property
    def quiet(self) -> bool:
        """It need not have been."""
        return self.event_id.startswith(QUIET) or self.code == NO_ITEM or self.stopped

    @property
    def stopped(self) -> bool:
        """There was no answer to be stopped any more."""
        return self.code == NOT_ACTIVE or self.event_id == CANCEL


@dataclass(frozen=True, slots=True)
class Other:
    """One of thirty events that nothing follows from."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Nothing that such a server says."""


Heard: TypeAlias = (
    Ready | Accepted | Begins | Voice | Caption | Text | Calls | Ends | Fails | Other | Odd
)

_OLD: Final = "response."
_NEW: Final = "response.output_"


def parse(message: Message) -> Heard:
    """Whatever the server sent."""
    fields = object_in(message) if isinstance(message, str) else None
    kind = fields.get("type") if fields is not None else None
    if fields is None or not isinstance(kind, str):
        return Odd()
    if kind.startswith(_OLD):
        name = kind.removeprefix(_NEW) if kind.startswith(_NEW) else kind.removeprefix(_OLD)
        return _of_an_answer(name, fields)
    match kind:
        case "session.created" | "conversation.created":
            return Ready()
        case "session.updated":
            return Accepted()
        case "error":
            return _failure(fields)
    return Other()


def _of_an_answer(name: str, fields: Mapping[str, Any]) -> Heard:
    heard: Heard = Other()
    match name:
        case "created":
            heard = Begins()
        case "audio.delta":
            heard = _voice(fields)
        case "audio_transcript.delta":
            heard = Caption(_text(fields, "item_id"), _text(fields, "delta"))
        case "text.delta":
            heard = Text(_text(fields, "item_id"), _text(fields, "delta"))
        case "function_call_arguments.done":
            heard = _call(fields)
        case "item.done":
            item = fields.get("item")
            if isinstance(item, Mapping) and item.get("type") == "function_call":
                heard = _call(item)
        case "done":
            heard = _end(fields.get("response"))
    return heard


def _voice(fields: Mapping[str, Any]) -> Heard:
    try:
        data = base64.b64decode(_text(fields, "delta"), validate=True)
    except (binascii.Error, ValueError):
        return Odd()
    if len(data) % 2:
        return Odd()
    sound = np.frombuffer(data, "<i2").astype(np.float32) / FULL_SCALE
    return Voice(_text(fields, "item_id"), np.asarray(sound, np.float32))


def _call(fields: Mapping[str, Any]) -> Heard:
    return Calls(_text(fields, "call_id"), _text(fields, "name"), _text(fields, "arguments"))


def _end(response: object) -> Heard:
    fields = response if isinstance(response, Mapping) else {}
    status = _text(fields, "status") or "completed"
    if status in {"completed", "incomplete"}:
        return Ends(_usage(fields.get("usage")))
    details = fields.get("status_details")
    error = details.get("error") if isinstance(details, Mapping) else None
    reason = _text(error, "message") if isinstance(error, Mapping) else ""
    return Ends(_usage(fields.get("usage")), reason or status)


def _usage(found: object) -> Usage | None:
    if not isinstance(found, Mapping):
        return None
    details = found.get("input_token_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    counts = [found.get("input_tokens"), found.get("output_tokens"), cached]
    prompt, answer, read = (token_count(each) for each in counts)
    return Usage(prompt, answer, read) if prompt or answer else None


def _failure(fields: Mapping[str, Any]) -> Fails:
    error = fields.get("error")
    details = error if isinstance(error, Mapping) else {}
    code = _text(details, "code")
    reason = _text(details, "message") or code or _text(details, "type")
    return Fails(reason, code, _text(details, "event_id"))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
