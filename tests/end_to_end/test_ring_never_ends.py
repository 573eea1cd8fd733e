"""A ring whose tasks fail, or that started badly again and again, can still be talked to."""

import asyncio
import json
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace

from mynah.emulator.emulated import NoFate, emulated
from mynah.firmware import firmware_folder
from mynah.link.keys import data_folder
from mynah_device.boots import BAD_STARTS, WATCHDOG
from mynah_wire.making import BROKEN, MISSING, SAFE, Fault, Found, Log, Logs, Offer, Probe, Updating
from mynah_wire.uplink import MICROPHONE, Button, Ready, Start
from tests.end_to_end.blocking import wrapped
from tests.end_to_end.conversing import Ears

NAME = "unwell"
EIO = "OSError [Errno 5] EIO"
FULL_NVS = """
import esp32
def takes_nothing(*_):
    raise OSError(-4357, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
esp32.NVS.set_i32 = takes_nothing
"""


class Bitten(NoFate):
    """Its watchdog bit just before."""

    def before_boot(self, settings):
        return replace(settings, reset_cause=WATCHDOG)


@asynccontextmanager
async def heard(firmware=None, fate=None):
    """A ring, and all that it says."""
    async with (
        emulated(f"emulator:{NAME}", firmware=firmware, fate=fate) as on,
        Ears(on.link) as client,
    ):
        listening = asyncio.create_task(client.listen())
        try:
            await client.until(Ready)
            yield on.ring, client
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def log_of(client):
    """All lines, without their times."""
    client.tell(Logs(1, 0))
    await client.until(Log, lambda line: not line.text)
    lines = [message.text.decode() for message in client.heard if isinstance(message, Log)]
    return [line.partition(" s ")[2] for line in lines[:-1]]


async def test_a_task_that_fails_is_told_and_started_again_and_the_ring_goes_on(tmp_path):
    async with heard(firmware=wrapped(tmp_path)) as (ring, client):
        for name in ("light", "sender", "radio"):
            (ring._flash / "block").write_text(f"{name} fail")
            told = Fault(BROKEN, f"{name}: {EIO}".encode())
            assert await client.until(Fault, told.__eq__)

        assert f"fault: light: {EIO}, broken" in await log_of(client)
        assert ring.boots == 1


async def test_with_an_nvs_that_takes_no_number_it_starts_after_a_bad_end_and_says_so(tmp_path):
    ill = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), ill, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    main = ill / "main.py"
    main.write_text(FULL_NVS + main.read_text("utf-8"), "utf-8")
    async with heard(ill, Bitten()) as (ring, client):
        told = await client.until(Fault, lambda fault: fault.text.startswith(b"nvs"))

        assert told == Fault(BROKEN, b"nvs: it takes nothing")
        assert ring.boots == 1


async def test_after_three_bad_starts_it_runs_without_its_parts_and_says_so():
    path = data_folder() / "emulator" / f"{NAME}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mynah": {"starts": BAD_STARTS - 1}}))
    async with heard(fate=Bitten()) as (ring, client):
        ready = await client.until(Ready)
        await client.until(Fault, lambda fault: fault.fault == SAFE)
        now_ms = ring.world.now_ms
        ring.world.press(now_ms)
        ring.world.release(now_ms + 500)
        client.tell(Probe(3, 0, b"light"))
        client.tell(Offer(4, 1, 1000, bytes(32)))

        assert await client.until(Found) == Found(3, MISSING, b"")
        assert (await client.until(Updating)).token == 4  # it takes updates
        assert not ready.capabilities & MICROPHONE
        assert any("start: watchdog" in line for line in await log_of(client))
        assert not [each for each in client.heard if isinstance(each, Start | Button)]
        assert ring.boots == 1
