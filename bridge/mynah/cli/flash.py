"""`mynah flash`: from a bare board to a ring that is paired."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.maker.boards import Board
    from mynah.maker.flash import Flashed, Wish

Port = Annotated[str, typer.Option(help="Serial port; default: the only board there is.")]
BoardName = Annotated[str, typer.Option(help="Which board; default: what its chip tells.")]
Image = Annotated[str, typer.Option(help="MicroPython: a .bin file, or its name as downloaded.")]
Sha256 = Annotated[str, typer.Option("--sha256", help="What the image must hash to.")]
Application = Annotated[bool, typer.Option("--app", help="Firmware only; MicroPython stays.")]
ImageOnly = Annotated[bool, typer.Option("--image-only", help="MicroPython only.")]
Erase = Annotated[bool, typer.Option(help="Erase everything first: files, settings and key.")]
Stub = Annotated[bool, typer.Option(help="Let esptool load its stub into the chip.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what can't be told fails.")]
ReleaseKey = Annotated[
    str, typer.Option(help="Take this maker's updates too: a public key in hex; default: none.")
]
Selftest = Annotated[bool, typer.Option(help="Test the ring's parts in the end.")]


def flash(
    *,
    port: Port = "",
    board: BoardName = "",
    image: Image = "",
    sha256: Sha256 = "",
    app: Application = False,
    image_only: ImageOnly = False,
    erase: Erase = False,
    stub: Stub = True,
    release_key: ReleaseKey = "",
    yes: Yes = False,
    selftest: Selftest = True,
) -> None:
    """MicroPython, firmware, board and key onto a board on a cable. Run it again after anything."""
    from mynah.maker.flash import Wish

    wish = Wish(port, board, image, sha256, app, image_only, erase, stub, release_key)
    flashed = asyncio.run(_flash(wish, asks=not yes and sys.stdin.isatty()))
    typer.echo(_told(flashed))
    if selftest and flashed.device_id:
        from mynah.cli.selftest import selftest as test_parts

        test_parts(link=f"serial:{flashed.port}", yes=yes)


async def _flash(wish: "Wish", *, asks: bool) -> "Flashed":
    from mynah.cli.flash_view import bars
    from mynah.link.keys import KeyStore
    from mynah.maker.flash import flash as flash_board

    with bars() as view:

        def choose(fitting: "list[Board]") -> "Board":
            view.rest()
            return _ask(fitting) if asks else _refuse(fitting)

        return await flash_board(wish, view, choose, KeyStore())


def _ask(fitting: "list[Board]") -> "Board":
    from mynah.terminal.typed import forget_typed

    for number, board in enumerate(fitting, 1):
        typer.echo(f"  {number}  {board.name}: {board.about}", err=True)
    forget_typed()
    number = 0
    while not 0 < number <= len(fitting):
        number = typer.prompt("Which board is it", type=int, err=True)
    return fitting[number - 1]


def _refuse(fitting: "list[Board]") -> "Board":
    from mynah.errors import UserError

    names = ", ".join(board.name for board in fitting)
    raise UserError(f"several boards have this chip; say which with --board: {names}")


def _told(flashed: "Flashed") -> str:
    if not flashed.device_id:
        return f"MicroPython is on the board at {flashed.port}; go on with `mynah flash --app`"
    return (
        f"ring {flashed.device_id} is a {flashed.board.name}, paired with this computer "
        f"(fingerprint {flashed.fingerprint})\n"
        f"Talk to it: mynah run --link serial:{flashed.port}, or without the cable: mynah run"
    )
