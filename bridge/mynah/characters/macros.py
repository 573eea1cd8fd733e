"""Macros: what stands in double braces in a card, replaced. Never runs anything.

What a macro is replaced with is not looked through again: nobody's words can become a macro.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

LONGEST: Final = 200_000
"""Characters of one text, before and after. Ten cards have fewer all together."""

MOST_REPLACED: Final = 200_000
"""Characters that the macros of one prompt may come to, all together. A variable that is told twice
in the next one, and so on, comes to gigabytes with thirty of them."""

MOST_NESTED: Final = 10
"""Macros inside macros; each level copies what is inside it."""

MOST_DICE: Final = 100

_UNITS: Final = (("day", 86400), ("hour", 3600), ("minute", 60))

_NAMES: Final = re.compile(r"<(user|char|bot)>", re.IGNORECASE)
_NAME_MACROS: Final = re.compile(r"\{\{(user|char)\}\}", re.IGNORECASE)
_BRACES: Final = re.compile(r"\{\{|\}\}")
_HIDDEN_KEY: Final = re.compile(r"\{\{\s*hidden_key\s*:+", re.IGNORECASE)
_SILENT: Final = re.compile(r"\{\{\s*(?://|comment\s*:)", re.IGNORECASE)
_DICE: Final = re.compile(r"(?:(\d{1,3})?d)?(\d{1,6})([+-]\d{1,6})?", re.IGNORECASE)
_OFFSET: Final = re.compile(r"time_utc([+-]\d{1,2})", re.IGNORECASE)


class Room:
    """What the macros of one prompt may still come to."""

    def __init__(self, characters: int = MOST_REPLACED) -> None:
        self.left = characters

    def fit(self, value: str) -> str:
        """As much of it as there is room for."""
        value = value[: self.left]
        self.left -= len(value)
        return value


@dataclass(frozen=True, slots=True)
class Context:
    """What macros stand for."""

    char: str
    user: str
    now: dt.datetime
    """With its time zone: the wearer's."""
    random: Random
    seed: str = ""
    """Of {{pick}}: the same for one conversation."""
    original: str = ""
    """What a card's own text replaces."""
    idle: dt.timedelta | None = None
    """Since the wearer last said anything; None if they never did."""
    values: Mapping[str, str] = field(default_factory=dict)
    """More of them by name in lower case: lastmessage, description, ring_worn, ring_last_touch …"""
    variables: MutableMapping[str, str] = field(default_factory=dict)
    """What {{setvar}} keeps and {{getvar}} tells. It and the room are all that expanding alters."""
    room: Room = field(default_factory=Room)
    """Shared by all that is made of this one."""


def expand(text: str, context: Context) -> str:
    """The text with its macros replaced; what is none of ours is left as it stands."""
    if "{{" not in text and "<" not in text:
        return text
    text = text[:LONGEST]
    # A part for each brace that is open; inner ones are done first.
    open_parts: list[list[str]] = [[]]
    at = 0
    for brace in _BRACES.finditer(text):
        open_parts[-1].append(_with_names(text[at : brace.start()], context))
        at = brace.end()
        if brace[0] == "{{" and len(open_parts) <= MOST_NESTED:
            open_parts.append([])
        elif brace[0] == "{{":
            open_parts[-1].append("{{")
        elif len(open_parts) == 1:
            open_parts[-1].append("}}")
        else:
            inner = "".join(open_parts.pop())
            open_parts[-1].append(context.room.fit(_value(inner, context, brace.start())))
    open_parts[-1].append(_with_names(text[at:], context))
    return "{{".join("".join(parts) for parts in open_parts)[:LONGEST]


def named(text: str, char: str, user: str) -> str:
    """With the two names alone, for keys."""
    names = {"char": char, "user": user}
    return _NAME_MACROS.sub(lambda match: names[match[1].lower()], text)


def hidden_keys(text: str) -> str:
    """What other lore is brought up by: hidden keys shown, comments taken out."""
    return _opened(_opened(text, _HIDDEN_KEY, shown=True), _SILENT, shown=False)


def _opened(text: str, opener: re.Pattern[str], *, shown: bool) -> str:
    """Without these braces, with or without what is in them. One that never closes ends the search:
    a pattern that looked for both ends would go through all the rest from each of them.
    """
    parts: list[str] = []
    at = 0
    while found := opener.search(text, at):
        end = text.find("}}", found.end())
        if end < 0:
            break
        parts += [text[at : found.start()], text[found.end() : end] if shown else ""]
        at = end + len("}}")
    return "".join(parts) + text[at:]


