"""How one server differs from what most do: data, from the table of presets or learned. Pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

ROLES: Final = ("any", "alternate", "no-system")
"""What a chat may look like: anything; one system message first, then user and assistant in turn;
that without a system message. Each is refused by fewer servers than the one before."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """The defaults are what most servers take."""

    roles: str = "any"
    """One of ROLES."""
    limit_name: str = "max_tokens"
    most_tokens: int = 0
    """The most that may be asked for; 0 is no limit."""
    temperature: tuple[float, ...] = (0.0, 2.0)
    """From, to; empty if it may not be sent."""
    most_stops: int = 4
    usage: bool = True
    """Takes `stream_options`, and says what an answer cost."""
    tools: bool = True
    """Still streams if tools are offered."""
    unopened: bool | None = None
    """Its thoughts begin without a tag and end with one; None if nobody knows."""
    quiet: Mapping[str, Any] = field(default_factory=dict)
    """What turns its thinking off: a voice waits for the first word."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else it wants in every request."""
    abort: str = ""
    """A path from the server's root, called when nobody listens any more."""
    busy_s: float = 0.0
    """How soon to ask again when it says 503: after a stop some are busy for a moment."""
    own_roles: bool = False
    """Has MiniMax's roles: user_system, group, sample_message_user, sample_message_ai."""
    meta: bool = False
    """Takes who is who beside the messages, as CharGLM does."""

    def but(self, **fields_changed: Any) -> "Quirks":
        """The same with some fields replaced."""
        return replace(self, **fields_changed)


_Change = Mapping[str, Any]

_LESSONS: Final[tuple[tuple[str, _Change], ...]] = (
    ("max_completion_tokens", {"limit_name": "max_completion_tokens"}),
    (r"stream_options|include_usage", {"usage": False}),
    (r"enable_thinking|chat_template_kwargs|reasoning_effort|thinking|\bthink\b", {"quiet": {}}),
    (r"temperature", {"temperature": ()}),
    (r"\bstop\b", {"most_stops": 0}),
    (r"\btools?\b|function call", {"tools": False}),
)
"""What a refusal speaks of, and what to leave out or say differently. The names are the ones that
servers put into their messages."""

_ROLES_REFUSED: Final = re.compile(
    r"alternat|\broles?\b|system (role|message|prompt)|first message|jinja|chat template",
    re.IGNORECASE,
)
_SYSTEM_REFUSED: Final = re.compile(r"system (role|message|prompt)", re.IGNORECASE)


def taught(quirks: Quirks, reason: str) -> Quirks | None:
    """What a server's own words about a refusal teach; None if nothing new."""
    for pattern, change in _LESSONS:
        if re.search(pattern, reason, re.IGNORECASE):
            changed = replace(quirks, **change)
            if changed != quirks:
                return changed
    if not _ROLES_REFUSED.search(reason) or quirks.roles == ROLES[-1]:
        return None
    strictest = _SYSTEM_REFUSED.search(reason) and quirks.roles != ROLES[0]
    return replace(quirks, roles=ROLES[-1] if strictest else ROLES[ROLES.index(quirks.roles) + 1])


def different(before: Quirks, after: Quirks) -> dict[str, Any]:
    """The fields that changed, to be remembered."""
    old = asdict(before)
    return {name: value for name, value in asdict(after).items() if value != old[name]}


def changed(quirks: Quirks, fields_changed: Mapping[str, Any]) -> Quirks:
    """With some fields replaced; what is no field, or of another kind, is left alone.

    It comes out of a file that anybody may have edited.
    """
    fitting: dict[str, Any] = {}
    for each in fields(Quirks):
        value = fields_changed.get(each.name)
        if each.name == "temperature" and isinstance(value, list):
            value = tuple(float(bound) for bound in value if isinstance(bound, int | float))
        if value is not None and _fits(value, getattr(Quirks(), each.name)):
            fitting[each.name] = value
    return replace(quirks, **fitting)


def _fits(value: object, default: object) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, bool if default is None else type(default))
