"""`mynah fake board`, as whoever has no board runs it."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest

from mynah.cli import invoke
from mynah.maker import rom_loader
from mynah.maker.image import read_image

DEADLINE_S = 60


async def test_it_says_how_to_flash_it_is_found_by_esptool_and_ends_well_on_ctrl_c():
    command = ("-c", "from mynah.cli import main; main()", "fake", "board", "--chip", "esp32c6")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        try:
            told = (await process.stdout.readuntil(b".bin\n")).decode()
            port, image = re.search(r"mynah flash --port (\S+) --image (\S+)", told).groups()

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
