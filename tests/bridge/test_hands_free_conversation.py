"""Hands free over a whole conversation: one tap, then only speech."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mynah.speech.asr import ScriptedTranscriber
from mynah.turn.endpoint import PAUSE_MS, SILENCE_MS
from mynah.turn.hands_free import BEFORE_VOICE_MS, LISTENING_MS, VOICE_OVER_REPLY_MS
from mynah.turn.machine import State
from mynah_device import talk
from tests.bridge.listening import EDGE_MS, Loud
from tests.bridge.scene import DELAY_MS, LONG, NEXT, WORD_MS, Wearer, stages, started, well
from tests.bridge.virtual_time import in_virtual_time

SILENT_MS = 150  # from the stop to a silent speaker
SETTLED_S = 2.0


class Ears(ScriptedTranscriber):
    """Keeps what it was given to hear."""

    def __init__(self, *texts):
        super().__init__(texts)
        self.heard = []

    async def transcribe(self, samples):
        self.heard.append(samples)
        return await super().transcribe(samples)


@asynccontextmanager
async def hands_free(*texts, transcriber=None):
    made = stages(*texts, transcriber=transcriber, new_detector=Loud, hands_free=True)
    async with started(made) as scene:
        yield scene, Wearer(scene)


async def reply_sounds(scene):
    await scene.until(lambda: scene.conversation.glimpse().state is State.SPEAKING)


def is_whole(sound, heard):
    """Whether all of a sound is in what was heard, give or take the codec's noise."""
    begin = np.flatnonzero(np.abs(heard) > 500)[0]
    there = heard[begin - 40 : begin + len(sound) + 40].astype(float)
    likeness = (
        np.correlate(there, sound.astype(float), "valid").max() / np.square(sound * 1.0).sum()
    )
    return likeness == pytest.approx(1, abs=0.1)


@in_virtual_time
async def test_one_tap_three_turns():
    ears = Ears("one", "two", "three")
    async with hands_free(transcriber=ears) as (scene, wearer):
        await wearer.taps()
        records, said = [], []
        for _ in range(3):
            said.append((await wearer.says())[1])
            records.append(await scene.turn())
            assert wearer.is_listened_to
            assert scene.ring.core.light == "hearing"
            await asyncio.sleep(SETTLED_S)

    assert [(each.turn, each.heard, each.error) for each in records] == [
        (1, "one", None),
        (2, "two", None),
        (3, "three", None),
    ]
    assert all(map(is_whole, said, ears.heard))
    assert len(ears.heard[2]) / 16 == pytest.approx(
        BEFORE_VOICE_MS + WORD_MS + PAUSE_MS, abs=EDGE_MS
    )


@in_virtual_time
async def test_every_turns_waterfall_adds_up_from_the_end_of_the_voice():
    async with hands_free("one", "two") as (scene, wearer):
        await wearer.taps()
        for _ in range(2):
            begin_ms, _ = await wearer.says()
            record = await scene.turn()

            done_ms = begin_ms + WORD_MS + 12345
            assert record.done_ms == pytest.approx(done_ms, abs=EDGE_MS)
            assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)
            assert record.waterfall["endpoint_wait"] == pytest.approx(SILENCE_MS, abs=120)
            assert record.link.lost_frames == 0
            await asyncio.sleep(SETTLED_S)


@in_virtual_time
async def test_speech_stops_the_reply_and_is_answered_with_nothing_lost():
    ears = Ears(LONG, NEXT, NEXT)  # judged, then answered
    async with hands_free(transcriber=ears) as (scene, wearer):
        await wearer.taps()
        await wearer.says()
        await reply_sounds(scene)
        await asyncio.sleep(1.0)
        begin_ms, sound = await wearer.says()
        first, second = await scene.turn(), await scene.turn()
        silent_ms = begin_ms + VOICE_OVER_REPLY_MS + EDGE_MS + 2 * DELAY_MS + SILENT_MS
        after = scene.sound(silent_ms)[: int(begin_ms + WORD_MS + SILENCE_MS - silent_ms) * 16]

    assert LONG.startswith(first.heard)
    assert 0 < len(first.heard) < len(LONG)
    assert (second.transcript, second.heard, second.error) == (NEXT, NEXT, None)
    assert is_whole(sound, ears.heard[1])
    assert len(after) > 0
    assert not after.any()


