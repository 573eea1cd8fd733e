"""A ring without a speaker: the conversation is the same, and sounds from this computer."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mynah.audio.computer_speaker import ComputerSpeaker
from mynah.audio.fake_sound_card import BUFFER_MS, FakeSoundCard
from mynah.audio.levels import first_sound
from mynah.link.client import monotonic_ms
from mynah.turn.machine import State
from tests.bridge.scene import DELAY_MS, LONG, NEXT, stages, started, well
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100
SILENT_MS = 150  # what a stop may take, from the finger to a silent speaker


@asynccontextmanager
async def talking(*texts, hands_free=False, **parts):
    card = FakeSoundCard()
    made = stages(*texts, **parts)
    made.open_speaker = lambda _ring, listener: ComputerSpeaker(listener, card=card)
    made.hands_free = hands_free
    async with started(made) as scene:
        scene.card = card
        yield scene


async def speaking(scene):
    """A turn, until a good second of its reply has sounded."""
    await scene.hold()
    await scene.until(lambda: scene.conversation.glimpse().state is State.SPEAKING)
    await asyncio.sleep(1.2)


@in_virtual_time
async def test_a_reply_sounds_here_and_not_in_the_ring():
    async with talking(LONG) as scene:
        began_ms = monotonic_ms()
        record = await scene.say()
        here = scene.card.heard(began_ms, monotonic_ms())

    assert (record.heard, record.error) == (LONG, None)
    assert here.any()
    assert not scene.sound().any()


@in_virtual_time
async def test_voice_to_voice_is_measured_to_the_first_sound_from_this_computer():
    async with talking(LONG) as scene:
        await scene.hold()
        released_ms = monotonic_ms()
        record = await scene.turn()
        sound = scene.card.heard(released_ms, monotonic_ms())

    assert record.v2v_ms == pytest.approx(first_sound(sound) / 16, abs=DELAY_MS)
    assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)
    assert record.reply_end_ms - record.reply_start_ms == pytest.approx(
        np.flatnonzero(sound)[-1] / 16 - first_sound(sound) / 16, abs=40
    )


@in_virtual_time
async def test_a_press_on_the_ring_silences_this_computer_and_begins_the_next_turn():
    async with talking(LONG, NEXT) as scene:
        await speaking(scene)
        pressed_ms = monotonic_ms()
        await scene.hold()
        first, second = await scene.turn(), await scene.turn()
        after = scene.card.heard(pressed_ms + SILENT_MS, pressed_ms + 400)

    assert not after.any()
    assert 0 < len(first.heard) < len(LONG)
    assert LONG.startswith(first.heard)
    assert first.error is None
    assert (second.heard, second.error) == (NEXT, None)


@in_virtual_time
async def test_a_touch_only_silences_it():
    async with talking(LONG, NEXT) as scene:
        await speaking(scene)
        await scene.hold(TAP_MS)
        await scene.turn()
        await asyncio.sleep(1.0)

        assert scene.turns.empty()
        assert scene.conversation.glimpse().state is State.LISTENING
        await well(scene)


@in_virtual_time
async def test_a_touch_while_nothing_sounds_begins_to_listen():
    async with talking(NEXT) as scene:
        await scene.hold(TAP_MS)
        record = await scene.turn()

    assert (record.heard, record.error) == (NEXT, None)
    assert record.waterfall["endpoint_wait"] > 0


@in_virtual_time
async def test_a_sound_card_that_goes_in_mid_reply_costs_one_turn():
    async with talking(LONG, NEXT) as scene:
        await speaking(scene)
        scene.card.plugged_in = False
        record = await scene.turn()
        state = scene.conversation.glimpse().state
        scene.card.plugged_in = True

        assert record.error == "the sound card is gone: plug it in again"
        assert 0 < len(record.heard) < len(LONG)
        assert state is State.LISTENING
        await well(scene)


@in_virtual_time
async def test_a_sound_card_that_goes_between_turns_is_told_of_in_the_next():
    async with talking(LONG, NEXT) as scene:
        scene.card.plugged_in = False
        record = await scene.say()
        scene.card.plugged_in = True

        assert (record.error, record.heard) == ("the sound card is gone: plug it in again", "")
        await well(scene)


@in_virtual_time
async def test_the_card_is_left_alone_when_the_conversation_is_over():
    async with talking(LONG) as scene:
        await speaking(scene)

    assert scene.card.ends == 0
    assert BUFFER_MS < SILENT_MS
