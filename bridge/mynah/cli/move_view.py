"""What goes along, shown before the next conversation."""

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mynah.cli.card_view import counted
from mynah.errors import printable

if TYPE_CHECKING:
    from mynah.characters.moving_on import Luggage

LAST: Final = 2
"""Turns that are shown: enough to see where it goes on."""
WIDTH: Final = 10
LONGEST: Final = 160
"""Characters of one line."""


def shown(luggage: "Luggage | None") -> None:
    """The character, what it remembers, where the conversation is, and what is told first."""
    console = Console(highlight=False)
    if luggage is None:
        console.print("No character is chosen, so none goes along: mynah card use NAME")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(width=WIDTH, justify="right", style="dim")
    table.add_column(overflow="fold")
    table.add_row("goes along", Text(printable(f"{luggage.name}, the card as it is")))
    known = counted(luggage.facts, "fact"), counted(luggage.turns, "turn")
    table.add_row("", ", ".join(filter(None, known)))
    for turn in luggage.last[-LAST:]:
        for who, words in (("you", turn.said), (luggage.called, turn.heard)):
            if words:
                table.add_row(Text(printable(who)), Text(_short(words)))
    console.print(table)
    if luggage.told_first:
        lines = Text(printable(luggage.told_first, "\n"), "dim")
        title = "it keeps its own conversation; with your first words it is told"
        console.print(Panel(lines, title=title, title_align="left"))


def _short(words: str) -> str:
    line = printable(words)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} …"
