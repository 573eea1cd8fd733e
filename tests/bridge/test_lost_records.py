"""One record that is lost above the link layer costs a reply some seconds, and nothing more."""

import asyncio
import struct
from collections import deque

import numpy as np
import pytest

from mynah.link.delay_line import some
from mynah_wire.downlink import Finish, Go, Preload
from mynah_wire.record import COUNTER_BYTES
from mynah_wire.uplink import DONE, STARTED, Credit, Cursor
from tests.bridge.scene import LONG, NEXT, talking, well
from tests.bridge.virtual_time import in_virtual_time

NOTICED_MS = 4500  # two PINGs, and what has to be sent again
SHORT = "this is it"
WORST = dict.fromkeys([Preload, Go], NOTICED_MS)


class Loses:
    """The first records of a kind that a channel seals; counts all of them."""

    def __init__(self, channel, kind, times=1, state=None):
        """`state` is that of a cursor, or any."""
        self.left = times
        self.sealed = 0
        self._kind = kind.KIND
        self._state = state
        self._seal = channel.seal
        self._sealed = deque()
        channel.seal = self._sealing

    def _sealing(self, record, length):
        kind, _reply, state = struct.unpack_from("<BHB", record, COUNTER_BYTES)
        is_one = kind == self._kind and self._state in (None, state)
        self.sealed += is_one
        self._sealed.append(is_one)
        return self._seal(record, length)

    def __call__(self, _number):
        loses = self._sealed.popleft() and self.left > 0
        self.left -= loses
        return loses


def lose(scene, kind, times=1):
    scene.link.down.loses = Loses(scene.client.session.channel, kind, times)
    return scene.link.down.loses


def lose_told(scene, kind, state=None):
    scene.link.up.loses = Loses(scene.ring.core.session.channel, kind, state=state)
    return scene.link.up.loses


@pytest.mark.parametrize("words", [SHORT, LONG])
@pytest.mark.parametrize("kind", [Preload, Go, Finish])
@in_virtual_time
async def test_a_reply_is_heard_once_and_whole_whichever_of_its_commands_is_lost(kind, words):
    async with talking(words, NEXT) as scene:
        lost = lose(scene, kind)
        record = await scene.say()
        assert lost.left == 0
        assert (record.error, record.heard, record.kept) == (None, words, False)
        assert record.v2v_ms < WORST.get(kind, 500)
        sounded_ms = np.count_nonzero(scene.sound()) / 16
        await well(scene)

    async with talking(words) as other:
        await other.say()
        assert sounded_ms == pytest.approx(np.count_nonzero(other.sound()) / 16, abs=20)


@in_virtual_time
async def test_a_command_that_is_lost_again_and_again_is_sent_again_and_again():
    async with talking(SHORT, NEXT) as scene:
        lost = lose(scene, Preload, times=3)
        record = await scene.say()
        assert lost.left == 0
        assert (record.error, record.heard) == (None, SHORT)
        await well(scene)


@in_virtual_time
async def test_a_go_and_then_the_credit_to_repeat_its_sound_may_be_lost():
    async with talking(LONG, NEXT) as scene:
        both = lose(scene, Go), lose_told(scene, Credit)
        record = await scene.say()
        assert [lost.left for lost in both] == [0, 0]
        assert (record.error, record.heard) == (None, LONG)
        assert record.v2v_ms < NOTICED_MS
        await well(scene)


@pytest.mark.parametrize("state", [STARTED, DONE])
@in_virtual_time
async def test_what_the_ring_told_and_was_lost_is_known_all_the_same(state):
    async with talking(LONG) as other:
        clean = await other.say()
    async with talking(LONG, NEXT) as scene:
        lost = lose_told(scene, Cursor, state)
        record = await scene.say()
        assert lost.left == 0
        await well(scene)

    assert (record.error, record.heard) == (None, LONG)
    assert record.v2v_ms == pytest.approx(clean.v2v_ms, abs=1)
    span_ms = clean.reply_end_ms - clean.reply_start_ms
    assert record.reply_end_ms - record.reply_start_ms == pytest.approx(span_ms, abs=1)


@pytest.mark.parametrize("fade_ms", [2500, 6000])
@in_virtual_time
async def test_in_a_fade_nothing_is_sent_twice(fade_ms):
    async with talking(LONG) as scene:
        preloads = lose(scene, Preload, times=0)
        await scene.hold()
        delay_ms = scene.link.down.delay_ms
        scene.link.down.delay_ms = scene.link.up.delay_ms = fade_ms
        await scene.until(lambda: preloads.sealed)
        await asyncio.sleep(fade_ms / 1000)
        scene.link.down.delay_ms = scene.link.up.delay_ms = delay_ms
        record = await scene.turn()

    assert (record.error, record.heard, preloads.sealed) == (None, LONG, 1)


@in_virtual_time
async def test_of_replies_over_a_link_that_loses_a_tenth_both_ways_each_is_heard():
    async with talking(*[SHORT] * 20) as scene:
        scene.link.down.loses, scene.link.up.loses = some(0.1, seed=1), some(0.1, seed=2)
        for _ in range(20):
            record = await scene.say()
            assert (record.error, record.heard) == (None, SHORT)
