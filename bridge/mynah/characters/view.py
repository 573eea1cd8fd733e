"""The fields of a card with types: strangers' cards have lists for texts and nulls for anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mynah.characters.examples import Pair, pairs
from mynah.characters.jsons import Raw
from mynah.characters.language import language_of
from mynah.characters.limits import MOST_NAME_CHARACTERS

Role = Literal["system", "user", "assistant"]

ROLES: Final[tuple[Role, ...]] = ("system", "user", "assistant")
"""SillyTavern has numbers for them, in this order."""

DEPTH: Final = 4
"""SillyTavern's default, in messages from the end."""

ENOUGH: Final = 2000
"""Characters of a field, to tell its language by."""

VOICE: Final = "mynah/voice"
"""Our extensions of a card: the Piper voice it speaks with, and its language."""
LANGUAGE: Final = "mynah/language"


@dataclass(frozen=True, slots=True)
class AtDepth:
    """Words that stand so many messages before the end of the conversation."""

    depth: int
    """0 is after the last message."""
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """What a mind needs of a card. Texts hold macros still: see `macros.expand`."""

    name: str
    called: str
    """The nickname if there is one: what {{char}} stands for."""
    description: str
    personality: str
    scenario: str
    first_mes: str
    examples: tuple[Pair, ...]
    """What a wearer says, and how this character answers."""
    system_prompt: str
    """Instead of ours, which it may hold as {{original}}; empty: ours."""
    post_history_instructions: str
    """After the conversation; may hold {{original}}."""
    depth_prompt: AtDepth | None
    greetings: tuple[str, ...]
    """first_mes, then the alternate ones; without empty ones."""
    book: Raw | None
    """For `Lorebook.of`."""
    emotions: tuple[str, ...]
    """Of which it has pictures: the words for moods that it knows."""
    language: str
    """As Whisper names it; empty if nobody can tell."""
    voice: str
    """A Piper voice by name; empty for the one in the settings."""
    creator: str
    creator_notes: str
    """For people. Never in a prompt."""
    tags: tuple[str, ...]
    extensions: Mapping[str, Any]


def view_of(data: Raw) -> View:
    """Of a card's `data`; whatever has the wrong type is empty."""
    name = text(data.get("name")).strip()[:MOST_NAME_CHARACTERS]
    extensions = _object(data.get("extensions"))
    told = [text(data.get(each))[:ENOUGH] for each in ("first_mes", "description", "mes_example")]
    called = text(data.get("nickname")).strip()[:MOST_NAME_CHARACTERS] or name
    first = text(data.get("first_mes"))
    book = data.get("character_book")
    return View(
        name=name,
        called=called,
        description=text(data.get("description")),
        personality=text(data.get("personality")),
        scenario=text(data.get("scenario")),
        first_mes=first,
        examples=pairs(text(data.get("mes_example")), called or name),
        system_prompt=text(data.get("system_prompt")),
        post_history_instructions=text(data.get("post_history_instructions")),
        depth_prompt=_depth_prompt(_object(extensions.get("depth_prompt"))),
        greetings=tuple(filter(str.strip, [first, *texts(data.get("alternate_greetings"))])),
        book=book if isinstance(book, dict) else None,
        emotions=_emotions(data.get("assets")),
        language=text(extensions.get(LANGUAGE)) or language_of(" ".join(told)),
        voice=text(extensions.get(VOICE)),
        creator=text(data.get("creator")),
        creator_notes=text(data.get("creator_notes")),
        tags=texts(data.get("tags")),
        extensions=extensions,
    )


def text(value: Any) -> str:
    """A string that can be written as UTF-8; empty for what is none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(text(each) for each in value if isinstance(each, str)) if _is_list(value) else ()


def number(value: Any, default: float) -> float:
    """A number, also one in quotes; the default for what is none or infinite."""
    try:
        found = float(value) if isinstance(value, int | float | str) else default
    except (ValueError, OverflowError):
        return default
    return found if abs(found) < float("inf") else default


def role(value: Any) -> Role:
    """By name or by SillyTavern's number; system if it is neither."""
    if isinstance(value, int) and 0 <= value < len(ROLES):
        return ROLES[value]
    return next((each for each in ROLES if each == value), "system")


def _depth_prompt(raw: Mapping[str, Any]) -> AtDepth | None:
    prompt = text(raw.get("prompt"))
    if not prompt.strip():
        return None
    return AtDepth(max(int(number(raw.get("depth"), DEPTH)), 0), role(raw.get("role")), prompt)


def _emotions(assets: Any) -> tuple[str, ...]:
    found = [
        text(asset.get("name")).strip()
        for asset in (assets if _is_list(assets) else ())
        if isinstance(asset, dict) and asset.get("type") == "emotion"
    ]
    return tuple(dict.fromkeys(filter(None, found)))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
