"""What was said is answered once, however a turn ends: touched, put off, half begun, left."""

import asyncio

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Act
from mynah.inbox.fake_disk import FakeDisk
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.making import END_S
from mynah.reporting import KEPT, PUT_OFF
from mynah.turn import answer
from mynah.turn.machine import State
from tests.bridge.home import DELAY_MS, HOLD_MS, Home
from tests.bridge.listening import Loud
from tests.bridge.scene import KEY, Held
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100
AWAY_MS = 30_000
SETTLED_S = 60  # much longer than anything takes to come a second time


class Feels:
    """A companion without words."""

    def __init__(self):
        self.asked = []

    async def reply(self, said):
        self.asked.append(said.text)
        yield Act("hug")


class Slow:
    """Takes its time to let go of its first answer."""

    takes_s = 30.0

    def __init__(self):
        self.asked = 0

    async def reply(self, said):
        self.asked += 1
        if self.asked == 1:
            try:
                await asyncio.sleep(SETTLED_S)
            finally:
                await asyncio.sleep(self.takes_s)
        yield said.text


class Silence:
    """Nobody speaks."""

    def probability(self, _frame):
        return 0.0


class Locked(FakeDisk):
    """Somebody else's."""

    def claim(self):
        raise PermissionError(13, "Permission denied")


def answered(home):
    return [record.heard for record in home.turns if record.heard]


async def thinking(home, ms=HOLD_MS):
    """Something was said, and is being thought over."""
    await home.hold(ms)
    await home.until(lambda: home.conversation._turns.state is State.COMMITTED)
    await home.live(300)


@in_virtual_time
async def test_what_is_answered_late_by_a_touch_alone_is_answered_once():
    companion = Feels()
    home = Home(*["hug me"] * 9, companion=companion)
    await home.hold()
    await home.live(AWAY_MS)
    async with home.connected():
        await home.turn()
        await home.rest()

    assert companion.asked == ["hug me"]
    assert [record.felt for record in home.turns] == [["hug"]]


@in_virtual_time
@pytest.mark.parametrize("hands_free", [False, True])
async def test_touches_while_it_is_thought_over_take_nothing_back(hands_free):
    hearing = Held("the question", "the question")
    parts = {"hands_free": True, "new_detector": Silence} if hands_free else {}
    home = Home(transcriber=hearing, **parts)
    async with home.connected():
        await thinking(home)
        for _ in range(1 if hands_free else 2):
            await home.hold(TAP_MS)
            await home.live(TAP_MS)
        await asyncio.sleep(SETTLED_S / 4)
        hearing.go.set()
        await asyncio.sleep(SETTLED_S)

    assert answered(home) == ["the question"]


@in_virtual_time
@pytest.mark.parametrize("after_ms", [0, 20, 70, 130])
async def test_a_press_before_a_late_reply_can_be_heard_does_not_end_it_for_good(after_ms):
    home = Home("late", "next", "late")
    await home.hold()
    await home.live(AWAY_MS)
    async with home.connected():
        await home.until(lambda: home.conversation.in_hand.answer is not None)
        reply = home.conversation.in_hand.answer.reply
        while not reply._samples:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.001)
        await asyncio.sleep(after_ms / 1000)
        await home.hold()
        await asyncio.sleep(SETTLED_S)

    assert answered(home) == ["next", "late"]


@in_virtual_time
async def test_what_is_too_long_to_be_answered_with_what_follows_is_answered_after_it(monkeypatch):
    monkeypatch.setattr(answer, "EARLIER_SAMPLES", 16_000)
    hearing = Held("next", "long")
    home = Home(transcriber=hearing)
    async with home.connected():
        await thinking(home, 2000)
        home.press()
        await home.live(HOLD_MS)
        hearing.go.set()
        home.release()
        await asyncio.sleep(SETTLED_S)

    assert home.turns[0].error == f"{PUT_OFF}; {KEPT}"
    assert answered(home) == ["next", "long"]


