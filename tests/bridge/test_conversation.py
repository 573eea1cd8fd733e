import asyncio
import gc
import logging

import pytest

from mynah.app import AHEAD_MS, NOTHING_HEARD, NOTHING_SAID
from mynah.errors import CompanionError, LinkError, WorkerError
from mynah.link.client import monotonic_ms
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.turn.machine import COMMITTED_MS, HEARING_MS, State
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, Mood
from mynah_wire.uplink import Start
from tests.bridge.scene import Scene, stages, talking
from tests.bridge.virtual_time import in_virtual_time

LONG = "it takes a good three seconds to say all of this aloud, word after word"
NEXT = "the next turn works"


class Says:
    """A companion that does what a function does."""

    def __init__(self, reply, close=None):
        self._reply = reply
        self._close = close
        self.closed = False

    async def reply(self, said):
        async for piece in self._reply(said):
            yield piece

    async def close(self):
        self.closed = True
        if self._close is not None:
            raise self._close


class Fails(ScriptedTranscriber):
    """Fails as often as it has errors, then hears."""

    def __init__(self, *errors, texts):
        super().__init__(texts)
        self._errors = list(errors)

    async def transcribe(self, samples):
        if self._errors:
            raise self._errors.pop(0)
        return await super().transcribe(samples)


class Held(ScriptedTranscriber):
    """Does not hear before it is let go."""

    def __init__(self, *texts):
        super().__init__(texts)
        self.go = asyncio.Event()
        self.cancelled = 0

    async def transcribe(self, samples):
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await super().transcribe(samples)


async def well(scene):
    """The next turn works."""
    record = await scene.say()
    assert (record.error, record.heard) == (None, NEXT)


@in_virtual_time
async def test_a_turn_from_button_to_reply():
    async with talking("hello there") as scene:
        record = await scene.say()

    assert (record.turn, record.transcript, record.reply) == (1, "hello there", "hello there")
    assert (record.heard, record.error) == ("hello there", None)
    assert record.link.lost_frames == 0
    assert record.link.frames >= 20
    assert scene.sound().any()
    assert record.reply_end_ms - record.reply_start_ms == pytest.approx(10 * 60, abs=25)


@in_virtual_time
async def test_the_waterfall_adds_up_to_v2v():
    async with talking("hello there", LONG) as scene:
        for record in [await scene.say(), await scene.say()]:
            assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)
            assert record.v2v_ms == record.reply_start_ms - record.done_ms
            assert record.waterfall["uplink"] == pytest.approx(scene.link.up.delay_ms, abs=25)
            assert record.bound_by in record.waterfall


@in_virtual_time
async def test_turns_follow_each_other():
    async with talking("one", "two", "three") as scene:
        records = [await scene.say() for _ in range(3)]

    assert [(record.turn, record.heard) for record in records] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]


@in_virtual_time
async def test_without_words_the_turn_says_so():
    async with talking("", NEXT) as scene:
        record = await scene.say()
        assert (record.error, record.reply, record.v2v_ms) == (NOTHING_HEARD, "", None)
        await well(scene)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WorkerError("whisper died"), "whisper died"),
        (WorkerError("two\nlines"), "two lines"),
        (WorkerError(), "WorkerError"),
        (ZeroDivisionError("by zero"), "a fault in the bridge: ZeroDivisionError('by zero')"),
    ],
)
@in_virtual_time
async def test_a_transcriber_that_fails_costs_one_turn(caplog, error, told):
    caplog.set_level(logging.CRITICAL)
    async with talking(transcriber=Fails(error, texts=[NEXT])) as scene:
        record = await scene.say()
        assert record.error == told
        await well(scene)


def raising(error):
    async def reply(said):
        if said.text == NEXT:
            yield NEXT
            return
        yield "Well, this is the beginning of it, and then"
        raise error

    return reply


async def yields_nothing(said):
    if said.text == NEXT:
        yield NEXT


