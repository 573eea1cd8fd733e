"""`mynah forget --everything`: on this computer and on the rings."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.forgetting import Trace

Everything = Annotated[bool, typer.Option("--everything", help="All of it; there is no way back.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Rings = Annotated[bool, typer.Option(help="The paired rings too; they have to be in range.")]


def forget(everything: Everything = False, yes: Yes = False, rings: Rings = True) -> None:
    """Delete all that was said, remembered and noted, here and on your rings.

    One thing alone: mynah memory forget.
    """
    from mynah.config import load
    from mynah.errors import UserError
    from mynah.forgetting import forget_here, traces
    from mynah.setting import set_keys

    if not everything:
        raise UserError(
            "say --everything to delete it all; for one thing alone: mynah memory forget WORDS"
        )
    if _service_may_run():
        raise UserError("`mynah service stop` first: what still runs would note it again")
    found = traces()
    _show(found)
    if not yes:
        typer.confirm(
            "Delete all of it, characters and memories too? (End `mynah run` first.)", abort=True
        )
    left = asyncio.run(_forget_rings()) if rings else 0
    try:
        forget_here(found)
    except OSError as error:
        raise UserError(f"{error.filename}: can't be deleted ({error.strerror})") from error
    if load().character:  # who is gone can't be played
        typer.echo(f"{set_keys(None, character='')}: Mynah's own character again")
    typer.echo("This computer has forgotten. Kept: settings, API keys, models, the rings' keys.")
    if left:
        raise typer.Exit(1)


def _service_may_run() -> bool:
    from mynah.errors import MynahError
    from mynah.service.manager import State, manager

    try:
        return manager().status().state in (State.RUNS, State.BEGINS)
    except MynahError:  # no manager, no service
        return False


def _show(found: "list[Trace]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for trace in found:
        table.add_row(str(trace.path), f"{trace.files} files", f"{trace.size_bytes / 1000:.0f} kB")
    Console(highlight=False).print(table if found else "Nothing is noted on this computer.")


async def _forget_rings() -> int:
    """How many did not forget."""
    from rich.console import Console

    from mynah.errors import DeviceError, LinkError, innermost, one_line
    from mynah.forgetting import forget_ring
    from mynah.link.keys import KeyStore
    from mynah.link.place import real_places

    if not KeyStore().all():
        return 0
    left, console = 0, Console(highlight=False)
    for open_place in real_places(["ble:"]):
        async with open_place() as place:
            try:
                with console.status(f"{place.name} forgets"):
                    await forget_ring(place.link)
                console.print(f"{place.name} has forgotten.", markup=False)
            except* (LinkError, DeviceError) as group:
                left += 1
                reason = one_line(innermost(group))
                console.print(f"{place.name} has not: {reason}", style="red", markup=False)
    return left