def _with_names(text: str, context: Context) -> str:
    if "<" not in text:
        return text
    names = {"user": context.user}
    return _NAMES.sub(
        lambda match: context.room.fit(names.get(match[1].lower(), context.char)), text
    )


def _value(macro: str, context: Context, at: int) -> str:
    """Of what stands between two braces; `at` tells one {{pick}} from another."""
    name, sign, rest = macro.strip().partition(":")
    name = name.strip().lower()
    if name.startswith("//"):
        return ""
    if not sign and " " in name:  # {{roll d6}}, as SillyTavern has it
        name, _, rest = macro.strip().partition(" ")
        name = name.lower()
    if offset := _OFFSET.fullmatch(name):
        zone = dt.timezone(dt.timedelta(hours=max(min(int(offset[1]), 14), -12)))
        return _time(context.now.astimezone(zone))
    if name in _PLAIN and not sign:
        return _PLAIN[name](context)
    if name in context.values and not sign:
        return context.values[name]
    if name in _WITH_ARGUMENTS:
        value = _WITH_ARGUMENTS[name](rest, context, at)
        if value is not None:
            return value
    return "{{" + macro + "}}"


def _date(now: dt.datetime) -> str:
    return f"{now:%B} {now.day}, {now.year}"


def _time(now: dt.datetime) -> str:
    return f"{now.hour}:{now.minute:02}"


def lasting(span: dt.timedelta) -> str:
    """In words, as coarse as people say it."""
    seconds = abs(span.total_seconds())
    for unit, length_s in _UNITS:
        count = int(seconds / length_s)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a few seconds"


_PLAIN: Final[Mapping[str, Callable[[Context], str]]] = {
    "char": lambda context: context.char,
    "user": lambda context: context.user,
    "original": lambda context: context.original,
    "newline": lambda _: "\n",
    "noop": lambda _: "",
    "trim": lambda _: "",
    "time": lambda context: _time(context.now),
    "date": lambda context: _date(context.now),
    "weekday": lambda context: f"{context.now:%A}",
    "isotime": lambda context: f"{context.now:%H:%M}",
    "isodate": lambda context: f"{context.now:%Y-%m-%d}",
    "idle_duration": lambda context: "just now" if context.idle is None else lasting(context.idle),
}


def _choices(rest: str) -> list[str]:
    """Of a,b or ::a::b; a comma behind a backslash is one."""
    if rest.startswith(":"):
        rest = rest[1:]
        if "::" in rest:
            return [each.strip() for each in rest.split("::")]
    return [each.replace("\\,", ",").strip() for each in re.split(r"(?<!\\),", rest)]


def _random(rest: str, context: Context, _at: int) -> str:
    return context.random.choice(_choices(rest))


def _pick(rest: str, context: Context, at: int) -> str:
    return Random(f"{context.seed}\0{at}\0{rest}").choice(_choices(rest))


def _roll(rest: str, context: Context, _at: int) -> str | None:
    match = _DICE.fullmatch(rest.strip(": "))
    if match is None:
        return None
    count, sides = int(match[1] or 1), int(match[2])
    if not sides or count > MOST_DICE:
        return None
    total = sum(context.random.randint(1, sides) for _ in range(count)) + int(match[3] or 0)
    return str(total)


def _reverse(rest: str, _context: Context, _at: int) -> str:
    return rest.strip(": ")[::-1]


def _time_diff(rest: str, _context: Context, _at: int) -> str | None:
    try:
        begin, end = (dt.datetime.fromisoformat(each) for each in rest.strip(":").split("::"))
        return lasting(end - begin)
    except (ValueError, TypeError):  # no moments, not two, or one with a zone and one without
        return None


def _get_variable(rest: str, context: Context, _at: int) -> str:
    return context.variables.get(rest.strip(": "), "")


def _set_variable(rest: str, context: Context, _at: int) -> str:
    name, _, value = rest.strip(":").partition("::")
    context.variables[name.strip()] = value
    return ""


def _silent(_rest: str, _context: Context, _at: int) -> str:
    return ""


_WITH_ARGUMENTS: Final[Mapping[str, Callable[[str, Context, int], str | None]]] = {
    "random": _random,
    "pick": _pick,
    "roll": _roll,
    "reverse": _reverse,
    "timediff": _time_diff,
    "getvar": _get_variable,
    "setvar": _set_variable,
    "hidden_key": _silent,
    "comment": _silent,
}
