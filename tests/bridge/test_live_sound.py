"""The computer's microphone and speaker at an emulated ring's ears and mouth."""

import asyncio
import contextlib

import numpy as np
import pytest

from mynah.audio.fake_sound_card import FakeSoundCard
from mynah.emulator.following import Following
from mynah.emulator.live_microphone import AHEAD_MS, LiveMicrophone
from mynah.emulator.loudspeaker import LAG_MS, Loudspeaker
from mynah.emulator.sound import samples_at
from mynah.emulator.trace import Trace
from mynah.emulator.world import World
from mynah.errors import SoundCardError
from tests.bridge.speaker_contract import FRAME, place, speech
from tests.bridge.virtual_time import in_virtual_time

LISTENS, LISTENS_NO_MORE = ({"event": "microphone", "on": on} for on in (True, False))
SOUNDS, SOUNDS_NO_MORE = ({"event": "speaker", "on": on} for on in (True, False))
REST_S = 2.0
WRITE_MS = 16  # the ring writes each of its DMA blocks once it has been played


class LoopClock:
    """Ring time, on the loop's clock; one may run fast."""

    epoch_us = 0

    def __init__(self, pace=1.0):
        self._pace = pace

    def now_ms(self):
        return asyncio.get_running_loop().time() * 1000 * self._pace

    def now_us(self):
        return round(self.now_ms() * 1000)


@contextlib.asynccontextmanager
async def world_in(folder, pace=1.0):
    clock = LoopClock(pace)
    world = World(folder, clock, Trace(clock), lambda *_: None, button_pin=1)
    await world.start()
    try:
        yield world
    finally:
        await world.close()


def test_blocks_follow_each_other_while_a_clock_trembles():
    following = Following(early=480, late=960)
    trembling = (0, 200, -300, 400, -400, -900, 100)
    places = [
        following.place(FRAME * number + off, FRAME) for number, off in enumerate(trembling, 1)
    ]

    assert places == [FRAME * number for number in range(1, 8)]
    assert following.jumps == 0


def test_a_burst_after_a_standstill_is_kept_whole():
    following = Following(early=480, late=4 * 960)
    following.place(FRAME, FRAME)
    resumed = 9 * FRAME

    places = [following.place(resumed, FRAME) for _ in range(8)]
    assert places == [resumed + FRAME * number for number in range(8)]


@pytest.mark.parametrize("drifted", [481, -961])
def test_a_clock_that_has_drifted_is_followed_with_one_jump(drifted):
    following = Following(early=480, late=960)
    following.place(FRAME, FRAME)

    assert following.place(2 * FRAME + drifted, FRAME) == 2 * FRAME + drifted
    assert following.place(3 * FRAME + drifted, FRAME) == 3 * FRAME + drifted
    assert following.jumps == 1


@in_virtual_time
async def test_what_is_said_to_the_computer_is_heard_by_the_ring_without_a_seam(tmp_path):
    card = FakeSoundCard()
    card.hears = speech(50 * FRAME)
    async with world_in(tmp_path) as world:
        await asyncio.sleep(0.5)
        live = LiveMicrophone(world, pytest.fail, card)
        began = samples_at(world.now_ms)
        live.start()
        await asyncio.sleep(1.2)
        live.stop()
        await live.close()
        heard = world.microphone_samples()

    assert place(heard, card.hears) == began + samples_at(AHEAD_MS)


@in_virtual_time
async def test_the_computer_listens_only_while_the_ring_does(tmp_path):
    card = FakeSoundCard()
    card.hears = speech(500 * FRAME)
    async with world_in(tmp_path) as world:
        live = LiveMicrophone(world, pytest.fail, card)
        await asyncio.sleep(0.1)
        assert card.ends == 0
        for _ in range(2):
            live.start()
            await asyncio.sleep(0.3)
            assert card.ends == 1
            live.stop()
            await asyncio.sleep(0)
            await asyncio.sleep(0.01)
            assert card.ends == 0
            stopped_ms = world.now_ms + AHEAD_MS
            await asyncio.sleep(1)
        await live.close()
        after = world.microphone_samples()[samples_at(stopped_ms) :]

    assert len(after) > 100 * FRAME // 4
    assert np.abs(after).max() < 1000  # the room's floor; the speech has 9,000
    assert card.opened == 2


@in_virtual_time
async def test_pressed_again_while_it_closes_it_listens_again(tmp_path):
    card = FakeSoundCard(opening_s=0.05)
    async with world_in(tmp_path) as world:
        live = LiveMicrophone(world, pytest.fail, card)
        live.start()
        live.stop()
        live.start()
        await asyncio.sleep(0.3)
        assert card.ends == 1
        await live.close()
    assert card.ends == 0


