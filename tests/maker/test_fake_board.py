"""`mynah fake board`, as whoever has no board runs it."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest
import serial

from mynah.cli import invoke
from mynah.cli.fake_board import called
from mynah.emulator.rom.board import FILES_BYTES
from mynah.emulator.rom.chips import CHIPS
from mynah.emulator.rom.cpu import Cpu
from mynah.link.cable import BAUD
from mynah.link.keys import KeyStore
from mynah.link.serial import SerialLink
from mynah.maker import rom_loader
from mynah.maker.image import read_image
from mynah.maker.selftest import examine
from mynah.maker.selftest_report import Verdict
from tests.maker.bench import flashed, with_micropython

DEADLINE_S = 60
WITH = r"mynah flash --port (\S+) --board (\S+) --image (\S+)"


async def test_it_says_how_to_flash_it_is_found_by_esptool_and_ends_well_on_ctrl_c():
    command = ("-c", "from mynah.cli import main; main()", "fake", "board", "--chip", "esp32c6")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        try:
            told = (await process.stdout.readuntil(b".bin\n")).decode()
            port, board, image = re.search(WITH, told).groups()

            assert board == "xiao_esp32c6"
            assert (await rom_loader.detect(port)).name == "esp32c6"
            assert read_image(Path(image)).chip == "esp32c6"
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.mark.parametrize("chip", ["esp32", "esp8266"])
def test_a_chip_that_there_is_no_fake_of_is_told_in_one_line(capsys, chip):
    assert invoke(["fake", "board", "--chip", chip]) == 2
    assert f"no fake chip is called {chip!r}; there are: esp32s3" in capsys.readouterr().err


def test_the_command_that_it_tells_is_the_one_that_was_typed(tmp_path, monkeypatch):
    typed = tmp_path / "bin" / "mynah"
    typed.parent.mkdir()
    typed.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(typed), "fake", "board"])
    monkeypatch.setenv("PATH", "")
    assert called() == str(typed)

    monkeypatch.setenv("PATH", str(typed.parent))
    assert called() == "mynah"


def say(port, keys, until):
    """Type that at a port, and listen."""
    with serial.Serial(port, BAUD, timeout=DEADLINE_S, exclusive=True) as opened:
        opened.write(keys)
        return opened.read_until(until)


async def test_ctrl_c_and_ctrl_d_start_it_anew_and_what_is_typed_meanwhile_is_read_then(tmp_path):
    async with with_micropython(tmp_path) as usb:
        await flashed(usb)
        for _ in range(3):
            said = await asyncio.to_thread(say, usb.port, b"\x03\x04\nmynah id\n", b" build ")

            assert re.fullmatch(
                rb".*>>> \r\nMPY: soft reboot\r\n.*mynah \w+ build ", said, re.DOTALL
            )


BUSY = """
import gc, time
began_ms = time.ticks_ms()
print("begun")
while time.ticks_diff(time.ticks_ms(), began_ms) < 100:
    gc.collect()
while True:
    time.sleep_ms(10)
"""


async def test_ctrl_c_while_it_collects_garbage_breaks_nothing(tmp_path):
    heard, news = bytearray(), asyncio.Event()

    def hear(data):
        heard.extend(data)
        news.set()

    async def until(said):
        while said not in heard:
            news.clear()
            await news.wait()

    cpu = Cpu(CHIPS["esp32c3"], tmp_path, FILES_BYTES, hear, lambda: None)
    (cpu.files / "main.py").write_text(BUSY)
    try:
        async with asyncio.timeout(DEADLINE_S):
            await cpu.start()
            await until(b"begun")
            cpu.type(b"\x03")
            await until(b">>> ")
            cpu.type(b"[1]\r")
            await until(b"[1]\r\n[1]")
    finally:
        await cpu.stop()


async def nobody_asked(_question):
    raise AssertionError("there is nobody who could see or press a fake board")


async def test_a_board_that_speaks_and_hears_passes_its_tests(tmp_path):
    async with with_micropython(tmp_path, "esp32s3") as usb:
        await flashed(usb, board="xiao_esp32s3")
        names = ("system", "speaker", "button", "flash")
        link = SerialLink(usb.port, KeyStore())
        report = await examine(
            link, nobody_asked, lambda _result: None, names=names, scheme="serial"
        )

    assert {result.test: result.verdict for result in report.results} == {
        "system": Verdict.PASSED,
        "speaker": Verdict.PASSED,
        "button": Verdict.NOT_ASKED,
        "flash": Verdict.PASSED,
    }
    assert report.emulated
    assert report.faults == []


def test_two_boards_are_two_rings_and_one_stays_itself(tmp_path):
    one, other = (Cpu(CHIPS["esp32c3"], tmp_path / name, 0, print, print) for name in ("a", "b"))
    again = Cpu(CHIPS["esp32c3"], tmp_path / "a", 0, print, print)

    assert one.unique_id() != other.unique_id()
    assert one.unique_id() == again.unique_id()
