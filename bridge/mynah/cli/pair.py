"""`mynah pair`: give a ring its key, by cable."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.link.pairing import Console

FOREIGN = (
    "The key it had is not this computer's: what it runs, and whose updates it takes, is still "
    "as somebody else chose. `mynah flash --app` makes both yours."
)

Link = Annotated[str, typer.Option(help="Which ring: serial:/dev/ttyACM0, or emulator:NAME.")]

Insecure = Annotated[
    bool, typer.Option("--insecure", help="The key that everybody has: for a bench, not to wear.")
]


def pair(link: Link = "emulator:", insecure: Insecure = False) -> None:
    """Give a ring a fresh key. Whoever held the old one is locked out."""
    asyncio.run(_pair(link, insecure))


async def _pair(link: str, insecure: bool) -> None:
    from mynah.emulator.emulated import SCHEME as EMULATOR
    from mynah.emulator.emulated import emulated_keys
    from mynah.link import pairing
    from mynah.link.keys import BENCH_KEY, KeyStore
    from mynah_wire.handshake import fingerprint

    store = emulated_keys() if link.startswith(EMULATOR) else KeyStore()
    async with _console(link) as ring:
        foreign = pairing.is_somebody_elses(await pairing.identify(ring), store)
        key = await pairing.pair(ring, store, BENCH_KEY if insecure else None)
    typer.echo(f"paired {key.device_id}, fingerprint {fingerprint(key.secret)}")
    typer.echo(f"the key is in {store.where(key.device_id)}")
    if foreign:
        typer.echo(FOREIGN)
    typer.echo("Who talks to you through this ring is an AI, not a person.")


def _console(link: str) -> "AbstractAsyncContextManager[Console]":
    from mynah.emulator.emulated import SCHEME as EMULATOR
    from mynah.emulator.emulated import switched_on
    from mynah.errors import UserError
    from mynah.link.cable import Cable
    from mynah.link.serial import SCHEME as SERIAL
    from mynah.link.uri import port_of

    if link.startswith(EMULATOR):
        return switched_on(link)
    if not link.startswith(SERIAL):
        raise UserError(
            f"link {link!r}: a ring is paired by cable; use {SERIAL}PORT, or {EMULATOR}NAME"
        )
    return Cable(port_of(link))
