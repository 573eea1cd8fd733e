"""A captured session as it is read: for each connection what the ring said, and every answer."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mynah.capture.recorder import UNHEARD, VERSION
from mynah.errors import UserError
from mynah_wire import codecs, kinds
from mynah_wire.errors import WireError
from mynah_wire.message import REST, Message

_CLASSES: Final[Mapping[str, Any]] = {each.__name__: each for each in kinds.FROM_RING.values()}


@dataclass(slots=True)
class Call:
    """A stage was asked; what it gave, and when after that, in ms."""

    kind: str
    key: str
    asked_ms: float
    gave: list[tuple[float, Any]] = field(default_factory=list)
    error: str | None = None
    done_ms: float | None = None
    """None if nobody waited for the rest."""


@dataclass(slots=True)
class Connection:
    """From one handshake to the loss of the link."""

    stages: Mapping[str, Any]
    says: list[tuple[float, Message]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    voices: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """The probabilities that each detector gave."""
    judged: list[tuple[str, float, float]] = field(default_factory=list)
    turns: list[Mapping[str, Any]] = field(default_factory=list)
    codecs: dict[int, int] = field(default_factory=dict)
    """By stream: without a voice, what its frames look like."""


def read(path: Path) -> list[Connection]:
    """The connections of a capture, in order; UserError if it is none, or cut off."""
    try:
        head, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if head["mynah_capture"] != VERSION:
            raise UserError(f"{path}: a capture of version {head['mynah_capture']}, not {VERSION}")
        return _connections(lines)
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, WireError) as error:
        raise UserError(f"{path}: not a capture that is whole ({error!r})") from error


def _connections(lines: list[Any]) -> list[Connection]:
    found: dict[int, Connection] = {}
    calls: dict[int, Call] = {}
    for number, at_ms, what, fields in lines:
        if what == "began":
            found[number] = Connection(fields)
        elif what == "asked":
            call = Call(fields["kind"], fields["key"], at_ms)
            calls[fields["call"]] = call
            found[number].calls.append(call)
        elif "call" in fields:
            _answer(calls[fields["call"]], at_ms, what, fields)
        else:
            _note(found[number], at_ms, what, fields)
    return list(found.values())


def _answer(call: Call, at_ms: float, what: str, fields: Mapping[str, Any]) -> None:
    after_ms = at_ms - call.asked_ms
    if what == "gave":
        call.gave.append((after_ms, fields["item"]))
    else:
        call.done_ms, call.error = after_ms, fields.get("error")


def _note(connection: Connection, at_ms: float, what: str, fields: Mapping[str, Any]) -> None:
    match what:
        case "ring":
            connection.says.append((at_ms, _message(dict(fields), connection.codecs)))
        case "voice":
            connection.voices[fields["detector"]].append(fields["probability"])
        case "judged":
            connection.judged.append((fields["text"], fields["wait_ms"], fields["over"]))
        case "turn":
            connection.turns.append(fields)


def _message(fields: dict[str, Any], known: dict[int, int]) -> Message:
    """A voice that was not kept is as many zeros: silence, in every codec."""
    name = fields.pop("is_")
    made = _CLASSES[name]
    if name == "Start":
        known[fields["stream"]] = fields["codec"]
    silent = UNHEARD.get(name)
    if silent is not None and silent not in fields:
        codec = known.get(fields.get("stream", 0), codecs.IMA_ADPCM)
        fields[silent] = bytes(codecs.codec(codec).frame_bytes).hex()
    values = []
    for field_name, code, _ in made.FIELDS:
        value = fields[field_name]
        values.append(bytes.fromhex(value) if code == REST or code.endswith("s") else value)
    message: Message = made(*values)
    return message


class Queues:
    """Calls by what was asked, each given once, in order."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls: dict[tuple[str, str], deque[Call]] = defaultdict(deque)
        for call in calls:
            self._calls[call.kind, call.key].append(call)

    def take(self, kind: str, key: str) -> Call | None:
        """The next; None if it was not asked so often."""
        queue = self._calls[kind, key]
        return queue.popleft() if queue else None
