"""`mynah fake board`: an ESP32 on a serial port, to try `mynah flash` against."""

import asyncio
import shlex
import tempfile
from pathlib import Path

import typer

from mynah.errors import UserError

NAME = "board"


def be_a_board(chip: str) -> None:
    """Until Ctrl-C: a pseudo-terminal that the real esptool and mpremote take for a board."""
    from importlib.util import find_spec

    if find_spec("termios") is None:  # Windows
        raise UserError("a fake board is a pseudo-terminal, and this system has none")
    asyncio.run(_be(chip))


async def _be(chip: str) -> None:
    from mynah.emulator.rom.board import UsbBoard
    from mynah.emulator.rom.chips import CHIPS
    from mynah.emulator.rom.image import micropython_image

    if chip not in CHIPS:
        raise UserError(f"no fake chip is called {chip!r}; there are: {', '.join(CHIPS)}")
    with tempfile.TemporaryDirectory(prefix="mynah-board-") as name:
        folder = Path(name)
        image = folder / f"{chip}.bin"
        image.write_bytes(micropython_image(CHIPS[chip]))
        async with UsbBoard(folder / "board", chip) as usb:
            command = ("mynah", "flash", "--port", usb.port, "--image", str(image))
            typer.echo(
                f"a fake {chip} at {usb.port}, until Ctrl-C\n\n"
                f"try it with (the image is made up):\n\n  {shlex.join(command)}\n"
            )
            await asyncio.Event().wait()
