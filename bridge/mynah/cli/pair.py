"""`mynah pair`: give a ring its key, by cable."""

import asyncio
from typing import Annotated

import typer

Link = Annotated[str, typer.Option(help="Which ring; only emulated ones so far: emulator:NAME.")]


def pair(link: Link = "emulator:") -> None:
    """Give a ring a fresh key. Whoever held the old one is locked out."""
    asyncio.run(_pair(link))


async def _pair(link: str) -> None:
    from mynah.emulator.emulated import switched_on
    from mynah.link import pairing
    from mynah.link.keys import KeyStore
    from mynah_wire.handshake import fingerprint

    store = KeyStore()
    async with switched_on(link) as ring:
        key = await pairing.pair(ring, store)
    typer.echo(f"paired {key.device_id}, fingerprint {fingerprint(key.secret)}")
    typer.echo(f"the key is in {store.folder}")