@in_virtual_time
async def test_a_microphone_that_is_gone_is_told_once_and_tried_again_at_the_next_press(tmp_path):
    card = FakeSoundCard()
    errors = []
    async with world_in(tmp_path) as world:
        live = LiveMicrophone(world, errors.append, card)
        live.start()
        await asyncio.sleep(0.3)
        card.plugged_in = False
        await asyncio.sleep(0.5)
        assert [type(error) for error in errors] == [SoundCardError]
        live.start()
        await asyncio.sleep(0.5)
        assert len(errors) == 2

        card.plugged_in = True
        live.start()
        await asyncio.sleep(0.3)
        assert card.ends == 1
        await live.close()


@in_virtual_time
async def test_a_clock_that_runs_fast_costs_a_jump_now_and_then(tmp_path):
    card = FakeSoundCard()
    async with world_in(tmp_path, pace=1.001) as world:
        live = LiveMicrophone(world, pytest.fail, card)
        live.start()
        await asyncio.sleep(100)  # 100 ms of drift
        assert 2 <= live._following.jumps <= 4
        await live.close()


@in_virtual_time
async def test_what_the_ring_plays_sounds_on_the_computer_and_a_gap_is_silence(tmp_path):
    card = FakeSoundCard()
    sound = speech(50 * FRAME)
    async with world_in(tmp_path) as world, Loudspeaker(world, pytest.fail, card) as loudspeaker:
        loudspeaker.heed(LISTENS)
        await asyncio.sleep(0.5)
        with world.speaker.path.open("r+b") as recording:
            start = samples_at(world.now_ms)
            recording.truncate(2 * start)
            block = samples_at(WRITE_MS)
            for played in range(0, len(sound), block):
                await asyncio.sleep(WRITE_MS / 1000)
                recording.seek(2 * (start + played))
                recording.write(sound[played : played + block].tobytes())
                recording.flush()
        await asyncio.sleep(0.5)
        heard = card.heard(0, world.now_ms)

    found = place(heard, sound)
    assert found is not None
    assert samples_at(LAG_MS) <= found - start <= samples_at(LAG_MS + 100)
    assert not heard[:found].any()
    assert not heard[found + len(sound) :].any()


@in_virtual_time
async def test_a_loudspeaker_that_is_lost_is_told_once_and_sounds_again_once_it_is_back(tmp_path):
    card = FakeSoundCard()
    errors = []
    async with world_in(tmp_path) as world, Loudspeaker(world, errors.append, card) as loudspeaker:
        loudspeaker.heed(LISTENS)
        await asyncio.sleep(1)
        card.plugged_in = False
        await asyncio.sleep(20)
        assert [type(error) for error in errors] == [SoundCardError]
        assert card.ends == 0

        card.plugged_in = True
        await asyncio.sleep(5)
        assert card.ends == 1
    assert card.ends == 0
    assert len(errors) == 1


@in_virtual_time
async def test_the_card_sleeps_until_the_ring_listens_and_while_nothing_has_sounded_for_long(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("mynah.emulator.loudspeaker.REST_S", REST_S)
    card = FakeSoundCard(opening_s=0.05)
    async with world_in(tmp_path) as world, Loudspeaker(world, pytest.fail, card) as loudspeaker:
        await asyncio.sleep(60)
        assert card.opened == 0
        for times in (1, 2):
            loudspeaker.heed(LISTENS)
            await asyncio.sleep(1)
            loudspeaker.heed(LISTENS_NO_MORE)
            loudspeaker.heed(SOUNDS)
            await asyncio.sleep(2 * REST_S)  # a long reply
            loudspeaker.heed(SOUNDS_NO_MORE)
            await asyncio.sleep(REST_S - 0.5)
            assert card.ends == 1
            await asyncio.sleep(1)
            assert (card.ends, card.opened) == (0, times)


@in_virtual_time
async def test_a_card_that_stays_away_is_looked_for_only_while_something_may_sound(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("mynah.emulator.loudspeaker.REST_S", REST_S)
    card = FakeSoundCard()
    card.plugged_in = False
    errors = []
    async with world_in(tmp_path) as world, Loudspeaker(world, errors.append, card) as loudspeaker:
        for times in (1, 2):
            loudspeaker.heed(LISTENS)
            await asyncio.sleep(REST_S + 1)
            assert len(errors) == times
            card.plugged_in = True
            await asyncio.sleep(REST_S)
            assert card.opened == 0
            card.plugged_in = False
