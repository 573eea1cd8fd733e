import asyncio
import logging

import pytest

from mynah.answering import AHEAD_MS, NOTHING_SAID
from mynah.errors import CompanionError
from mynah.speech.tts import ToneSynthesizer
from tests.bridge.scene import NEXT, Says, talking, well
from tests.bridge.virtual_time import in_virtual_time


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


@in_virtual_time
async def test_the_author_of_a_companion_finds_the_traceback_in_the_log_and_nowhere_else(caplog):
    caplog.set_level(logging.DEBUG, "mynah")
    async with talking("hello", companion=Says(raising(RuntimeError("no way")))) as scene:
        await scene.say()
    (noted,) = (each for each in caplog.records if each.exc_info)

    assert noted.levelno == logging.DEBUG
    assert str(noted.exc_info[1]) == "no way"
    assert noted.exc_info[1].__traceback__ is not None


@in_virtual_time
async def test_a_companion_that_was_left_has_not_failed():
    async def reply(said):
        yield "Well,"
        await asyncio.sleep(60)

    async with talking("hello", companion=Says(reply)) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer.reply.text)

    assert scene.turns.empty()


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (yields_nothing, NOTHING_SAID),
        (yielding(""), NOTHING_SAID),
        (yielding(" \n\x00\x1b...  "), NOTHING_SAID),
        (yielding(b"bytes"), "companion here said b'bytes', which is not text"),
        (yielding(None), "companion here said None, which is not text"),
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


@in_virtual_time
async def test_a_companion_that_is_no_companion_costs_one_turn():
    async with talking("hello", companion=NoGenerator()) as scene:
        record = await scene.say()

        assert "reply has to be `async def` with `yield` in it" in record.error
        assert not scene.running.done()


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
