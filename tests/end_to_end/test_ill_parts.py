"""A part that is broken or missing: the ring says so, and the conversation goes on without it.

The rings live side by side; each mostly waits.
"""

import asyncio
import json
from dataclasses import dataclass, field, replace

import pytest

from mynah.emulator.emulated import NoFate
from mynah.turn.record import TurnRecord
from mynah_wire import making, uplink
from mynah_wire.making import Fault
from mynah_wire.uplink import Ready, Touch
from tests.end_to_end.conversing import murmur, talking

LINE = "words"
TAP_MS = 100
TOLD_WITHIN_MS = 300


@dataclass(frozen=True)
class Ill(NoFate):
    """What is wrong from the start."""

    board: str
    bus: dict = field(default_factory=dict)
    sound: dict = field(default_factory=dict)

    def before_boot(self, settings):
        return replace(settings, i2c_faults=json.dumps(self.bus), i2s_faults=json.dumps(self.sound))


@dataclass
class Life:
    """What came of it."""

    faults: list[Fault]
    capabilities: int
    turn: TurnRecord | None
    touched: bool = False


TALKING = {
    "dead microphone": Ill("xiao_esp32c3", sound={"microphone": "dead"}),
    "microphone that can't be opened": Ill("xiao_esp32c3", sound={"microphone": "broken"}),
    "speaker that can't be opened": Ill("xiao_esp32c3", sound={"speaker": "broken"}),
    "speaker that takes nothing": Ill("xiao_esp32s3", sound={"speaker": "stuck"}),
    "no haptic driver": Ill("xiao_esp32c6", bus={"drv2605l": {"fault": "absent"}}),
    "stuck bus": Ill("xiao_esp32c6", bus={"drv2605l": {"fault": "stuck"}}),
}
MUTE = {"another codec": Ill("m5_atom_echos3r", bus={"es8311": {"fault": "wrong id"}})}


@pytest.fixture(scope="module")
def lives(folder):
    """By what is wrong."""

    async def all_of_them():
        ill = {**TALKING, **MUTE}
        names = [name.replace(" ", "-").replace("'", "") for name in ill]
        came = await asyncio.gather(*map(live, names, ill.values(), [n in TALKING for n in ill]))
        return dict(zip(ill, came, strict=True))

    return asyncio.run(all_of_them())


async def live(name, ill, talks):
    link = f"emulator:{name}?board={ill.board}"
    async with talking(LINE, link=link, fate=ill) as them:
        heard, turn = them.client.heard, None
        if talks:
            turn = await them.say(murmur(1.3))
            # What is found while the reply is on its way is told behind that reply's end.
            await them.until(them.ring.world.now_ms + TOLD_WITHIN_MS)
        else:
            start_ms = them.ring.world.now_ms + 200
            them.ring.world.press(start_ms)
            them.ring.world.release(start_ms + TAP_MS)
            await them.client.until(Touch)
        return Life(
            [each for each in heard if isinstance(each, Fault)],
            next(each.capabilities for each in heard if isinstance(each, Ready)),
            turn,
            any(isinstance(each, Touch) for each in heard),
        )


def told(life, part):
    """Which faults of that part were told."""
    return [each.fault for each in life.faults if each.text.startswith(part.encode() + b":")]


def test_a_microphone_that_gives_always_the_same_is_told(lives):
    life = lives["dead microphone"]

    assert told(life, "microphone") == [making.SILENT]
    assert life.turn.error is None


def test_a_microphone_that_cant_be_opened_is_told_and_its_stream_is_cut(lives):
    life = lives["microphone that can't be opened"]

    assert told(life, "microphone") == [making.ABSENT]
    assert life.turn.link.frames == 0


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("speaker that can't be opened", making.ABSENT),
        ("speaker that takes nothing", making.BROKEN),
    ],
)
def test_a_speaker_that_plays_nothing_is_told_and_nothing_counts_as_heard(lives, what, fault):
    life = lives[what]

    assert told(life, "speaker") == [fault]
    assert (life.turn.transcript, life.turn.heard, life.turn.error) == (LINE, "", None)


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("no haptic driver", making.ABSENT),
        ("stuck bus", making.STUCK),
    ],
)
def test_without_its_haptic_driver_the_ring_talks_and_can_not_vibrate(lives, what, fault):
    life = lives[what]

    assert told(life, "haptic") == [fault]
    assert not life.capabilities & uplink.HAPTIC
    assert (life.turn.heard, life.turn.error) == (LINE, None)


def test_without_its_codec_the_ring_neither_hears_nor_speaks_and_still_feels(lives):
    life = lives["another codec"]

    assert set(told(life, "codec")) == {making.FOREIGN}
    assert not life.capabilities & (uplink.MICROPHONE | uplink.SPEAKER)
    assert life.touched
