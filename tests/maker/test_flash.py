"""`mynah flash` over pseudo-terminals: the real esptool and mpremote, the real MicroPython.

Every cut at every stage: `python -m tests.maker`.
"""

import asyncio
from dataclasses import replace

import pytest

from mynah.emulator.rom.board import TYPED, Cut, UsbBoard
from mynah.errors import LinkError
from mynah.link.keys import KeyStore
from mynah.link.serial import SerialLink
from mynah.maker import repl, rom_loader
from mynah.maker.boards import boards
from mynah.maker.deploy import deploy, survey
from mynah.maker.flash import TOO_LARGE
from mynah.maker.image import read_image
from mynah.maker.progress import Quiet
from mynah.maker.update_key import Trust, fingerprint
from tests.maker.bench import (
    BOARD,
    files_of,
    files_on,
    flashed,
    image_file,
    mynah,
    with_micropython,
)

DEADLINE_S = 90
OURS = Trust(b"u" * 32)
STRANGERS = """
from esp32 import NVS
settings = NVS("mynah")
settings.set_blob("update_key", b"s" * 32)
settings.set_blob("release_key", b"t" * 32)
settings.commit()
"""
TRUSTED = """
from esp32 import NVS
settings = NVS("mynah")
for name in ("update_key", "release_key"):
    buffer = bytearray(32)
    try:
        size = settings.get_blob(name, buffer)
    except OSError:
        size = 0
    tell(name, bytes(buffer[:size]).hex())
"""


@pytest.mark.slow
async def test_a_bare_board_becomes_a_ring_that_is_paired(tmp_path):
    image = image_file(tmp_path)
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        options = (
            "--port",
            board.port,
            "--image",
            str(image),
            "--board",
            BOARD,
            "--erase",
            "--yes",
        )
        code, out, error = await mynah("flash", *options, "--no-selftest")

        assert (code, error.count("Traceback")) == (0, 0), error
        assert board.flash.read(0, image.stat().st_size) == image.read_bytes()
        assert files_on(board) == files_of(BOARD, tmp_path / "tree")
        (key,) = KeyStore().all()
        assert f"ring {key.device_id} is a {BOARD}" in out

        # Its own firmware runs now, from the slot, has the key, and writes down what it does.
        link = SerialLink(board.port)
        await link.open()
        await link.close()
        assert link.key == key.secret
        await board.press_reset()
        code, out, error = await mynah("logs", "--link", f"serial:{board.port}")
        assert (code, error) == (0, "")
        assert out.split()[0].isdecimal()
        code, out, _ = await mynah("console", "--port", board.port, stdin=b"\nmynah id\n")
        assert code == 0
        assert f"board {BOARD} paired" in out


async def test_a_cable_pulled_while_writing_is_one_line_and_the_next_run_completes(tmp_path):
    image = read_image(image_file(tmp_path))
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        board.cut = Cut("flash_defl_data", 4)
        with pytest.raises(LinkError, match="was pulled: plug it in and run this again") as caught:
            await rom_loader.write(board.port, image, erase=True)
        assert "\n" not in str(caught.value)

        await board.unplug()
        await board.plug()
        shares = []
        await rom_loader.write(board.port, image, erase=True, on_progress=shares.append)

        assert board.flash.read(0, image.size) == image.path.read_bytes()
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


async def test_a_cable_pulled_while_files_are_sent_is_gone_on_from_there(tmp_path):
    async with asyncio.timeout(DEADLINE_S), with_micropython(tmp_path) as board:
        for name in ("a/lib/mynah_device/old.mpy", "notes.txt"):
            (board.cpu.files / name).parent.mkdir(parents=True, exist_ok=True)
            (board.cpu.files / name).write_text("from before")
        board.cut = Cut(TYPED, 150_000)
        with pytest.raises(LinkError, match="was pulled: plug it in and run this again"):
            await flashed(board)
        assert "a/part" in files_on(board)  # so that the loader lets it be

        await board.unplug()
        await board.plug()
        teller = Quiet()
        again = await flashed(board, teller=teller)

        # What is no longer part of the firmware went, and what is the maker's own stayed.
        wanted, there = files_of(BOARD, tmp_path / "tree"), files_on(board)
        assert there.pop("notes.txt")
        assert there == wanted
        assert 0 < again.files_sent < len(wanted)
        assert again.fingerprint
        assert TOO_LARGE.format(board=BOARD) in teller.lines
        assert "the ring takes updates signed by this computer" in teller.lines[-1]


async def test_where_the_firmware_is_in_the_image_no_file_is_sent_and_old_ones_go(tmp_path):
    """Nobody has built such an image: that a board says so is made up here."""
    async with asyncio.timeout(DEADLINE_S), with_micropython(tmp_path) as usb:
        (usb.cpu.files / "main.py").write_text("from before")
        found = replace(await survey(usb.port), frozen=True)
        sent = await deploy(usb.port, boards()[BOARD], found, tmp_path, [], OURS, lambda *_: None)

        assert (sent, files_on(usb)) == (0, {})
        assert (await survey(usb.port)).board == BOARD


async def test_whom_a_ring_trusted_before_it_trusts_no_more_unless_it_is_told_to(tmp_path):
    async with asyncio.timeout(DEADLINE_S), with_micropython(tmp_path) as usb:
        await repl.ask(usb.port, STRANGERS)
        found = await survey(usb.port)

        async def trusted_after(trust):
            await deploy(usb.port, boards()[BOARD], found, tmp_path, [], trust, lambda *_: None)
            told = await repl.ask(usb.port, TRUSTED)
            return {name: bytes.fromhex(key) for name, key in told.items()}

        theirs = Trust(b"o" * 32, b"r" * 32)
        assert await trusted_after(theirs) == {"update_key": b"o" * 32, "release_key": b"r" * 32}
        assert await trusted_after(OURS) == {"update_key": OURS.owner, "release_key": b""}


def test_whom_it_trusts_is_one_line_with_both_fingerprints():
    told = Trust(b"o" * 32, b"r" * 32).told

    assert fingerprint(b"o" * 32) in told
    assert fingerprint(b"r" * 32) in told
    assert fingerprint(b"r" * 32) not in OURS.told


def test_only_boards_without_psram_are_said_to_be_too_small():
    assert {board.chip for board in boards().values() if board.frozen} == {"esp32c3", "esp32c6"}
