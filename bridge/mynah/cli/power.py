"""`mynah power`: how long a cell lasts on a board, and where its charge goes."""

import json
import re
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from mynah.maker.power import Day, Forecast

NAME_WIDTH = 12  # "parts asleep"
BAR_WIDTH = 12  # with the figures beside it, a line has less than 80 columns

_USES = re.compile(r"(?P<utterances>\d{1,9})x(?P<seconds>\d{1,9}(\.\d+)?)s?")

BoardName = Annotated[str, typer.Option("--board", help="Which board, as its file is called.")]
Battery = Annotated[float, typer.Option("--battery", help="Milliampere hours of the cell.")]
Uses = Annotated[str, typer.Option(help="How often a day, and how long: TIMESxSECONDS.")]
Reply = Annotated[float, typer.Option(min=0, help="Seconds that each answer is spoken.")]
Connected = Annotated[
    float | None,
    typer.Option(min=0, max=24, help="Hours a day with a host; default: as its build does."),
]
Milliamps = Annotated[
    list[str] | None,
    typer.Option("--ma", metavar="STATE=MA", help="What you measured: MA or LOW-HIGH; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]


def power(
    board: BoardName,
    battery: Battery,
    uses: Uses = "20x6",
    reply: Reply = 8.0,
    connected: Connected = None,
    ma: Milliamps = None,
    as_json: Json = False,
) -> None:
    """How long a cell lasts: a range, with everything that it assumes and leaves out."""
    from mynah.maker.boards import board_named
    from mynah.maker.milliamps import measured
    from mynah.maker.power import forecast

    day = _day(uses, reply, connected)
    told = forecast(board_named(board), battery, day, measured(ma or []))
    if as_json:
        typer.echo(json.dumps(told.as_json(), indent=2))
    else:
        _print(told)


def _day(uses: str, reply: float, connected: float | None) -> "Day":
    from mynah.errors import UserError
    from mynah.maker.power import Day

    said = _USES.fullmatch(uses)
    if said is None:
        raise UserError(f"--uses {uses}: give times a day and seconds each, as in 20x6")
    return Day(int(said["utterances"]), float(said["seconds"]), reply, connected)


def _print(told: "Forecast") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_table(told))
    charges = f", {told.utterances_a_charge} {told.uses}" if told.utterances_a_charge else ""
    line = f"{told.capacity_mah:g} mAh on {told.board}: {told.days} days{charges} a charge"
    console.print(line, style="bold", markup=False)
    _list(console, "This assumes:", told.assumed)
    _list(console, "Not measured on hardware, so left out; it lasts less:", told.left_out)
    _list(console, "Mind:", told.warnings)


def _table(told: "Forecast") -> "Table":
    from rich.bar import Bar
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(width=NAME_WIDTH, justify="right")
    table.add_column(width=BAR_WIDTH)
    for _ in ("hours", "milliamperes", "how"):
        table.add_column(justify="right")
    most = told.a_day_mah.low + told.a_day_mah.high
    for share in told.shares:
        if share.milliamps is None or share.milliamp_hours is None:
            continue
        part = (share.milliamp_hours.low + share.milliamp_hours.high) / most
        bar = Bar(1.0, 0.0, part, width=BAR_WIDTH, color="cyan")
        table.add_row(share.state, bar, _span(share.hours), f"{share.milliamps} mA", share.how)
    return table


def _span(hours: float) -> str:
    """Of a day, in the unit that suits it."""
    if hours >= 1:
        return f"{hours:.1f} h a day"
    minutes = hours * 60
    return f"{minutes:.0f} min a day" if minutes >= 1 else f"{minutes * 60:.0f} s a day"


def _list(console: "Console", head: str, lines: tuple[str, ...]) -> None:
    from rich.padding import Padding

    if lines:
        console.print(head, style="dim")
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 2), expand=False), markup=False)