def yielding(piece):
    async def reply(said):
        yield NEXT if said.text == NEXT else piece

    return reply


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CompanionError("out of\ncredit"), "out of credit"),
        (RuntimeError("no\nway"), "the companion failed: RuntimeError('no\\nway')"),
        (asyncio.CancelledError(), "the companion failed: CancelledError()"),
        (TimeoutError(), "the companion failed: TimeoutError()"),
        (SystemExit(3), "the companion failed: SystemExit(3)"),
        (ExceptionGroup("two", [ValueError(), KeyError()]), "the companion failed: ExceptionGroup"),
        (StopAsyncIteration(), "the companion failed: RuntimeError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
@in_virtual_time
async def test_whatever_a_companion_raises_costs_one_turn(error, told):
    async with talking("hello", NEXT, companion=Says(raising(error))) as scene:
        record = await scene.say()
        assert record.error.startswith(told)
        assert record.reply == "Well, this is the beginning of it, and then"
        await well(scene)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (yields_nothing, NOTHING_SAID),
        (yielding(""), NOTHING_SAID),
        (yielding(" \n\x00\x1b...  "), NOTHING_SAID),
        (yielding(b"bytes"), "the companion said b'bytes', which is not text"),
        (yielding(None), "the companion said None, which is not text"),
    ],
    ids=["nothing", "an empty piece", "nothing to say", "bytes", "None"],
)
@in_virtual_time
async def test_a_companion_that_says_nothing_costs_one_turn(reply, told):
    async with talking("hello", NEXT, companion=Says(reply)) as scene:
        assert (await scene.say()).error == told
        await well(scene)


class NoGenerator:
    async def reply(self, said):
        return "text"

    async def close(self):
        pass


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # "never awaited": the author is told, too
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@in_virtual_time
async def test_a_companion_that_is_no_companion_costs_one_turn():
    async with talking("hello", companion=NoGenerator()) as scene:
        record = await scene.say()

        assert record.error.startswith("the companion failed: ")
        assert not scene.running.done()
    gc.collect()


@in_virtual_time
async def test_control_characters_are_not_spoken_and_break_nothing():
    reply = yielding("Hello\x00 \x1b there,\x07 my\u202e friend.")
    async with talking("hello", NEXT, companion=Says(reply)) as scene:
        record = await scene.say()

        assert (record.error, record.heard) == (None, "Hello there, my friend.")
        await well(scene)


@pytest.mark.parametrize("text", ["a" * 1_000_000, "well " * 200_000], ids=["a run", "words"])
@in_virtual_time
async def test_a_megabyte_without_a_full_stop_is_made_no_further_ahead_than_it_is_heard(text):
    spoken = []

    class Voice(ToneSynthesizer):
        async def speak(self, text):
            spoken.append(text)
            async for samples in super().speak(text):
                yield samples

    async with talking("hello", NEXT, companion=Says(yielding(text)), voice=Voice()) as scene:
        await scene.hold()
        await asyncio.sleep(5)
        downlink = scene.client.session.downlink
        assert downlink.queued_ms < 3 * AHEAD_MS
        assert len(spoken) < 10

        await scene.hold()
        first, second = await scene.turn(), await scene.turn()
        assert first.reply_end_ms - first.reply_start_ms > 4000
        assert second.heard == NEXT
    assert len(spoken) < 12


@in_virtual_time
async def test_a_press_while_it_speaks_stops_the_reply_and_closes_it_with_what_was_heard():
    async with talking(LONG, NEXT) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation._answer is not None)
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
        await scene.until(lambda: scene.conversation._answer is not None)
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
        await scene.until(lambda: scene.conversation._answer is not None)
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
        await scene.until(lambda: scene.conversation._answer is not None)
        await scene.until(lambda: scene.conversation._answer.text)
        await asyncio.sleep(0.1)
        scene.conversation._hear(Start(2, 1, 0, 0))  # the press is known here ...
        ready.set()  # ... and in the same breath the first sound is made
        first = await scene.turn()
        await asyncio.sleep(1.0)

        assert first.heard == ""
        assert not scene.sound().any()
        assert scene.client.session.downlink.sent_ms == 0


