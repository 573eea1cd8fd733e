"""How memories are shown: as tables, or as JSON for other programs."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from mynah.memory.fact import Fact
    from mynah.memory.log import Turn
    from mynah.memory.store import Found


UNANSWERED: Final = "(nothing)"
"""Heard where the answer failed, or was only felt. What was said stays: it was said."""


def show_facts(facts: "Sequence[Fact]", *, as_json: bool) -> None:
    """A line a fact."""
    if as_json:
        _write([of_fact(fact) for fact in facts])
    elif facts:
        _print_facts(facts)
    else:
        typer.echo("nothing yet: facts are noted when you pause, or by `mynah memory add`")


def tell_summary(summary: str) -> None:
    """If there is one; forgetting anything takes it away, since it may tell of that."""
    if summary:
        typer.echo(f"so far: {summary}")


def show_fact(fact: "Fact", turns: "Sequence[Turn]", *, as_json: bool) -> None:
    """All of one."""
    if as_json:
        _write(of_fact(fact) | {"turns": [of_turn(turn) for turn in turns]})
        return
    _print_facts([fact])
    _print_turns(turns)


def show_found(facts: "Sequence[Fact]", turns: "Sequence[Turn]", *, as_json: bool) -> None:
    """Facts and turns."""
    if as_json:
        found = {"facts": [of_fact(fact) for fact in facts]}
        _write(found | {"turns": [of_turn(turn) for turn in turns]})
        return
    if facts:
        _print_facts(facts)
    _print_turns(turns)
    if not (facts or turns):
        typer.echo("nothing found")


def tell_forgotten(found: "Found", *, as_json: bool) -> None:
    """How much is gone."""
    if as_json:
        _write({"facts": len(found.facts), "turns": len(found.turns)})
    else:
        from mynah.cli.card_view import counted

        gone = counted(len(found.facts), "fact"), counted(len(found.turns), "turn")
        typer.echo(f"forgotten: {' and '.join(filter(None, gone)) or 'nothing'}")


def of_fact(fact: "Fact") -> dict[str, Any]:
    """For other programs."""
    return {
        "id": fact.id,
        "content": fact.content,
        "keys": list(fact.keys),
        "pinned": fact.pinned,
        "confidence": fact.confidence,
        "created": _when(fact.created),
        "source_turns": list(fact.source_turns),
    }


def of_turn(turn: "Turn") -> dict[str, Any]:
    """For other programs."""
    return {
        "id": turn.id,
        "at": _when(turn.at),
        "said": turn.said,
        "heard": turn.heard,
        "companion": turn.companion,
        "language": turn.language,
        "ring": turn.ring,
        "source": turn.source,
    }


def _print_facts(facts: "Sequence[Fact]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mynah.errors import printable

    table = Table("", "What is known", "Found by", "Since", "Sure", box=None, pad_edge=False)
    for fact in facts:
        number = Text(f"{fact.id}{'*' if fact.pinned else ''}", "cyan", justify="right")
        words = Text(printable(_told(fact.content)))
        keys = Text(printable(", ".join(fact.keys)), "dim")
        table.add_row(number, words, keys, _day(fact.created), f"{fact.confidence:.0%}")
    console = Console(highlight=False)
    console.print(table)
    if any(fact.pinned for fact in facts):
        console.print("* pinned: always told", style="dim")


def _print_turns(turns: "Sequence[Turn]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mynah.errors import printable

    if not turns:
        return
    table = Table("Turn", "When", "Said", "Heard", box=None, pad_edge=False)
    for turn in turns:
        said, heard = Text(printable(turn.said)), Text(printable(turn.heard))
        if turn.is_unanswered:
            heard = Text(UNANSWERED, "dim")
        table.add_row(Text(str(turn.id), "cyan"), _day(turn.at), said, heard)
    Console(highlight=False).print(table)


def _told(content: str) -> str:
    """As people say it. Chinese has one verb for all; English would have "you has"."""
    from mynah.characters.language import is_han

    if any(is_han(letter) for letter in content):
        return content.replace("{{user}}", "你")
    told = content.replace("{{user}}", "the wearer")
    return told[:1].upper() + told[1:] if content.startswith("{{user}}") else told


def _day(seconds: float) -> str:
    return (_when(seconds) or "").partition("T")[0]


def _when(seconds: float) -> str | None:
    """In the wearer's own time; None if nobody knows, or no calendar has it."""
    try:
        moment = dt.datetime.fromtimestamp(seconds).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="seconds") if seconds else None


def _write(what: object) -> None:
    typer.echo(json.dumps(what, ensure_ascii=False, indent=2))
