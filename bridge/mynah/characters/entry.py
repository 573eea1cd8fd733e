"""An entry of a lorebook, in the shape of the specification, SillyTavern's, Agnai's or Risu's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mynah.characters import decorators
from mynah.characters.jsons import Raw
from mynah.characters.limits import MOST_CONTENT_CHARACTERS, MOST_KEYS_OF_ENTRY
from mynah.characters.view import DEPTH, Role, number, role, text, texts

Logic = Literal["any", "not_all", "not_any", "all"]
"""What of the secondary keys must be there as well."""
Regexes = Literal["never", "slashed", "always"]
"""Which keys are regular expressions: none, those written /so/i, or every one."""
Place = Literal["before", "after", "depth"]

LOGICS: Final[tuple[Logic, ...]] = ("any", "not_all", "not_any", "all")
"""SillyTavern has numbers for them, in this order."""

AT_DEPTH: Final = 4
_PLACES: Final[tuple[Place, ...]] = ("before", "after", "depth", "depth", "depth", "after", "after")
"""SillyTavern's numbers. Its author's note, 2 and 3, stands at depth 4 unless one moves it; 5 and 6
are beside the example dialogues, which come after the character."""
_DECORATED_PLACES: Final[Mapping[str, Place]] = {"before_desc": "before"}

ALWAYS: Final = 100
"""Percent."""

MOST_WEIGHT: Final = 1e6
"""In a group; SillyTavern's own end is ten thousand. Their sum must stay a number."""

