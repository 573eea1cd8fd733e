"""The boot ROM that is made up here, under the real esptool and alone."""

import asyncio
import struct

import pytest

from mynah.emulator.rom import protocol, slip
from mynah.emulator.rom.board import UsbBoard
from mynah.emulator.rom.chips import CHIPS
from mynah.emulator.rom.flash import SECTOR_BYTES, NorFlash
from mynah.emulator.rom.image import boots, micropython_image
from mynah.emulator.rom.rom import Rom
from mynah.maker import rom_loader
from mynah.maker.image import read_image
from mynah.maker.tool import run
from tests.maker.bench import image_file

DEADLINE_S = 60


@pytest.mark.parametrize(
    ("chip", "stub", "compress"), [("esp32s3", False, True), ("esp32c6", True, False)]
)
async def test_esptool_writes_every_way_there_is(tmp_path, chip, stub, compress):
    """The other ways: `python -m tests.maker`."""
    path = image_file(tmp_path, chip)
    image, looked_at = read_image(path), path.read_bytes()
    path.write_bytes(b"somebody else's by now")
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", chip) as board:
        await rom_loader.write(board.port, image, erase=False, stub=stub, compress=compress)

        wanted = "flash_defl_data" if compress else "flash_data"
        assert board.flash.read(0, image.size) == looked_at
        assert (board.events[wanted] > 0, board.events["mem_end"] > 0) == (True, stub)


async def test_what_esptool_reads_is_what_is_there(tmp_path):
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32s3") as board:
        board.flash.program(0x3000, bytes(range(256)) * 64)
        out = tmp_path / "read.bin"
        options = ("--port", board.port, "read-flash", "0x2800", "20001", str(out))
        ran = await run("esptool", *options, silence_s=20)

        assert ran.code == 0, ran.text
        assert out.read_bytes() == board.flash.read(0x2800, 20001)


def test_flash_is_erased_in_sectors_and_programmed_by_clearing_bits():
    flash = NorFlash(4 * SECTOR_BYTES)
    flash.program(SECTOR_BYTES - 1, b"\x0f\x0f")
    flash.program(SECTOR_BYTES, b"\xf0")

    assert flash.read(SECTOR_BYTES - 1, 3) == b"\x0f\x00\xff"
    flash.erase(SECTOR_BYTES + 5, 1)
    assert flash.read(SECTOR_BYTES - 1, 2) == b"\x0f\xff"


def test_a_chip_starts_only_what_is_whole():
    flash = NorFlash(1 << 20)
    image = micropython_image(CHIPS["esp32c3"], size=4000)

    assert not boots(flash)
    flash.program(0, image[:-1])
    assert not boots(flash)
    flash.program(0, image)
    assert boots(flash)


def asked(rom, op, body=b"", checksum=0):
    (answer,) = rom.handle(struct.pack("<BBHI", 0, op, len(body), checksum) + body)
    return answer[8:]


def test_a_packet_whose_checksum_is_wrong_is_refused_and_not_written():
    flash = NorFlash(1 << 20)
    rom = Rom(CHIPS["esp32c3"], flash, lambda: None)
    asked(rom, protocol.FLASH_BEGIN, struct.pack("<5I", 4096, 1, 1024, 0, 0))
    data = struct.pack("<4I", 4, 0, 0, 0) + b"data"

    assert asked(rom, protocol.FLASH_DATA, data, 0)[:2] == bytes([1, protocol.BAD_CHECKSUM])
    assert flash.read(0, 4) == b"\xff" * 4


def test_the_stubs_commands_are_none_of_the_roms():
    rom = Rom(CHIPS["esp32c3"], NorFlash(1 << 20), lambda: None)

    assert asked(rom, protocol.ERASE_FLASH)[:2] == bytes([1, protocol.BAD_MESSAGE])


def test_noise_is_not_answered():
    rom = Rom(CHIPS["esp32c3"], NorFlash(1 << 20), lambda: None)

    assert [rom.handle(noise) for noise in (b"", b"\x00", b"\x01" * 20, b"\0\x08\xff\xff1234")] == [
        []
    ] * 4


def test_slip_is_put_together_from_any_pieces():
    packet = bytes(range(256))
    unpacker, found = slip.Unpacker(), []
    for byte in slip.packed(packet) * 2:
        found += unpacker.feed(bytes([byte]))

    assert found == [packet, packet]
