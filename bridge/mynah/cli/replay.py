"""`mynah replay`: recorded turns through the turn machine once more, and with another patience."""

import json as jsons
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table
    from rich.text import Text

    from mynah.replay import Replay, Replayed

STYLES = {
    "hearing": "white on blue",
    "paused": "white on bright_black",
    "committed": "black on yellow",
    "speaking": "white on green",
    "ducked": "black on bright_green",
    "held": "white on magenta",
}
NUMBER_WIDTH = 4

Turns = Annotated[Path, typer.Argument(help="A turns.jsonl, or the folder of one.")]
Profile = Annotated[
    str, typer.Option(help="With whose patience ends are found: snappy, balanced or patient.")
]
Json = Annotated[bool, typer.Option("--json", help="One object on standard output.")]


def replay(turns: Turns, profile: Profile = "balanced", json: Json = False) -> None:
    """Tell a fresh turn machine what was recorded, and compare what it does with what it did.

    Exit code 0 if all is as it was, 1 if not, 2 if the file is not one of recorded turns.
    """
    from mynah.errors import UserError
    from mynah.replay import replay_file
    from mynah.turn import delay

    if profile not in set(delay.Profile):
        raise UserError(f"--profile {profile} is none of {', '.join(delay.Profile)}")
    replayed = replay_file(turns, delay.Profile(profile))
    if json:
        typer.echo(jsons.dumps(replayed.as_json()))
    else:
        _print(replayed)
    raise typer.Exit(0 if replayed.identical else 1)


def _print(replayed: "Replay") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_legend())
    for turn in replayed.turns:
        console.print(_time_line(turn, console.width), no_wrap=True)
    console.print(_table(replayed))
    for line in _verdicts(replayed):
        console.print(line, markup=False, soft_wrap=True)


def _legend() -> "Text":
    from rich.text import Text

    parts = [part for state, style in STYLES.items() for part in ((state, style), " ")]
    return Text.assemble(" " * (NUMBER_WIDTH + 1), *parts)


def _time_line(turn: "Replayed", width: int) -> "Text":
    """One cell for each part of a turn's time: the first letter of what was most of it."""
    from rich.text import Text

    line = Text(f"{turn.turn:>{NUMBER_WIDTH}} ")
    whole_ms = turn.stretches[-1].end_ms if turn.stretches else 0
    after = f" {whole_ms / 1000:.1f} s"
    cells = max(1, width - len(line) - len(after))
    for stretch in turn.stretches:
        begin, end = (
            round(ms * cells / max(whole_ms, 1)) for ms in (stretch.begin_ms, stretch.end_ms)
        )
        line.append(stretch.state[0] * (end - begin), STYLES.get(stretch.state, ""))
    line.append(after)
    return line


def _table(replayed: "Replay") -> "Table":
    from rich.table import Table

    table = Table()
    for heading in ("turn", "v2v", "bound by", "wait", f"{replayed.profile} waits", "cut off"):
        table.add_column(heading, justify="left" if heading == "bound by" else "right")
    for turn in replayed.turns:
        by_ear = turn.wait_ms is not None
        table.add_row(
            str(turn.turn),
            _ms(turn.v2v_ms),
            (turn.bound_by or "").replace("_", " "),
            _ms(turn.wait_ms),
            _ms(turn.would_wait_ms),
            _change(turn.cut_off, turn.would_cut_off) if by_ear else "",
        )
    return table


def _verdicts(replayed: "Replay") -> "Iterator[str]":
    for turn in replayed.turns:
        for each in turn.differences:
            where = f"turn {each.turn}, {each.ms} ms, {each.event}"
            yield f"{where}: recorded {each.recorded}; now {each.now}"
        if turn.left_ms is not None:
            yield f"turn {turn.turn} was recorded for {turn.left_ms / 1000:.1f} s only"
    for line in replayed.silent:
        yield f"line {line} was recorded without what happened in the turn"
    if replayed.cut_line is not None:
        yield f"line {replayed.cut_line} is cut off: the turn in it is not replayed"
    told = "all as recorded" if replayed.identical else "not as recorded"
    yield f"{len(replayed.turns)} turns, {told}"
    sums = replayed.sums()
    if sums["by_ear"]:
        waits = f"{sums['wait_ms']:.0f} -> {sums['would_wait_ms']:.0f} ms in all"
        cuts = _change(int(sums["cut_off"]), int(sums["would_cut_off"]))
        yield f"{sums['by_ear']} ended by silence: {waits}, cut off {cuts}"


def _change(was: int, would: int) -> str:
    return f"{was} -> {would}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"
