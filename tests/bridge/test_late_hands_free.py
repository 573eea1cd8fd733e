"""Hands free and out of reach: of one tap's many turns only what was not answered comes late."""

import asyncio
from contextlib import asynccontextmanager

from tests.bridge.home import Home
from tests.bridge.listening import Loud
from tests.bridge.scene import WORD_MS, Wearer
from tests.bridge.virtual_time import in_virtual_time

SETTLED_S = 2.0


@asynccontextmanager
async def hands_free(*texts):
    home = Home(*texts, new_detector=Loud, hands_free=True)
    wearer = Wearer(home)
    async with home.connected() as running:
        await wearer.taps()
        await asyncio.sleep(SETTLED_S)
        yield home, wearer, running


@in_virtual_time
async def test_of_one_tap_that_was_many_turns_only_what_was_not_answered_comes_late():
    async with hands_free("one", "two") as (home, wearer, _):
        for number in (1, 2):
            await wearer.says()
            await home.turn(number)
            await asyncio.sleep(SETTLED_S)
        await wearer.says()
        home.die()
    await home.live(1000 * SETTLED_S)
    home.begin("three")
    async with home.connected():
        late = await home.turn(3)
        await home.rest()

    assert [record.transcript for record in home.turns] == ["one", "two", "three"]
    assert WORD_MS < late.link.frames * 20 < 1000 * 3 * SETTLED_S + WORD_MS


@in_virtual_time
async def test_hands_free_a_word_that_the_link_cut_is_answered_late_and_a_tap_goes_on():
    async with hands_free("one", "two", "three") as (home, wearer, running):
        await wearer.says()
        await home.turn()
        await asyncio.sleep(SETTLED_S)
        saying = asyncio.create_task(wearer.says())
        await asyncio.sleep(WORD_MS / 2000)
        await home.cut(running)
        await home.live(1000 * SETTLED_S)
        await saying
    async with home.connected():
        late = await home.turn(3)
        assert not wearer.is_listened_to
        await asyncio.sleep(SETTLED_S)
        await wearer.taps()
        await asyncio.sleep(SETTLED_S)
        await wearer.says()
        await home.turn(4)
        assert wearer.is_listened_to
        await wearer.taps()
        assert not wearer.is_listened_to
        await home.rest()

    told = [(each.transcript, each.kept, each.late_s is not None) for each in home.turns]
    assert told == [
        ("one", False, False),
        ("", True, False),
        ("two", False, True),
        ("three", False, False),
    ]
    assert late.link.frames * 20 > WORD_MS


@in_virtual_time
async def test_the_silence_after_the_last_of_many_turns_is_no_turn():
    async with hands_free("one", "") as (home, wearer, running):
        await wearer.says()
        await home.turn()
        await asyncio.sleep(SETTLED_S)
        await home.cut(running)
    await home.live(1000 * SETTLED_S)
    async with home.connected():
        await asyncio.sleep(SETTLED_S)
        await home.rest()

    assert [record.transcript for record in home.turns] == ["one"]


@in_virtual_time
async def test_the_silence_before_a_microphone_closes_is_no_turn_either():
    async with hands_free("one", "never") as (home, wearer, _):
        await wearer.says()
        await home.turn()
        await home.until(lambda: not wearer.is_listened_to)
        await home.rest()

    assert [record.transcript for record in home.turns] == ["one"]