_OTHER_NAMES: Final = {
    "key": "keys",
    "keywords": "keys",
    "keysecondary": "secondary_keys",
    "secondkey": "secondary_keys",
    "entry": "content",
    "order": "insertion_order",
    "insertorder": "insertion_order",
    "always_active": "constant",
    "uid": "id",
}
_CAPITAL: Final = re.compile(r"(?<=[a-z])([A-Z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """Words that come to mind when something is mentioned."""

    id: str
    """What sticky and cooldown remember it by."""
    keys: tuple[str, ...]
    secondary: tuple[str, ...]
    logic: Logic
    additional: tuple[str, ...]
    """One of them must be there as well."""
    excluded: tuple[str, ...]
    """None of them may be."""
    regexes: Regexes
    case_sensitive: bool
    whole_words: bool
    content: str
    """Without decorators; macros and all."""
    enabled: bool
    constant: bool
    forced: bool | None
    """True: in any case; False: in no case."""
    order: float
    """Lower is earlier in the prompt."""
    rank: float
    """Lower is dropped first when the budget is spent."""
    place: Place
    depth: int
    from_beginning: bool
    """`depth` counts messages from the oldest."""
    role: Role
    scan_depth: int | None
    """In messages; None for the book's."""
    probability: float
    groups: tuple[str, ...]
    """Of each group one entry is chosen."""
    group_weight: float
    group_first: bool
    """In its groups the highest order wins, no die is cast."""
    group_scored: bool
    """In its groups whose keys are found more often wins."""
    sticky: int
    """For so many messages it stays."""
    cooldown: int
    delay: int
    """Not before there are so many messages."""
    not_before: int
    """Not before the character has spoken so often."""
    every: int
    """Only each so many turns; 0 for any."""
    greeting: int | None
    keeps_on: bool
    """Once found it stays."""
    once: bool
    not_by_lore: bool
    """Other entries' words don't bring it up."""
    brings_none: bool
    """Its own words bring up nothing."""
    only_by_lore: bool

    @property
    def every_key(self) -> tuple[str, ...]:
        """All that is looked for."""
        return (*self.keys, *self.secondary, *self.additional, *self.excluded)


def entry_of(raw: Raw, index: int) -> Entry:
    """Whatever is missing or of the wrong type has its default."""
    flat = _flat(raw)
    decorated = decorators.parse(text(flat.get("content")))
    by_sillytavern = "selective_logic" in flat or "keysecondary" in raw
    order = number(flat.get("insertion_order"), 100)
    place, depth = _place(flat, decorated)
    return Entry(
        id=_id(flat, index),
        content=decorated.text[:MOST_CONTENT_CHARACTERS],
        enabled=flat.get("enabled") is not False and flat.get("disable") is not True,
        forced=_forced(decorated),
        order=order,
        rank=number(flat.get("priority"), order),
        place=place,
        depth=depth,
        from_beginning="depth" not in decorated.found and "reverse_depth" in decorated.found,
        role=role(decorated.found.get("role", flat.get("role"))),
        scan_depth=_scan_depth(flat, decorated),
        probability=_probability(flat),
        **_keys(flat, decorated, by_sillytavern=by_sillytavern),
        **_group(flat),
        **_times(flat, decorated),
        not_by_lore=flat.get("exclude_recursion") is True,
        brings_none=flat.get("prevent_recursion") is True,
        only_by_lore=bool(flat.get("delay_until_recursion")),
    )


def renamed(raw: Raw) -> Raw:
    """With the specification's names, as far as it has any."""
    snakes = {_CAPITAL.sub(r"_\1", name).lower(): value for name, value in raw.items()}
    return {_OTHER_NAMES.get(name, name): value for name, value in snakes.items()}


def _keys(flat: Raw, decorated: decorators.Decorated, *, by_sillytavern: bool) -> Raw:
    regexes = _regexes(flat, by_sillytavern=by_sillytavern)
    always = regexes == "always"  # then the specification wants some others ignored
    return {
        "keys": _words(flat.get("keys")),
        "secondary": () if always or not _selective(flat) else _words(flat.get("secondary_keys")),
        "logic": LOGICS[_whole(flat, "selective_logic", 0) % len(LOGICS)],
        "additional": decorated.listed("additional_keys"),
        "excluded": () if always else decorated.listed("exclude_keys"),
        "regexes": regexes,
        "case_sensitive": flat.get("case_sensitive") is True,
        "whole_words": flat.get("match_whole_words") is True,
        "constant": flat.get("constant") is True and not always,
    }


def _group(flat: Raw) -> Raw:
    return {
        "groups": _words(flat.get("group"))[:MOST_KEYS_OF_ENTRY],
        "group_weight": min(max(number(flat.get("group_weight"), ALWAYS), 0), MOST_WEIGHT),
        "group_first": flat.get("group_override") is True,
        "group_scored": flat.get("use_group_scoring") is True,
    }


def _times(flat: Raw, decorated: decorators.Decorated) -> Raw:
    return {
        "sticky": _whole(flat, "sticky", 0),
        "cooldown": _whole(flat, "cooldown", 0),
        "delay": _whole(flat, "delay", 0),
        "not_before": decorated.number("activate_only_after") or 0,
        "every": max(decorated.number("activate_only_every") or 0, 0),
        "greeting": decorated.number("is_greeting"),
        "keeps_on": decorated.has("keep_activate_after_match"),
        "once": decorated.has("dont_activate_after_match"),
    }


def _flat(raw: Raw) -> Raw:
    """One set of names. SillyTavern keeps in `extensions` what the specification has no name for;
    its position there is the exact one.
    """
    extensions = raw.get("extensions")
    inner = renamed(extensions) if isinstance(extensions, dict) else {}
    own = {name: value for name, value in renamed(raw).items() if value is not None}
    if isinstance(inner.get("position"), int):
        own.pop("position", None)
    return inner | own


def _id(flat: Raw, index: int) -> str:
    known = flat.get("id")
    return str(known) if isinstance(known, int | str) and known != "" else f"#{index}"


def _words(value: Any) -> tuple[str, ...]:
    """A list, or a text with commas."""
    each = text(value).split(",") if isinstance(value, str) else texts(value)
    return tuple(word.strip() for word in each if word.strip())


def _selective(flat: Raw) -> bool:
    """SillyTavern's own books may leave it out, and mean yes."""
    selective = flat.get("selective")
    return selective is True or (selective is None and "selective_logic" in flat)


def _regexes(flat: Raw, *, by_sillytavern: bool) -> Regexes:
    """SillyTavern writes `use_regex: true` for every entry, and reads slashes all the same."""
    use_regex = flat.get("use_regex")
    if by_sillytavern or use_regex is None:
        return "slashed"
    return "always" if use_regex is True else "never"


def _forced(decorated: decorators.Decorated) -> bool | None:
    if decorated.has("activate"):
        return True
    return False if decorated.has("dont_activate") else None


def _place(flat: Raw, decorated: decorators.Decorated) -> tuple[Place, int]:
    """A place that is named comes before a depth, a decorator before a field."""
    named = decorated.found.get("position")
    if named is not None:
        return _DECORATED_PLACES.get(named, "after"), DEPTH
    depths = (decorated.number(name) for name in ("depth", "reverse_depth"))
    if (depth := next((each for each in depths if each is not None), None)) is not None:
        return "depth", max(depth, 0)
    position = flat.get("position")
    if isinstance(position, int):
        place = _PLACES[position] if 0 <= position < len(_PLACES) else "before"
        return place, _whole(flat, "depth", DEPTH) if position == AT_DEPTH else DEPTH
    return ("after" if position == "after_char" else "before"), DEPTH


def _scan_depth(flat: Raw, decorated: decorators.Decorated) -> int | None:
    if (decorated_depth := decorated.number("scan_depth")) is not None:
        return max(decorated_depth, 0)
    return None if flat.get("scan_depth") is None else _whole(flat, "scan_depth", 0)


def _probability(flat: Raw) -> float:
    if flat.get("use_probability") is False:
        return ALWAYS
    return number(flat.get("probability"), ALWAYS)


def _whole(flat: Raw, name: str, default: int) -> int:
    return max(int(number(flat.get(name), default)), 0)
