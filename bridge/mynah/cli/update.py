"""`mynah update`: new firmware for a ring, over the air or a cable."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mynah.firmware import STANDARD_BOARD

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

    from mynah.link.base import Link as AnyLink
    from mynah.maker.bundle import Bundle
    from mynah.maker.update import Progress, Updated
    from mynah.maker.update_key import UpdateKey
    from mynah_wire.uplink import Ready

Link = Annotated[str, typer.Option(help="Which ring: ble:, serial:/dev/ttyACM0, or emulator:NAME.")]
File = Annotated[Path | None, typer.Option("--bundle", help="Send this bundle, as it is.")]
Make = Annotated[Path | None, typer.Option(help="Make a bundle here, send nothing.")]
Board = Annotated[str, typer.Option(help="With --make: for which board.")]
Build = Annotated[
    int | None, typer.Option(min=1, max=2**31, help="Call what is here by this number.")
]
Sign = Annotated[Path | None, typer.Option(help="Sign this bundle with this computer's key.")]
NewKey = Annotated[
    bool, typer.Option("--make-key", help="Make a new key; rings trust the old one until flashed.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing before a new key is made.")]

NEW_KEY = "your rings trust the old key: they take no update until `mynah flash --app`"


def update(
    link: Link = "ble:",
    bundle: File = None,
    make: Make = None,
    board: Board = STANDARD_BOARD,
    build: Build = None,
    sign: Sign = None,
    make_key: NewKey = False,
    yes: Yes = False,
) -> None:
    """New firmware for a ring: sent, tried once, kept if this computer finds it well."""
    from mynah.maker import bundle as bundles
    from mynah.maker.update_key import key_store, owners_key

    if make_key:
        _make_key(asks=not yes)
        return
    key = owners_key(key_store())
    if sign is not None:
        signed = bundles.signed_again(bundles.read(sign), key)
        bundles.write(signed, sign)
        typer.echo(f"{sign}: signed with {key.fingerprint}")
    elif make is not None:
        from mynah.maker.boards import board_named

        made = bundles.make(board_named(board).architecture, key, build)
        bundles.write(made, make)
        typer.echo(f"{make}: build {made.build} for {made.architecture}, {_size(made)}")
    else:
        asyncio.run(_send_or_explain(link, bundle, build, key))


def _make_key(*, asks: bool) -> None:
    from mynah.errors import UserError
    from mynah.maker.update_key import find_key, key_store, make_key
    from mynah.terminal.typed import forget_typed

    store = key_store()
    if asks and find_key(store) is not None:
        if not sys.stdin.isatty():
            raise UserError(f"{NEW_KEY}; say --yes if that is what you want")
        forget_typed()
        typer.confirm(f"{NEW_KEY}. Make a new one?", abort=True)
    typer.echo(f"this computer's update key is now {make_key(store).fingerprint}")
    typer.echo(NEW_KEY)


def _size(bundle: "Bundle") -> str:
    from rich.filesize import decimal

    return str(decimal(len(bundle.data)))


async def _send_or_explain(
    link: str, path: Path | None, build: int | None, key: "UpdateKey"
) -> None:
    from mynah.emulator.emulated import SCHEME
    from mynah.errors import DeviceError
    from mynah.maker.bundle import source_build
    from mynah.maker.emulated_update import runs_sources
    from mynah.maker.update import UpdateRefusedError

    try:
        _tell(await _send(link, path, build, key))
    except UpdateRefusedError as error:
        if not link.startswith(SCHEME):
            raise
        here = f"build {source_build()} runs already"
        if path is None and build is None and error.detail == here and runs_sources(link):
            typer.echo(f"up to date: build {source_build()}")
            return
        raise DeviceError(error.told(has_cable=False)) from None


async def _send(link: str, path: Path | None, build: int | None, key: "UpdateKey") -> "Updated":
    from mynah.maker import bundle as bundles
    from mynah.maker.update import update as send

    given = None if path is None else bundles.read(path)

    async def bundle_for(ready: "Ready") -> "Bundle":
        if given is not None:
            return given
        name = ready.board.decode(errors="replace")
        return await asyncio.to_thread(bundles.make_for, link, name, key, build)

    with _shown() as show:
        async with _reached(link, key) as way:
            return await send(way, bundle_for, show)


@contextmanager
def _shown() -> "Iterator[Callable[[Progress], None]]":
    """How far it is: a bar on a terminal, elsewhere a line for each thing that is new."""
    from mynah.maker.update import LOOKING

    if not sys.stdout.isatty():
        told = [LOOKING]
        typer.echo(LOOKING, err=True)
        yield lambda progress: _tell_once(progress.text, told)
        return
    with bars() as shown:
        bar = shown.add_task(LOOKING, total=None)

        def show(progress: "Progress") -> None:
            total = progress.size or None
            shown.update(bar, description=progress.text, completed=progress.sent, total=total)

        yield show


def _tell_once(text: str, told: list[str]) -> None:
    if text != told[-1]:
        told.append(text)
        typer.echo(text, err=True)


def bars(console: "Console | None" = None) -> "Bars":
    """How far it is; what a ring says is shown as it is."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    return Bars(*columns, transient=True, console=console)


def _tell(updated: "Updated") -> None:
    if updated.before == updated.after:
        typer.echo(f"up to date: build {updated.after}")
        return
    typer.echo(f"{updated.board}: build {updated.before} -> {updated.after}, confirmed")
    if updated.resumed:
        typer.echo(f"it went on {updated.resumed} times after the link was lost")


@asynccontextmanager
async def _reached(link: str, key: "UpdateKey") -> "AsyncIterator[AnyLink]":
    from mynah.emulator.emulated import SCHEME
    from mynah.link.uri import open_link
    from mynah.maker.emulated_update import updatable

    if not link.startswith(SCHEME):
        yield open_link(link)
        return
    async with updatable(link, key) as on:
        yield on.link
