"""`mynah pair`: give a ring its key, by cable."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.link.keys import KeyStore
    from mynah.link.pairing import Console

FOREIGN = (
    "The key it had is not this computer's: what it runs, and whose updates it takes, is still "
    "as somebody else chose. `mynah flash --app` makes both yours."
)

NO_BOARD = "no board is plugged in: it is the emulated ring that was paired"

REMOVED = (
    "ring {} is a stranger from now on. A conversation that runs knows it until it ends: end it, "
    "or `mynah service stop` and `mynah service start`."
)

Link = Annotated[
    str | None,
    typer.Option(
        help="Which ring: serial:/dev/ttyACM0, or emulator:NAME; the only board on a cable, "
        "else the emulated ring."
    ),
]

Insecure = Annotated[
    bool, typer.Option("--insecure", help="The key that everybody has: for a bench, not to wear.")
]

Remove = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Unpair a ring that was lost, stolen or sold; no cable."),
]


def pair(link: Link = None, insecure: Insecure = False, remove: Remove = None) -> None:
    """Give a ring a fresh key. Whoever held the old one is locked out."""
    if remove is not None:
        _remove(remove, link or "")
    else:
        asyncio.run(_pair(link, insecure))


def _remove(device_id: str, link: str) -> None:
    _store(link).drop(device_id)
    typer.echo(REMOVED.format(device_id))


async def _pair(chosen: str | None, insecure: bool) -> None:
    from mynah.emulator.emulated import SCHEME as EMULATOR
    from mynah.link import pairing
    from mynah.link.keys import BENCH_KEY
    from mynah_wire.handshake import fingerprint

    link = chosen or _only_board() or EMULATOR
    store = _store(link)
    async with _console(link) as ring:
        foreign = pairing.is_somebody_elses(await pairing.identify(ring), store)
        key = await pairing.pair(ring, store, BENCH_KEY if insecure else None)
    if not chosen and link == EMULATOR:
        typer.echo(NO_BOARD)
    typer.echo(f"paired {key.device_id}, fingerprint {fingerprint(key.secret)}")
    typer.echo(f"the key is in {store.where(key.device_id)}")
    if foreign:
        typer.echo(FOREIGN)
    typer.echo("Who talks to you through this ring is an AI, not a person.")


def _only_board() -> str:
    """Its link; nothing if none is plugged in."""
    from mynah.errors import UserError
    from mynah.link.ports import esp32_ports
    from mynah.link.serial import SCHEME as SERIAL

    links = [f"{SERIAL}{port.device}" for port in esp32_ports()]
    if len(links) > 1:
        raise UserError(f"several boards are plugged in; say which with --link: {', '.join(links)}")
    return "".join(links)


def _store(link: str) -> "KeyStore":
    from mynah.emulator.emulated import SCHEME as EMULATOR
    from mynah.emulator.emulated import emulated_keys
    from mynah.link.keys import KeyStore

    return emulated_keys() if link.startswith(EMULATOR) else KeyStore()


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
