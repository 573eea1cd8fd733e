"""`mynah bench`: figures, measured here and now."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.bench.link import LinkResult

app = typer.Typer(help="Measure: figures from this computer, now.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the result into this PNG.")]


@app.callback()
def bench() -> None:
    """Keeps `link` a command of its own while it is the only one."""


@app.command("link")
def link(
    link_uri: Annotated[str, typer.Option("--link", help="Which emulated ring.")] = "emulator:",
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="How long.")] = 30.0,
    as_json: Json = False,
    plot: Plot = None,
) -> None:
    """Sealed speech both ways at once. Exit code 0 if every frame came, once and in order."""
    from rich.console import Console

    from mynah.bench import link as bench_link

    busy = Console(stderr=True).status(f"{seconds:g} s of speech both ways")
    with busy:
        result = asyncio.run(bench_link.measure(link_uri, seconds))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    else:
        _print(result)
    if plot is not None:
        bench_link.plot(result, plot)
    raise typer.Exit(0 if result.whole else 1)


def _print(result: "LinkResult") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{result.seconds:g} s of speech both ways", show_header=False)
    up = f"{result.up_frames} frames, {result.up_lost} lost"
    table.add_row("up", up + (", in order" if result.up_in_order else ", OUT OF ORDER"))
    down = f"{result.down_frames} frames, {result.down_played} played"
    table.add_row("down", f"{down}, {result.underruns} underruns")
    levels = ", ".join(f"p{p} {result.percentile_ms(p):.0f}" for p in (50, 95, 99))
    table.add_row("last sample to host", f"{levels}, max {result.percentile_ms(100):.0f} ms")
    table.add_row("link", f"interval {result.interval_ms:g} ms, MTU {result.mtu}")
    queues = f"radio {result.deepest_radio_queue}, host {result.deepest_host_queue}"
    table.add_row("deepest queues", f"{queues}; full {result.enomem} times")
    Console().print(table)
