"""`mynah why`: what the last turn's time went into, and what would shorten it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mynah.why import Turn

NAME_WIDTH = 13  # "endpoint_wait", "device_buffer"
BAR_WIDTH = 44  # with a name and a figure beside it, a line has less than 80 columns

Turns = Annotated[
    Path | None,
    typer.Argument(metavar="[TURNS]", help="A turns.jsonl; default: the last conversation's."),
]


def why(turns: Turns = None) -> None:
    """Where the last turn's time went: a bar a stage, the verdict, and what to do about it."""
    from rich.console import Console

    from mynah.config import load
    from mynah.link.keys import data_folder
    from mynah.turn.last import last_turns_file
    from mynah.why import advice, last_turn, verdict

    turn = last_turn(turns or last_turns_file(data_folder()))
    console = Console(highlight=False)
    if turn.waterfall:
        console.print(_bars(turn))
    console.print(verdict(turn), style="bold", markup=False)
    for line in advice(turn, load().hearing.model):
        console.print(line, markup=False)


def _bars(turn: "Turn") -> "Table":
    """Each bar begins where the one before ended."""
    from rich.bar import Bar
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(width=NAME_WIDTH, justify="right")
    table.add_column(width=BAR_WIDTH)
    table.add_column(justify="right")
    whole_ms = max(sum(turn.waterfall.values()), 1.0)
    begin_ms = 0.0
    for name, ms in turn.waterfall.items():
        style = "yellow" if name == turn.bound_by else "cyan"
        bar = Bar(whole_ms, begin_ms, begin_ms + ms, width=BAR_WIDTH, color=style)
        table.add_row(name, bar, f"{ms:.0f} ms")
        begin_ms += ms
    return table
