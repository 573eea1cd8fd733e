"""The emulator runs the sources in `firmware/`: what is changed there is heard."""

import asyncio
import shutil

import numpy as np
import pytest

from mynah.audio.levels import dbfs
from mynah.firmware import firmware_folder
from tests.end_to_end.conversing import murmur, talking
from tests.repo.sources import REPOSITORY

GAIN = "FULL = 256  # unity gain\n"
QUARTER_GAIN = "FULL = 64\n"
QUARTER_DB = 20 * np.log10(64 / 256)


@pytest.fixture
def quieter(tmp_path):
    """A copy of the firmware with a quarter of the playback gain."""
    copy = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), copy, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    source = copy / "lib" / "mynah_device" / "playback.py"
    text = source.read_text("utf-8")
    assert text.count(GAIN) == 1
    source.write_text(text.replace(GAIN, QUARTER_GAIN), "utf-8")
    return copy


async def loudness_of_a_reply(name, firmware=None):
    """Half a second of it, from its middle."""
    words, link = "a tone of some length, for thirty-six letters", f"emulator:{name}"
    async with talking(words, link=link, firmware=firmware) as them:
        record = await them.say(murmur(0.5))
        start_ms = them.ring_ms(record.reply_start_ms) + 500
        return dbfs(them.ring.world.speaker_samples(start_ms, start_ms + 500))


def test_an_editable_install_runs_the_repositorys_firmware():
    assert firmware_folder() == REPOSITORY / "firmware"


async def test_a_changed_playback_gain_is_heard_in_the_speaker(quieter):
    as_it_is, changed = await asyncio.gather(
        loudness_of_a_reply("as_it_is"), loudness_of_a_reply("quieter", quieter)
    )

    assert changed - as_it_is == pytest.approx(QUARTER_DB, abs=0.5)
