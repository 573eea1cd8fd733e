"""What differs between the servers of models: what they are sent, what their streams mean. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from mynah.companions.base import ToolCall, Usage
from mynah.companions.mind import Chat
from mynah.companions.models.quirks import Quirks


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event of a stream."""

    text: str = ""
    thought: str = ""
    calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    finished: bool = False
    """The model ended, or was ended at the limit that was asked for."""
    cut: bool = False
    """It was ended at that limit."""
    error: str | None = None
    """The server gave up, and why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for beside the words."""

    model: str
    answer_tokens: int
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Sent as it is, over everything else."""


class Reader(Protocol):
    """Reads one stream."""

    def push(self, data: str) -> Chunk | None:
        """What an event's data, or a line, means; None if this is no such stream."""


class Wire(Protocol):
    """One way to speak with a model."""

    path: ClassVar[str]
    """What comes after the base URL."""
    models: ClassVar[str]
    """The same for the list of models."""
    content_types: ClassVar[frozenset[str]]
    frames: ClassVar[Literal["events", "lines"]]

    def headers(self, key: str) -> dict[str, str]:
        """How this wire shows the key."""

    def body(self, chat: Chat, wish: Wish, quirks: Quirks) -> dict[str, Any]:
        """A request."""

    def warm(self, wish: Wish) -> dict[str, Any] | None:
        """A request that loads the model and no more; None if there is no such thing."""

    def reader(self) -> Reader:
        """A new one for each answer."""


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables in tables too; the later ones win."""
    whole: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            before = whole.get(key)
            if isinstance(before, dict) and isinstance(value, Mapping):
                whole[key] = merged(before, value)
            else:
                whole[key] = value
    return whole
