"""`mynah devices`: rings in range, and boards on a cable."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.devices import Devices

Seconds = Annotated[float, typer.Option(min=0.5, max=60.0, help="How long to listen.")]
Link = Annotated[str | None, typer.Option(help="An emulated ring's air: emulator:NAME.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]


def devices(link: Link = None, seconds: Seconds = 5.0, as_json: Json = False) -> None:
    """Rings in range and boards on a cable. Exit code 1 if Bluetooth can't be used."""
    from rich.console import Console

    from mynah.devices import look

    with Console(stderr=True).status(f"listening for {seconds:g} s"):
        found = asyncio.run(look(link, seconds))
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        _print(found)
    raise typer.Exit(1 if found.trouble else 0)


def _print(found: "Devices") -> None:
    from rich.console import Console
    from rich.table import Table

    from mynah.devices import strength

    console = Console(highlight=False)
    if found.trouble:
        console.print(found.trouble, markup=False)
    elif not found.rings:
        console.print("No ring in range: is it charged, and within 10 m?")
    table = Table.grid(padding=(0, 2))
    for ring in found.rings:
        whose = f"ring {ring.device_id}" if ring.device_id else "a ring, not paired with you"
        signal = f"{ring.rssi_dbm} dBm, {strength(ring.rssi_dbm)}"
        table.add_row(whose, ring.address, signal)
    for port in found.ports:
        table.add_row("a board on a cable", port.device, port.chip)
    if table.row_count:
        console.print(table)
    for device_id, line in found.faults:
        console.print(f"ring {device_id} said when it was last here: {line}", markup=False)
    if any(ring.device_id is None for ring in found.rings):
        console.print("Yours? Pair it by cable: mynah pair", style="dim")
