"""`mynah fake board`: an ESP32 on a serial port, to try `mynah flash` against."""

import asyncio
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import typer

from mynah.errors import UserError

NAME = "board"
PROGRAM = "mynah"


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
            command = (
                *(called(), "flash", "--port", usb.port),
                *("--board", _fitting(chip), "--image", str(image)),
            )
            typer.echo(
                f"a fake {chip} at {usb.port}, until Ctrl-C\n\n"
                f"try it with (the image is made up):\n\n  {shlex.join(command)}\n"
            )
            await asyncio.Event().wait()


def called() -> str:
    """What to type to run this program again."""
    typed = sys.argv[0]
    if Path(typed).stem != PROGRAM or not Path(typed).exists():  # a module, or a test
        return PROGRAM
    found = shutil.which(PROGRAM)
    return PROGRAM if found is not None and Path(found).samefile(typed) else typed


def _fitting(chip: str) -> str:
    """A board with that chip which has most parts."""
    from mynah.maker.boards import boards_with

    names = [board.name for board in boards_with(chip)]
    return next((name for name in names if name == f"xiao_{chip}"), names[0])
