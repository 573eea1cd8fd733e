"""`mynah logs`: what the ring itself wrote down."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.maker.logs import Line

Link = Annotated[str, typer.Option(help="Which ring: ble:, serial:/dev/ttyACM0, emulator:NAME.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")]


def logs(link: Link = "ble:", follow: Follow = False) -> None:
    """The ring's own log, across its resets. It holds no words of yours."""
    asyncio.run(_print(link, follow=follow))


async def _print(link: str, *, follow: bool) -> None:
    async with _lines(link, follow=follow) as lines:
        async for line in lines:
            if line.lost:
                typer.echo(f"... {line.lost} lines were overwritten")
            typer.echo(f"{line.number:6} {line.text}")


@asynccontextmanager
async def _lines(link: str, *, follow: bool) -> AsyncIterator["AsyncGenerator[Line, None]"]:
    from mynah.emulator.emulated import SCHEME as EMULATOR
    from mynah.emulator.emulated import emulated
    from mynah.link.serial import SCHEME as SERIAL
    from mynah.link.uri import open_link, port_of
    from mynah.maker.logs import over_the_console, over_the_link

    if link.startswith(EMULATOR):
        async with (
            emulated(link) as there,
            aclosing(over_the_link(there.link, follow=follow)) as lines,
        ):
            yield lines
        return
    is_cable = link.startswith(SERIAL)
    source = (
        over_the_console(port_of(link), follow=follow)
        if is_cable
        else over_the_link(open_link(link), follow=follow)
    )
    async with aclosing(source) as lines:
        yield lines