@in_virtual_time
async def test_a_voice_that_fails_in_the_middle_says_what_was_heard():
    class Voice(ToneSynthesizer):
        async def speak(self, text):
            if text.startswith("but"):
                await asyncio.sleep(1.0)
                raise WorkerError("piper died")
            async for samples in super().speak(text):
                yield samples

    words = "I was thinking about your day but there is more"
    async with talking(words, NEXT, voice=Voice()) as scene:
        record = await scene.say()

        assert record.error == "piper died"
        assert record.heard
        assert words.startswith(record.heard)
        await well(scene)


@in_virtual_time
async def test_a_stage_that_hangs_is_given_up():
    async with talking(transcriber=Held("never", NEXT)) as scene:
        began_ms = monotonic_ms()
        record = await scene.say()
        scene.conversation._stages.transcriber.go.set()

        assert record.error == "nothing happened for 90 s while committed"
        assert monotonic_ms() - began_ms == pytest.approx(COMMITTED_MS + 400, abs=300)
        assert (await scene.say()).heard == "never"


@in_virtual_time
async def test_a_stream_that_falls_silent_is_given_up():
    async with talking("hello", NEXT) as scene:
        scene.press()
        await asyncio.sleep(0.2)
        scene.ring._microphone_ms = None  # the microphone is stuck
        record = await scene.turn()

        assert record.error == f"nothing happened for {HEARING_MS / 1000:.0f} s while hearing"
        assert record.link.frames > 5


@pytest.mark.parametrize("when", ["hearing", "thinking", "speaking"])
@in_virtual_time
async def test_a_link_lost_in_the_middle_of_a_turn_is_told_of_before_the_end(when):
    transcriber = Held(LONG)
    async with talking(transcriber=transcriber) as scene:
        scene.press()
        await asyncio.sleep(0.4)
        if when != "hearing":
            scene.release()
            await scene.until(lambda: scene.conversation._turns.state is State.COMMITTED)
        if when == "speaking":
            transcriber.go.set()
            await scene.sounding()
            await asyncio.sleep(1.0)
        scene.link.cut("the battery is empty")
        with pytest.raises(LinkError, match="the battery is empty"):
            await scene.running

        record = scene.turns.get_nowait()
        assert record.error == "the link was lost: the battery is empty"
        assert record.link.frames > 10
        assert bool(record.heard) == (when == "speaking")
        assert transcriber.cancelled == (when == "thinking")


@in_virtual_time
async def test_a_link_lost_between_turns_ends_no_turn():
    async with talking("hello") as scene:
        await scene.say()
        scene.link.cut()
        with pytest.raises(LinkError):
            await scene.running

        assert scene.turns.empty()


@in_virtual_time
async def test_what_was_said_out_of_reach_is_answered_though_the_clock_is_not_known_yet():
    scene = Scene(stages("hello there"))
    scene.press()
    await asyncio.sleep(0.3)
    scene.release()
    await asyncio.sleep(0.1)
    scene.ring.advance(monotonic_ms())
    scene.link.down.delay_ms = 100.0

    async with scene.client:
        running = asyncio.create_task(scene.conversation.run())
        record = await scene.turn()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert (record.heard, record.error) == ("hello there", None)
    assert record.v2v_ms == record.reply_start_ms - record.done_ms > 0
    assert record.waterfall == {}


@in_virtual_time
async def test_the_light_shows_what_the_bridge_does():
    moods = []
    async with talking("hello there", "") as scene:
        tell = scene.client.tell
        scene.client.tell = lambda message: (moods.append(message), tell(message))
        await scene.say()
        await scene.say()

    assert moods == [Mood(THINKING), Mood(IDLE), Mood(THINKING), Mood(TROUBLE)]


@in_virtual_time
async def test_stages_are_freed_even_if_the_companion_does_not_let_go(caplog):
    companion = Says(yielding(NEXT), close=RuntimeError("no"))
    those = stages(companion=companion)

    await those.start()
    await those.stop()

    assert companion.closed
    assert "the companion did not close: RuntimeError('no')" in caplog.text
