import asyncio
import logging

import pytest

from mynah.answering import NOTHING_HEARD
from mynah.errors import LinkError, WorkerError
from mynah.link.client import monotonic_ms
from mynah.reporting import KEPT
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.turn.endpoint import SILENCE_MS
from mynah.turn.machine import COMMITTED_MS, HEARING_MS, State
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, VOLUME, Mood
from tests.bridge.scene import LONG, NEXT, SPEECH_MS, Held, Says, Scene, stages, talking, well
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100


class Fails(ScriptedTranscriber):
    """Fails as often as it has errors, then hears."""

    def __init__(self, *errors, texts):
        super().__init__(texts)
        self._errors = list(errors)

    async def transcribe(self, samples):
        if self._errors:
            raise self._errors.pop(0)
        return await super().transcribe(samples)


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
async def test_after_a_tap_the_turn_ends_by_itself_when_speech_has():
    async with talking("hello there", NEXT) as scene:
        await scene.hold(TAP_MS)
        record = await scene.turn()

        assert record.heard == "hello there"
        assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)
        assert record.waterfall["endpoint_wait"] == pytest.approx(SILENCE_MS, abs=120)
        assert record.link.frames * 20 == pytest.approx(SPEECH_MS + SILENCE_MS, abs=150)
        await well(scene)


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
        assert record.error.startswith(told)  # of a fault there is a report besides
        await well(scene)


@in_virtual_time
async def test_a_voice_that_fails_in_the_middle_says_what_was_heard():
    class Voice(ToneSynthesizer):
        async def speak(self, text):
            if text.startswith("but"):
                await asyncio.sleep(0.5)
                raise WorkerError("piper died")
            async for samples in super().speak(text):
                yield samples

    words = "I was thinking about your day but there is more"
    async with talking(words, NEXT, voice=Voice()) as scene:
        record = await scene.say()

        assert record.error == "piper died"
        assert record.heard
        assert words.startswith(record.heard)
        told_ms = monotonic_ms()
        await asyncio.sleep(0.5)
        assert not scene.sound(told_ms + 100).any()
        await well(scene)


@in_virtual_time
async def test_a_stage_that_hangs_is_given_up():
    async with talking(transcriber=Held("never", NEXT)) as scene:
        began_ms = monotonic_ms()
        record = await scene.say()
        scene.conversation._stages.transcriber.go.set()

        assert record.error == "nothing happened for 90 s while committed"
        assert monotonic_ms() - began_ms == pytest.approx(COMMITTED_MS + 2 * 450, abs=300)
        assert (await scene.say()).heard == "never"


@in_virtual_time
async def test_a_stream_that_falls_silent_is_given_up():
    async with talking("hello", NEXT) as scene:
        scene.press()
        await asyncio.sleep(0.2)
        scene.ring._microphone_ms = None  # the microphone is stuck
        record = await scene.turn()

        silent = f"nothing happened for {HEARING_MS / 1000:.0f} s while hearing"
        assert record.error == f"{silent}; {KEPT}"
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
        kept = "" if when == "speaking" else f"; {KEPT}"
        assert record.error == f"the link was lost: the battery is empty{kept}"
        assert record.kept == bool(kept)
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


@pytest.mark.parametrize("when", ["thinking", "speaking"])
@in_virtual_time
async def test_to_leave_in_the_middle_of_a_turn_is_nobodys_failure(when):
    held = Held(LONG)
    async with talking(transcriber=held) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation._turns.state is State.COMMITTED)
        if when == "speaking":
            held.go.set()
            await scene.sounding()

    assert scene.turns.empty()
    assert held.cancelled == (when == "thinking")


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
    assert record.reply_end_ms > record.reply_start_ms
    assert (record.v2v_ms, record.done_ms, record.waterfall) == (None, None, {})
    assert 0.0 < record.late_s < 2.0


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
    companion = Says(None, close=RuntimeError("no"))
    those = stages(companion=companion)

    await those.start()
    await those.stop()

    assert companion.closed
    assert "the companion did not close: RuntimeError('no')" in caplog.text


@in_virtual_time
async def test_the_ring_is_told_the_volume_when_it_is_there():
    parts = stages("hello there")
    parts.volume = 40
    scene = Scene(parts)
    async with scene.client:
        running = asyncio.create_task(scene.conversation.run())
        await scene.until(lambda: scene.ring.core.settings.get(VOLUME) == 40)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