@in_virtual_time
async def test_what_waits_while_somebody_speaks_out_of_hearing_is_answered_then():
    home = Home("one", "two")
    async with home.connected():
        await home.hold()
        await home.live(100)
        home.die()
    home.begin("one", "two")
    home.press()
    await home.live(12_000)  # too long to be joined
    async with home.connected():
        await home.live(3000)
        home.release()
        await asyncio.sleep(SETTLED_S)

    assert answered(home) == ["one", "two"]


@in_virtual_time
@pytest.mark.parametrize("hands_free", [False, True])
async def test_a_ring_in_reach_does_not_fill_up_where_no_inbox_can_be_opened(hands_free):
    parts = {"hands_free": True, "new_detector": Silence} if hands_free else {}
    words = ["yes"] if hands_free else ["yes", ""]  # hands free, what is silent is not asked about
    home = Home(*words * 3, disk=Locked(), **parts)
    async with home.connected():
        for _ in range(3):
            await home.hold()  # answered
            await home.live(3000)
            await home.hold(TAP_MS)  # nobody speaks
            await home.live(70_000)
            for _ in range(2):  # a touch
                await home.hold(TAP_MS)
                await home.live(TAP_MS)
            await home.live(3000)

    assert answered(home) == ["yes"] * 3
    assert home.ring.core.said.held.all == []
    assert len(home.troubles) == 1


@in_virtual_time
async def test_who_takes_long_to_let_go_does_not_keep_the_bridge_from_the_ring():
    home = Home("one", companion=Slow())
    async with home.connected() as running:
        await thinking(home)
        await home.live(2000)
        lost_ms = monotonic_ms()
        await home.cut(running)
        assert monotonic_ms() - lost_ms < 2000 * END_S
    await asyncio.sleep(2 * Slow.takes_s)  # then it is gone, too


@in_virtual_time
async def test_a_connection_that_ends_late_takes_nothing_from_the_next(monkeypatch):
    monkeypatch.setattr("mynah.making.END_S", SETTLED_S)
    home = Home("one", "one", "two", companion=Slow())
    link = MemoryLink(home.ring, KEY, delay_ms=DELAY_MS)
    home.link = link
    async with RingClient(link) as client:
        conversation = home.conversation = home.converse(client)
        old = asyncio.create_task(conversation.run(), name="old")
        await conversation.ready.wait()
        await thinking(home)
        await home.live(2000)
        old.cancel()
        await asyncio.wait({old}, timeout=10)
        assert not old.done()  # left behind
        await link.close()
        async with home.connected():
            await asyncio.sleep(Slow.takes_s)
            assert old.done()
            await home.hold()
            await asyncio.sleep(SETTLED_S)
        async with home.connected():
            await home.rest()

    assert answered(home) == ["one", "two"]


@in_virtual_time
async def test_hands_free_what_is_too_long_is_told_and_the_rest_is_heard(monkeypatch):
    monkeypatch.setattr(answer, "EARLIER_SAMPLES", 16_000)
    hearing = Held("next", "then")
    home = Home(transcriber=hearing, hands_free=True, new_detector=Loud)
    voice, home.ring.hears = home.ring.hears, np.zeros_like(home.ring.hears)

    async def says(ms):
        begin = (int(monotonic_ms()) + 1) * SPEECH_HZ // 1000
        end = begin + ms * SPEECH_HZ // 1000
        home.ring.hears[begin:end] = voice[: end - begin]
        await asyncio.sleep(ms / 1000)

    async with home.connected():
        await home.hold(TAP_MS)
        await home.live(300)
        await says(2500)
        await home.until(lambda: home.conversation._turns.state is State.COMMITTED)
        await says(1500)
        hearing.go.set()
        await asyncio.sleep(10)
        await says(1500)
        await asyncio.sleep(10)

    assert home.turns[0].error == PUT_OFF
    assert answered(home) == ["next", "then"]
