"""`mynah update`: new firmware for a ring, over the air or a cable."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
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


def update(
    link: Link = "ble:",
    bundle: File = None,
    make: Make = None,
    board: Board = "xiao_esp32s3",
    build: Build = None,
    sign: Sign = None,
    make_key: NewKey = False,
) -> None:
    """New firmware for a ring: sent, tried once, kept if this computer finds it well."""
    from mynah.maker import bundle as bundles
    from mynah.maker.update_key import key_store, owners_key
    from mynah.maker.update_key import make_key as fresh_key

    if make_key:
        typer.echo(f"this computer's update key is now {fresh_key(key_store()).fingerprint}")
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
        typer.echo(f"{make}: build {made.build} for {made.architecture}, {len(made.data)} bytes")
    else:
        _tell(asyncio.run(_send(link, bundle, build, key)))


async def _send(link: str, path: Path | None, build: int | None, key: "UpdateKey") -> "Updated":
    from rich.progress import BarColumn, DownloadColumn, TextColumn
    from rich.progress import Progress as Bars

    from mynah.maker import bundle as bundles
    from mynah.maker.update import update as send

    given = None if path is None else bundles.read(path)

    async def bundle_for(ready: "Ready") -> "Bundle":
        if given is not None:
            return given
        return await asyncio.to_thread(bundles.make_for, link, ready.board.decode(), key, build)

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bars(*columns, transient=True) as bars:
        bar = bars.add_task("looking for the ring", total=None)

        def show(progress: "Progress") -> None:
            total = progress.size or None
            bars.update(bar, description=progress.text, completed=progress.sent, total=total)

        async with _reached(link, key) as way:
            return await send(way, bundle_for, show)


def _tell(updated: "Updated") -> None:
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