@in_virtual_time
async def test_a_cough_does_not_stop_the_reply():
    async with hands_free(LONG) as (scene, wearer):
        await wearer.taps()
        await wearer.says()
        await reply_sounds(scene)
        await asyncio.sleep(1.0)
        await wearer.says(VOICE_OVER_REPLY_MS - EDGE_MS)
        record = await scene.turn()

    assert (record.heard, record.error) == (LONG, None)


@in_virtual_time
async def test_long_silence_closes_the_microphone_and_a_tap_opens_it_again():
    async with hands_free("one", "two") as (scene, wearer):
        await wearer.taps()
        await wearer.says()
        await scene.turn()
        await asyncio.sleep(LISTENING_MS / 1000 - 2)
        assert wearer.is_listened_to
        await asyncio.sleep(4)
        assert scene.ring.core.talk.state == talk.QUIET
        assert scene.ring.core.light == "idle"
        assert scene.turns.empty()

        await wearer.taps()
        await wearer.says()
        assert (await scene.turn()).heard == "two"


@in_virtual_time
async def test_a_conversation_may_go_on_for_longer_than_the_ring_waits_for_a_silent_host():
    words = [f"number {number}" for number in range(8)]
    async with hands_free(*words) as (scene, wearer):
        await wearer.taps()
        for word in words:
            await wearer.says()
            assert (await scene.turn()).heard == word
            await asyncio.sleep(25)
            assert wearer.is_listened_to

    assert 25_000 * len(words) > 3 * talk.OPEN_LIMIT_MS


@in_virtual_time
async def test_a_press_stops_the_reply_and_ends_it_all():
    async with hands_free(LONG, NEXT) as (scene, wearer):
        await wearer.taps()
        await wearer.says()
        await reply_sounds(scene)
        await asyncio.sleep(1.0)
        await wearer.taps()
        first = await scene.turn()
        await asyncio.sleep(1.0)

        assert 0 < len(first.heard) < len(LONG)
        assert scene.ring.core.talk.state == talk.QUIET
        await wearer.says()
        await asyncio.sleep(SETTLED_S)
        assert scene.turns.empty()
        await well(scene)


@pytest.mark.parametrize("over_a_reply", [False, True])
@in_virtual_time
async def test_what_is_said_with_the_button_held_is_heard_then_too_and_ends_it_all(over_a_reply):
    ears = Ears(LONG, NEXT, NEXT)
    async with hands_free(transcriber=ears) as (scene, wearer):
        await wearer.taps()
        await wearer.says()
        await reply_sounds(scene)
        if not over_a_reply:
            await scene.turn()
        await asyncio.sleep(1.0)
        holding = asyncio.create_task(scene.hold(WORD_MS + 200))
        await asyncio.sleep(0.1)
        _, sound = await wearer.says()
        await holding
        records = [await scene.turn() for _ in range(1 + over_a_reply)]
        await asyncio.sleep(SETTLED_S)

        assert (records[-1].transcript, records[-1].heard, records[-1].error) == (NEXT, NEXT, None)
        assert is_whole(sound, ears.heard[-1])
        assert scene.ring.core.talk.state == talk.QUIET
        await well(scene)


@in_virtual_time
async def test_a_held_button_works_as_ever():
    async with hands_free("one", NEXT) as (scene, _):
        assert (await scene.say()).heard == "one"
        await well(scene)


@in_virtual_time
async def test_a_tap_by_mistake_is_no_turn_and_the_next_word_is():
    async with hands_free("one") as (scene, wearer):
        await wearer.taps()
        await asyncio.sleep(10)
        assert scene.turns.empty()
        assert scene.conversation.glimpse().state is State.LISTENING

        await wearer.says()
        assert (await scene.turn()).heard == "one"
