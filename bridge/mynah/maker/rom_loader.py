"""The chip's boot ROM: which chip it is, and an image written and checked. esptool does the work.

esptool is GPL: it runs as a process of its own and is never imported.
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.errors import DeviceError, LinkError, MynahError
from mynah.maker.image import Image
from mynah.maker.ports import is_gone
from mynah.maker.tool import WITHIN_S, Ran, run

BAUD: Final = 460_800
"""What CP210x and CH34x bridges manage; the chips' own USB does not heed it."""

_TOOL: Final = "esptool"
_SILENCE_S: Final = 60.0  # erasing 16 MB takes 30 to 40 s, in which esptool says nothing
_CHIP: Final = re.compile(r"Chip type: +(ESP32(?:-[A-Z]+\d+)?)")
_WRITING_S: Final = 1800.0  # 16 MB at 115 200 baud take 25 minutes
_SIZE: Final = re.compile(r"Detected flash size: (\d+)MB")
_WRITTEN: Final = re.compile(r"Writing at 0x[0-9a-f]+ .*?(\d+\.\d)%")
_VERIFIED: Final = "Hash of data verified"
_LOST: Final = "Lost connection"
_MEGABYTE: Final = 1 << 20

HOLD_BOOT: Final = "hold its BOOT button while you plug the cable in, let go, and run this again"

# What the system says of a port that went, where another one has its name by now.
_PULLED: Final = ("Input/output error", "returned no data (device disconnected", _LOST)
_WRONG_CHIP: Final = re.compile(r"This chip is (\S+), not (\S+)\.")
_SIGNS: Final = {
    "MD5 of file does not match": "what was written over {port} reads back otherwise: try another "
    "cable or USB port; if it stays so, the board's flash is worn out",
    "Failed to start stub": "the board at {port} does not run esptool's stub: add --no-stub",
    "Failed to connect": f"no boot loader answers at {{port}}: {HOLD_BOOT}; "
    "a cable that only charges does not do",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """What is on the board."""

    name: str
    """As `--chip` takes it: esp32s3."""
    flash_bytes: int


async def detect(port: str, *, stub: bool = True) -> Chip:
    """Ask the chip who it is; a LinkError or DeviceError says what to do."""
    ran = await _run(port, "flash-id", stub=stub)
    chip, size = _CHIP.search(ran.text), _SIZE.search(ran.text)
    if ran.code or chip is None:
        raise explained(ran, port)
    name = chip[1].replace("-", "").lower()
    return Chip(name, int(size[1]) * _MEGABYTE if size else 0)


async def write(
    port: str,
    image: Image,
    *,
    erase: bool,
    stub: bool = True,
    compress: bool = True,
    baud: int = BAUD,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> None:
    """Write an image at 0 and have the chip hash what it wrote; `erase` clears all else.

    Of a copy that nobody else can change: these bytes, and no others, were looked at.

    Only the stub, which esptool loads into the chip's RAM, can erase all.
    """

    def on_line(line: str) -> None:
        written = _WRITTEN.search(line)
        if written:
            on_progress(float(written[1]) / 100)
        if _LOST in line and is_gone(port):
            raise LinkError(_pulled(port))  # esptool would wait for its return

    command = ["--chip", image.chip, "--baud", str(baud), "write-flash"]
    command += ["--compress" if compress else "--no-compress"]
    command += ["--erase-all"] * (erase and stub)
    with tempfile.TemporaryDirectory(prefix="mynah-image-") as folder:
        copy = Path(folder) / "image.bin"
        copy.write_bytes(image.data)
        command += ["0", str(copy)]
        ran = await _run(port, *command, stub=stub, within_s=_WRITING_S, on_line=on_line)
    if ran.code or _VERIFIED not in ran.text:
        raise explained(ran, port)
    on_progress(1.0)


def explained(ran: Ran, port: str) -> MynahError:
    """What went wrong, and what to do next."""
    if ran.code is None:
        return DeviceError(f"the board at {port} stopped answering: {HOLD_BOOT}")
    if is_gone(port) or any(sign in ran.text for sign in _PULLED):
        return LinkError(_pulled(port))
    if wrong := _WRONG_CHIP.search(ran.text):
        return DeviceError(f"the board at {port} is an {wrong[1]}, not an {wrong[2]}")
    for sign, what in _SIGNS.items():
        if sign in ran.text:
            return DeviceError(what.format(port=port))
    return DeviceError(f"esptool at {port}: {_last_words(ran)}; if it stays so, {HOLD_BOOT}")


def _pulled(port: str) -> str:
    return (
        f"the cable at {port} was pulled: plug it in and run this again; "
        f"if it is not found then, {HOLD_BOOT}"
    )


def _last_words(ran: Ran) -> str:
    errors = [line for line in ran.lines if "ERROR" in line or "error occurred" in line]
    last = (errors or ran.lines or ["it said nothing"])[-1]
    return last.partition("error occurred:")[2].strip(" .") or last.strip(" .")


async def _run(
    port: str,
    *command: str,
    stub: bool,
    within_s: float = WITHIN_S,
    on_line: Callable[[str], None] | None = None,
) -> Ran:
    # The port's own lines (DTR, RTS) put the chip into its boot loader; where there are none,
    # esptool says so and tries all the same: the BOOT button did it.
    options = ["--port", port, *(() if stub else ("--no-stub",))]
    return await run(
        _TOOL, *options, *command, silence_s=_SILENCE_S, within_s=within_s, on_line=on_line
    )
