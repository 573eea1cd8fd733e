import asyncio

import pytest

from mynah.link.client import monotonic_ms
from mynah.speech.tts import ToneSynthesizer
from mynah.turn.machine import State
from mynah_wire.uplink import Start
from tests.bridge.scene import LONG, NEXT, Held, talking, well
from tests.bridge.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_press_while_it_speaks_stops_the_reply_and_closes_it_with_what_was_heard():
    async with talking(LONG, NEXT) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.sounding()
        await asyncio.sleep(1.2)
        pressed_ms = monotonic_ms()
        scene.press()
        await asyncio.sleep(0.4)
        silent = not scene.sound(pressed_ms + 150).any()
        scene.release()
        first, second = await scene.turn(), await scene.turn()

    assert silent
    assert LONG.startswith(first.heard)
    assert 0 < len(first.heard) < len(LONG)
    assert (first.reply, first.error) == (LONG, None)
    assert first.reply_end_ms - first.reply_start_ms == pytest.approx(1200, abs=100)
    assert (second.transcript, second.heard) == (NEXT, NEXT)


@in_virtual_time
async def test_a_touch_that_stops_a_reply_is_no_turn_of_its_own():
    async with talking(LONG, NEXT) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.sounding()
        await asyncio.sleep(1.0)
        await scene.hold(100)
        first = await scene.turn()
        await asyncio.sleep(1.0)

        assert 0 < len(first.heard) < len(LONG)
        assert scene.turns.empty()
        await well(scene)


class Endless:
    """Talks until nobody listens."""

    def __init__(self):
        self.said = 0
        self.stopped = 0

    async def reply(self, said):
        if said.text == NEXT:
            yield NEXT
            return
        try:
            while True:
                yield "one more sentence. "
                self.said += 1
                await asyncio.sleep(0.01)
        finally:
            self.stopped += 1

    async def close(self):
        pass


@pytest.mark.parametrize("flushed_first", [False, True])
@in_virtual_time
async def test_an_interrupted_companion_is_stopped_whichever_news_comes_first(flushed_first):
    companion = Endless()
    async with talking("hello", NEXT, companion=companion) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.sounding()
        await asyncio.sleep(1.0)
        if flushed_first:  # the ring stops it by itself; START comes later
            playback = scene.ring.core.playback
            playback.flush(playback.reply)
            scene.link.pump()
            await asyncio.sleep(0.2)
            assert companion.stopped == 1
        await scene.hold()
        first = await scene.turn()
        assert companion.stopped == 1
        said = companion.said
        second = await scene.turn()

    assert first.heard.startswith("one more sentence.")
    assert second.heard == NEXT
    assert companion.said == said


@in_virtual_time
async def test_a_press_while_it_thinks_gives_the_turn_up():
    transcriber = Held("first", NEXT)
    async with talking(transcriber=transcriber) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation._turns.state is State.COMMITTED)
        scene.press()
        first = await scene.turn()
        transcriber.go.set()
        await asyncio.sleep(0.4)
        scene.release()
        second = await scene.turn()

    assert transcriber.cancelled == 1
    assert (first.turn, first.transcript, first.heard) == (1, "", "")
    assert (second.turn, second.heard) == (2, "first")


@in_virtual_time
async def test_a_reply_that_is_ready_in_the_moment_of_the_press_is_never_heard():
    ready = asyncio.Event()

    class Voice(ToneSynthesizer):
        async def speak(self, text):
            if text == "first":
                await ready.wait()
            async for samples in super().speak(text):
                yield samples

    async with talking("first", NEXT, voice=Voice()) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.until(lambda: scene.conversation.in_hand.answer.reply.text)
        await asyncio.sleep(0.1)
        ready.set()  # the first sound is made, and in the same breath ...
        scene.conversation._hear(Start(2, 1, 0, 0))  # ... the press is known here
        first = await scene.turn()
        await asyncio.sleep(1.0)

        assert first.heard == ""
        assert not scene.sound().any()
        assert scene.client.session.downlink.sent_ms == 0
