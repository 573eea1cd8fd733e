"""A board on the bench: made up images, flashing by our own code, and what is on it afterwards."""

import asyncio
import hashlib
import sys
from pathlib import Path

from mynah.emulator.rom.board import UsbBoard
from mynah.emulator.rom.chips import CHIPS
from mynah.emulator.rom.image import micropython_image
from mynah.link.keys import KeyStore
from mynah.maker.boards import boards
from mynah.maker.compiled import write_tree
from mynah.maker.flash import Patience, Wish, flash
from mynah.maker.progress import Quiet
from mynah.maker.repl import ANSWER_S

BOARD = "xiao_esp32c3"
CHIP = "esp32c3"


def image_file(folder, chip=CHIP, **kwargs):
    path = folder / f"{chip}.bin"
    path.write_bytes(micropython_image(CHIPS[chip], **kwargs))
    return path


def with_micropython(folder, chip=CHIP, **kwargs):
    """A board that somebody wrote MicroPython to before."""
    board = UsbBoard(folder / "board", chip, **kwargs)
    board.flash.program(0, micropython_image(CHIPS[chip]))
    return board


async def flashed(usb, *, teller=None, answer_s=ANSWER_S, boot_s=8.0, press_s=2.0, **wish):
    """What `mynah flash` does, in this process; nobody is there to be asked."""
    wish.setdefault("board", BOARD)
    asked = Wish(port=usb.port, **wish)
    patience = Patience(answer_s, boot_s, press_s)
    return await flash(asked, teller or Quiet(), nobody, KeyStore(), patience)


def nobody(fitting):
    raise AssertionError(f"nobody can tell {[board.name for board in fitting]} apart")


def files_on(board):
    root = board.cpu.files
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256(path) for path in paths}


def files_of(name, folder):
    """What a board of this name should hold."""
    places = write_tree(folder, boards()[name].architecture)
    return {str(place): sha256(folder / place) for place in places}


def sha256(path: Path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def mynah(*arguments, stdin=b""):
    """The program as it is typed; exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from mynah.cli import main; main()", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate(stdin)
    return process.returncode, out.decode(), error.decode()
