"""Show 1, all of it: every way to write an image, and the cable pulled at every stage once.

python -m tests.maker           some 8 minutes on one core
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mynah import firmware
from mynah.emulator.rom.board import TYPED, Cut, UsbBoard
from mynah.emulator.rom.chips import CHIPS
from mynah.errors import MynahError
from mynah.maker import rom_loader
from mynah.maker.boards import boards
from mynah.maker.image import read_image
from tests.maker.bench import files_of, files_on, flashed, image_file
from tests.repo.sources import REPOSITORY

DEADLINE_S = 300
TYPED_STEPS = 24  # places among the bytes that are typed to the REPL
BOARD_OF = {"esp32s3": "xiao_esp32s3", "esp32c3": "xiao_esp32c3", "esp32c6": "xiao_esp32c6"}


def say(line):
    sys.stdout.write(line + "\n")


async def every_way(folder):
    """Stub and none, compressed and not, on every chip; image byte-identical. How many failed."""
    failed = 0
    for chip in CHIPS:
        image = read_image(image_file(folder, chip))
        for stub in (True, False):
            for compress in (True, False):
                place = folder / f"{chip}-{stub}-{compress}"
                began_s = time.monotonic()
                async with asyncio.timeout(DEADLINE_S), UsbBoard(place, chip) as board:
                    await rom_loader.write(
                        board.port, image, erase=stub, stub=stub, compress=compress
                    )
                    same = board.flash.read(0, image.size) == image.path.read_bytes()
                failed += not same
                took_s = time.monotonic() - began_s
                say(f"{chip} stub {stub} compressed {compress}: {same}, {took_s:.1f} s")
    return failed


async def no_boot_loader(folder):
    """A board that never syncs is told with what to do. 1 if not."""
    async with asyncio.timeout(DEADLINE_S), UsbBoard(folder / "deaf", "esp32c3") as board:
        board.never_syncs = True
        try:
            await rom_loader.detect(board.port)
        except MynahError as error:
            say(str(error))
            return "hold its BOOT button" not in str(error)
    return 1


async def whole(folder, chip, image, cut):
    """Flash with the cable pulled there, then again; what went wrong, the first run's events."""
    async with asyncio.timeout(DEADLINE_S), UsbBoard(folder / "board", chip) as board:
        board.cut = cut
        line = ""
        try:
            await flashed(board, image=str(image), board=BOARD_OF[chip])
        except MynahError as error:
            line = str(error)
        events = Counter(board.events)
        was_cut, board.cut = cut is not None and board.cut is None, None
        await board.unplug()
        await board.plug()
        await flashed(board, image=str(image), board=BOARD_OF[chip])
        wrong = []
        if (cut is not None) != was_cut:
            wrong.append("not cut")
        if was_cut and ("was pulled" not in line or "\n" in line):
            wrong.append(f"told {line!r}")
        if board.flash.read(0, image.stat().st_size) != image.read_bytes():
            wrong.append("another image")
        if files_on(board) != files_of(BOARD_OF[chip], folder / "tree"):
            wrong.append("other files")
        return wrong, events


def cuts_of(events):
    """Each packet of each kind at its first and last, and places all over what is typed."""
    found = []
    for event, times in sorted(events.items()):
        if event == TYPED:
            found += [Cut(TYPED, 1 + times * step // TYPED_STEPS) for step in range(TYPED_STEPS)]
        else:
            found += [Cut(event, number) for number in sorted({1, (times + 1) // 2, times})]
    return found


async def every_cut(folder, chip="esp32c3"):
    """How many of them failed."""
    image = image_file(folder, chip)
    wrong, events = await whole(folder / "none", chip, image, None)
    say(f"uncut: {wrong or 'right'}, {sum(events.values())} events")
    failed, cuts = len(wrong), cuts_of(events)
    for number, cut in enumerate(cuts):
        began_s = time.monotonic()
        wrong, _ = await whole(folder / str(number), chip, image, cut)
        failed += bool(wrong)
        took_s = time.monotonic() - began_s
        say(
            f"{number + 1}/{len(cuts)} {cut.event} {cut.number}: {wrong or 'right'}, {took_s:.1f} s"
        )
    return failed


async def main():
    with tempfile.TemporaryDirectory(prefix="mynah-show-") as name:
        # A copy: who edits the sources meanwhile must not be taken for a fault.
        firmware._IN_THE_REPOSITORY = Path(name) / "firmware"
        shutil.copytree(REPOSITORY / "firmware", firmware._IN_THE_REPOSITORY)
        os.environ["MYNAH_DATA"] = str(Path(name) / "data")
        began_s = time.monotonic()
        failed = await every_way(Path(name))
        failed += await no_boot_loader(Path(name))
        failed += await every_cut(Path(name))
        say(f"{failed} failed, {time.monotonic() - began_s:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    assert set(BOARD_OF.values()) <= set(boards())
    sys.exit(asyncio.run(main()))
