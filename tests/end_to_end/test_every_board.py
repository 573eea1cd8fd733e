"""A whole conversation on every board file: hold and answer, interrupt, be heard to the end.

The boards talk side by side; each mostly waits.
"""

import asyncio
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mynah.cli.view import JsonView
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.config import Settings
from mynah.emulator.trace import Event
from mynah.emulator.uri import boards
from mynah.emulator.wearer import LEAD_MS, Wearer
from mynah.errors import DeviceError
from mynah.firmware import firmware_folder
from mynah.scripted import Script, speak
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah_wire.making import Fault
from mynah_wire.message import Message
from mynah_wire.uplink import (
    FLUSHED,
    MICROPHONE,
    SPEAKER,
    STARTED,
    STORE,
    TAPPED,
    Cursor,
    Ready,
    Touch,
)
from tests.end_to_end.conversing import murmur, talking
from tests.repo.sources import parse

FIRST = "it takes two seconds and more to say this in tones"
SECOND = "words"
SILENT_WITHIN_MS = 150
LATE_MS = 1000
TAP_MS = 100
FELT_MS = 20


def constants(board):
    source = firmware_folder() / "boards" / f"{board}.py"
    return {
        statement.targets[0].id for statement in parse(source).body if hasattr(statement, "targets")
    }


TALKING = [board for board in boards() if "MICROPHONE_SD" in constants(board)]
HALF_DUPLEX = [board for board in TALKING if "HALF_DUPLEX" in constants(board)]


PAD = "a touch pad instead of a button"
WITH_A_PAD = "esp32_s3_devkit"


@dataclass
class Conversation:
    """All that came of it."""

    turns: list[TurnRecord] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    pressed_ms: float = 0.0
    felt_ms: float = 0.0
    """When the ring knew of it: a busy computer runs it late, and a pad is looked at, not told."""
    sounded: bool = False
    silent: bool = False


@pytest.fixture(scope="module")
def conversations(folder):
    """By board; they all happen at once."""
    padded = folder / "padded"
    shutil.copytree(firmware_folder(), padded)
    board = padded / "boards" / f"{WITH_A_PAD}.py"
    board.write_text(board.read_text().replace('BUTTON = "button"', 'BUTTON = "touch"'))

    async def all_of_them():
        ways = [*((board, board) for board in TALKING), ("pad", WITH_A_PAD, padded)]
        return await asyncio.gather(*(converse(*way) for way in ways))

    return dict(zip([*TALKING, PAD], asyncio.run(all_of_them()), strict=True))


async def converse(name, board, firmware=None):
    """The second thing is said while the answer to the first sounds."""
    come, link = Conversation(), f"emulator:{name}?board={board}"
    async with talking(FIRST, SECOND, link=link, firmware=firmware) as them:
        world = them.ring.world
        them.ring.trace.listen(come.events.append)
        wearer = Wearer(world)
        await wearer.say(murmur(0.5))
        await them.client.until(Cursor, lambda cursor: cursor.state == STARTED)
        await them.until(world.now_ms + 400)
        come.pressed_ms = world.now_ms + LEAD_MS
        await wearer.say(murmur(0.6, seed=2))
        come.turns = [await them.turn(), await them.turn()]
        come.messages = list(them.client.heard)
        come.felt_ms = felt_ms(come)
        quiet_ms = come.felt_ms + SILENT_WITHIN_MS
        come.sounded = world.speaker_samples(come.pressed_ms - 200, come.pressed_ms).any()
        felt = math.isfinite(quiet_ms)
        come.silent = felt and not world.speaker_samples(quiet_ms, quiet_ms + 300).any()
    return come


def felt_ms(come):
    """When the press opened the microphone; that of the first thing said was long before."""
    opened = [
        each["us"] / 1000
        for each in come.events
        if each["event"] == "microphone" and each["on"] and each["us"] / 1000 >= come.pressed_ms
    ]
    return min(opened, default=math.inf)


@pytest.mark.parametrize("board", [*TALKING, PAD])
def test_what_is_said_is_answered_also_over_a_reply(conversations, board):
    first, second = conversations[board].turns

    assert (first.transcript, first.error) == (FIRST, None)
    assert FIRST.startswith(first.heard)
    assert 0 < len(first.heard) < len(FIRST)
    assert (second.transcript, second.heard, second.error) == (SECOND, SECOND, None)
    assert second.link.lost_frames == 0


@pytest.mark.parametrize("board", [*TALKING, PAD])
def test_a_press_silences_the_reply_and_the_ring_says_how_much_was_heard(conversations, board):
    come = conversations[board]
    cursors = [each for each in come.messages if isinstance(each, Cursor) and each.reply == 1]

    assert come.sounded
    assert come.felt_ms - come.pressed_ms < LATE_MS
    assert come.silent
    assert [cursor.state for cursor in cursors].count(FLUSHED) == 1
    assert cursors[-1].state == FLUSHED


@pytest.mark.parametrize("board", [*TALKING, PAD])
def test_the_ring_finds_nothing_wrong_with_any_of_its_parts(conversations, board):
    messages = conversations[board].messages

    assert [each.text for each in messages if isinstance(each, Fault)] == []


@pytest.mark.parametrize("board", HALF_DUPLEX)
def test_where_they_share_an_i2s_nothing_sounds_while_the_microphone_is_open(conversations, board):
    edges = [
        each for each in conversations[board].events if each["event"] in ("microphone", "speaker")
    ]
    hears = False

    assert edges
    for edge in sorted(edges, key=lambda each: each["us"]):
        hears = edge["on"] if edge["event"] == "microphone" else hears
        assert not (hears and edge["event"] == "speaker" and edge["on"])


async def test_a_ring_that_can_only_be_touched_tells_its_touches_and_answers_them(folder):
    seen = []
    async with talking(link="emulator:?board=tap_only") as them:
        them.ring.trace.listen(seen.append)
        start_ms = them.ring.world.now_ms + LEAD_MS
        them.ring.world.press(start_ms)
        them.ring.world.release(start_ms + TAP_MS)
        touch = await them.client.until(Touch)
        ready = await them.client.until(Ready)
        motor = them.ring.world.motor

    assert (touch.pattern, touch.stream) == (TAPPED, 0)
    assert not ready.capabilities & (MICROPHONE | SPEAKER | STORE)
    assert motor.strength(start_ms + TAP_MS + FELT_MS) > 0
    assert [each for each in seen if each["event"] in ("microphone", "speaker")] == []


async def test_talk_says_that_nothing_can_be_said_to_a_ring_without_a_microphone(folder):
    settings = Settings().overridden(link="emulator:?board=tap_only")
    stages = Stages(ScriptedTranscriber([]), Guest("parrot", Parrot()), ToneSynthesizer())
    script = Script((Path("nothing.wav"),), settings, stages=stages)

    with pytest.raises(DeviceError, match="no microphone"):
        await speak(script, JsonView())
