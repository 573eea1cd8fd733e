"""What can be wrong with a board, a port or an image is a line that says what to do."""

import asyncio
import io

import pytest

from mynah.cli.flash import _ask, _refuse
from mynah.emulator.rom.board import UsbBoard
from mynah.errors import DeviceError, LinkError, UserError
from mynah.link.cable import Cable
from mynah.link.keys import KeyStore
from mynah.maker import rom_loader
from mynah.maker.boards import boards_with
from mynah.maker.deploy import Found
from mynah.maker.flash import PATIENT, Wish, _board, flash
from mynah.maker.image import read_image
from mynah.maker.ports import find_port
from mynah.maker.progress import Quiet
from tests.maker.bench import BOARD, files_on, flashed, image_file, mynah, nobody, with_micropython

DEADLINE_S = 60


async def test_an_image_for_another_chip_is_refused_before_anything_is_erased(tmp_path):
    image = image_file(tmp_path, "esp32s3")
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        with pytest.raises(UserError, match="is for an esp32s3, and this board has an esp32c3"):
            await flashed(board, image=str(image), erase=True)

        assert board.flash.erased_sectors == 0


async def test_a_board_that_has_another_chip_than_it_is_said_to_be_is_refused(tmp_path):
    image = image_file(tmp_path)
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        with pytest.raises(UserError, match=r"what is plugged in at .* an esp32c3; for that there"):
            await flashed(board, image=str(image), board="xiao_esp32s3", erase=True)

        assert board.flash.erased_sectors == 0


async def test_flash_that_reads_back_otherwise_is_told(tmp_path):
    image = read_image(image_file(tmp_path))
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        board.flash.bad_byte = 70_000
        with pytest.raises(DeviceError, match="reads back otherwise: try another cable"):
            await rom_loader.write(board.port, image, erase=False)


async def test_a_full_file_system_is_told_before_anything_is_sent(tmp_path):
    full = with_micropython(tmp_path, files_bytes=100_000)
    async with asyncio.timeout(DEADLINE_S), full as board:
        with pytest.raises(UserError, match=r"full: \d+ bytes are free, \d+ are needed; delete"):
            await flashed(board)

        assert files_on(board) == {}


async def test_one_that_fills_up_meanwhile_is_told_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("mynah.maker.deploy._check_room", lambda *_: None)
    full = with_micropython(tmp_path, files_bytes=4096)
    async with asyncio.timeout(DEADLINE_S), full as board:
        with pytest.raises(UserError, match=r"the file system of the board at .* is full"):
            await flashed(board)


async def test_a_board_whose_reset_is_not_wired_is_reset_by_hand(tmp_path):
    class Maker(Quiet):
        def say(self, line):
            super().say(line)
            pressing.append(asyncio.create_task(board.press_reset()))

    pressing = []
    bare = UsbBoard(tmp_path / "board", "esp32c3", hold_boot=True, wired_reset=False)
    image, maker = image_file(tmp_path), Maker()
    async with asyncio.timeout(DEADLINE_S), bare as board:
        board.hold_boot = False  # the finger is off it
        done = await flashed(
            board,
            teller=maker,
            image=str(image),
            image_only=True,
            erase=True,
            press_s=20.0,
            boot_s=0.5,
        )

    assert maker.lines[0] == f"writing {image}, SHA-256 {done.image.sha256}"
    assert maker.lines[-1].startswith("Press the RESET button of the board at ")
    assert done.image.version == "1.28.0"


async def test_a_port_that_another_program_has_is_busy(tmp_path):
    async with with_micropython(tmp_path) as board, Cable(board.port):
        with pytest.raises(LinkError, match=f"{board.port} is busy: another program"):
            await flashed(board)


async def test_no_such_port_and_no_board_at_all_are_told(tmp_path):
    code, _, error = await mynah("flash", "--port", "/dev/ttyNONE")

    assert (code, error.count("\n")) == (1, 1)
    assert "no port /dev/ttyNONE: is the cable plugged in?" in error


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(board="nonsense"), "no board 'nonsense'; there are"),
        (Wish(application_only=True, image_only=True), "choose one"),
    ],
)
async def test_what_cant_be_meant_is_told_before_a_board_is_looked_for(wish, told):
    with pytest.raises(UserError, match=told):
        await flash(wish, Quiet(), nobody, KeyStore())


async def test_a_file_that_is_no_image_is_refused_before_a_board_is_looked_for(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"\x7fELF" + bytes(100))
    code, _, error = await mynah("flash", "--image", str(path), "--port", "/dev/ttyNONE")

    assert (code, error.count("\n")) == (2, 1)
    assert "not an image for an ESP32" in error


class Plugged:
    def __init__(self, device, vid=0x303A):
        self.device, self.vid = device, vid


def test_no_board_and_several_boards_are_told_apart():
    with pytest.raises(LinkError, match="no board is plugged in: is the cable one for data"):
        find_port(listed=lambda: [Plugged("/dev/ttyS0", None)])
    with pytest.raises(UserError, match=r"say which with --port: COM3 \(.*\), COM4 \(CH34x\)"):
        find_port(listed=lambda: [Plugged("COM4", 0x1A86), Plugged("COM3")])

    assert find_port(listed=lambda: [Plugged("COM3")]) == "COM3"


async def test_what_does_not_run_micropython_takes_no_firmware(tmp_path):
    async with asyncio.timeout(DEADLINE_S), UsbBoard(tmp_path / "board", "esp32c3") as board:
        with pytest.raises(DeviceError, match=r"MicroPython does not answer at .*: press RESET"):
            await flashed(board, application_only=True, answer_s=0.3)


def test_boards_that_share_a_chip_are_not_guessed_between():
    with pytest.raises(UserError, match=rf"several boards have this chip.*{BOARD}"):
        _refuse(boards_with("esp32c3"))


async def test_which_board_it_is_is_asked_once_of_those_with_its_chip(monkeypatch, capsys):
    asked = []

    def choose(fitting):
        asked.append([board.name for board in fitting])
        return _ask(fitting)

    monkeypatch.setattr("sys.stdin", io.StringIO("9\nx\n2\n"))
    bare = Found((1, 28, 0), board="", chip="esp32c3", free_bytes=1 << 20, frozen=False, files={})
    board = await _board("a port", Wish(), bare, None, choose, PATIENT)
    told = capsys.readouterr()

    assert asked == [[each.name for each in boards_with("esp32c3")]]
    assert board.name == asked[0][1]
    assert f"  2  {board.name}: {board.about}" in told.err
    assert told.err.count("Which board is it") == 3  # until it was one of them


async def test_a_board_that_was_told_what_it_is_is_not_asked_for_again():
    known = Found(
        (1, 28, 0), board="tap_only", chip="esp32c3", free_bytes=0, frozen=False, files={}
    )

    assert (await _board("a port", Wish(), known, None, nobody, PATIENT)).name == "tap_only"


@pytest.mark.parametrize("key", ["12", "no hex", "00" * 33])
async def test_a_release_key_that_is_none_is_refused_before_a_board_is_looked_for(key):
    with pytest.raises(UserError, match="a public key is 64 hex digits"):
        await flash(Wish(port="/dev/ttyNONE", release_key=key), Quiet(), nobody, KeyStore())


def test_a_chip_that_we_have_no_firmware_for_is_told():
    with pytest.raises(UserError, match="this board has an esp32h2, and no firmware of ours"):
        boards_with("esp32h2")
