"""What a ring was taught it still does after its power went, with no host; FORGET ends that."""

import asyncio
import contextlib
import json

import pytest

from mynah.acts.ring_acts import RingActs
from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act
from mynah.emulator.emulated import emulated
from mynah.emulator.wearer import TAP_MS
from mynah.errors import LinkError
from mynah.link.keys import data_folder
from mynah_wire.downlink import BRIGHTNESS, Forget, Setting
from mynah_wire.uplink import FORGOTTEN, TAPPED, Forgotten, Ready
from tests.end_to_end.conversing import DEADLINE_S, Ears

NAME = "taught"
BRIGHT = 77
TOKEN = 1234
BOOT_MS = 600


class Seen:
    """Waits for what an emulated ring does next."""

    def __init__(self, ring):
        self._events = asyncio.Queue()
        ring.trace.listen(self._events.put_nowait)

    async def next(self, name, **fields):
        async with asyncio.timeout(DEADLINE_S):
            while True:
                event = await self._events.get()
                if event["event"] == name and event.items() >= fields.items():
                    return event


@contextlib.asynccontextmanager
async def connected(on):
    async with Ears(on.link) as client:
        listening = asyncio.create_task(client.listen())
        await client.until(Ready)
        try:
            yield client
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, LinkError):
                await listening


def stored():
    path = data_folder() / "emulator" / f"{NAME}.json"
    return json.loads(path.read_text(encoding="utf-8"))["mynah"]


async def live_through():
    """What is stored after teaching and after forgetting; how strongly the motor answered."""
    async with emulated(f"emulator:{NAME}") as on:
        seen, world = Seen(on.ring), on.ring.world
        async with connected(on) as client:
            acts = RingActs(client)
            acts.teach(TAPPED, Act("purr"))
            client.tell(Setting(BRIGHTNESS, BRIGHT))
            acts.play(Act("knock"))
            await seen.next("pwm")  # and so it has done all that was said before
            taught = stored()

        on.ring.cut_power()
        await seen.next("power_cut")
        await seen.next("pin", source="ring")  # its lamp: it has booted
        at_ms = world.now_ms + BOOT_MS
        world.press(at_ms)
        world.release(at_ms + TAP_MS)
        answer = (await seen.next("pwm"))["duty"]

        async with connected(on) as client:
            client.tell(Forget(TOKEN))
            forgotten = await client.until(Forgotten)
            return taught, answer, forgotten, stored()


@pytest.fixture(scope="module")
def lived(folder):
    return asyncio.run(live_through())


def test_what_it_was_taught_is_kept_without_power(lived):
    taught, answer, _, _ = lived

    assert taught["brightness"] == BRIGHT
    assert {"key", "reflex1"} <= set(taught)
    assert [name for name in taught if name.startswith("program")]
    assert answer == VOCABULARY["purr"].program[0] * 257


def test_forget_leaves_nothing_but_the_key(lived):
    _, _, forgotten, left = lived

    assert forgotten == Forgotten(TOKEN, FORGOTTEN)
    assert set(left) == {"key"}
