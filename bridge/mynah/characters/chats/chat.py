"""A conversation from a file: who said what, and what was odd about the file."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mynah.characters.jsons import Raw
from mynah.memory.log import Turn


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said in one go."""

    by_user: bool
    text: str
    name: str = ""
    at: float = 0.0
    """Seconds since 1970; 0 if nobody knows."""
    raw: Raw = field(default_factory=dict, compare=False, repr=False)
    """All of it, in SillyTavern's shape, as far as the file had more."""
    aside: bool = False
    """A note of a program's, nobody's words."""


@dataclass(frozen=True, slots=True)
class Chat:
    """In order."""

    lines: tuple[Line, ...]
    user_name: str = ""
    character_name: str = ""
    raw: Raw = field(default_factory=dict, compare=False, repr=False)
    """The head of SillyTavern's file."""
    told: tuple[str, ...] = ()
    """What could not be read, in lines for a person."""

    def turns(self, source: str) -> list[Turn]:
        """As a memory's log has them; an opening of the character's answers nothing."""
        turns: list[Turn] = []
        said: list[Line] = []
        heard: list[Line] = []
        last: object = None
        for line in self.lines:
            if line.aside or not (line.text.strip() or _extra([line], "ring")):
                continue
            mark = _extra([line], "mynah").get("turn")
            begins = mark != last if mark is not None else line.by_user and bool(heard)
            last = mark
            if begins and (said or heard):
                turns.append(_turn(said, heard, source))
                said, heard = [], []
            (said if line.by_user else heard).append(line)
        return [*turns, _turn(said, heard, source)] if said or heard else turns


def chat_of(turns: Iterable[Turn], user_name: str, character_name: str) -> Chat:
    """The reverse."""
    lines: list[Line] = []
    for number, turn in enumerate(turns, 1):
        ours = {"turn": number, "companion": turn.companion, "language": turn.language}
        raw: Raw = {"extra": {"mynah": {name: it for name, it in ours.items() if it}}}
        if turn.ring:
            raw["extra"]["ring"] = {"touch": turn.ring}
        if turn.said.strip() or turn.ring:
            lines.append(Line(True, turn.said, user_name, turn.at, raw))
        if turn.heard.strip():
            lines.append(Line(False, turn.heard, character_name, turn.at, raw))
    return Chat(tuple(lines), user_name, character_name)


def _turn(said: list[Line], heard: list[Line], source: str) -> Turn:
    ours = _extra([*heard, *said], "mynah")
    ring = _extra([*said, *heard], "ring").get("touch")
    return Turn(
        said="\n".join(line.text.strip() for line in said),
        heard="\n".join(line.text.strip() for line in heard),
        at=next((line.at for line in [*said, *heard] if line.at), 0.0),
        companion=_text(ours.get("companion")),
        language=_text(ours.get("language")),
        ring=_text(ring),
        source=source,
    )


def _extra(lines: list[Line], name: str) -> Raw:
    for line in lines:
        extra = line.raw.get("extra")
        if isinstance(extra, dict) and isinstance(extra.get(name), dict):
            found: Raw = extra[name]
            return found
    return {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
