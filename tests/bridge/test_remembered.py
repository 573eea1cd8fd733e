import asyncio

import pytest

from mynah.companions import Said
from mynah.errors import CompanionError
from mynah.speech.asr import ScriptedTranscriber
from mynah.turn.machine import State
from tests.bridge.scene import LONG, NEXT, talking, well
from tests.bridge.virtual_time import in_virtual_time

BEGUN = "Well, this is the beginning of it, and then"


class Attentive:
    """Says it back, and notes what it is told was heard."""

    def __init__(self, *, fails=False):
        self.told = []
        self._fails = fails

    async def reply(self, said):
        if self._fails and said.text != NEXT:
            yield BEGUN
            raise CompanionError("the connection was cut")
        yield said.text

    def heard(self, said, text):
        self.told.append((said, text))

    async def close(self):
        pass


@in_virtual_time
async def test_a_companion_is_told_once_a_turn_what_was_played():
    companion = Attentive()
    async with talking("hello there", NEXT, companion=companion) as scene:
        await scene.say()
        await well(scene)

    assert companion.told == [(Said("hello there", "en"), "hello there"), (Said(NEXT, "en"), NEXT)]


@in_virtual_time
async def test_what_was_cut_off_by_a_press_was_not_said():
    companion = Attentive()
    async with talking(LONG, NEXT, companion=companion) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.sounding()
        await asyncio.sleep(1.2)
        await scene.hold()
        first = await scene.turn()
        await scene.turn()

    (_, told), (_, next_told) = companion.told
    assert told == first.heard
    assert 0 < len(told) < len(LONG)
    assert next_told == NEXT


@in_virtual_time
async def test_a_turn_without_words_is_not_told():
    companion = Attentive()
    async with talking("", NEXT, companion=companion) as scene:
        await scene.say()
        await well(scene)

    assert [said.text for said, _ in companion.told] == [NEXT]


@in_virtual_time
async def test_what_came_before_a_failure_is_spoken_and_then_the_failure_told():
    companion = Attentive(fails=True)
    async with talking("hello", NEXT, companion=companion) as scene:
        record = await scene.say()
        await well(scene)

    assert (record.heard, record.error) == (BEGUN, "the connection was cut")
    assert companion.told[0] == (Said("hello", "en"), BEGUN)


class Recording(ScriptedTranscriber):
    """Hears at leisure, and keeps how much it was given."""

    def __init__(self, *texts):
        super().__init__(texts)
        self.given_ms = []

    async def transcribe(self, samples):
        self.given_ms.append(len(samples) // 16)
        await asyncio.sleep(0.5)
        return await super().transcribe(samples)


@in_virtual_time
async def test_who_goes_on_before_the_answer_is_answered_all_of_it():
    companion = Attentive()
    ears = Recording("I saw a fox. It had three legs.", NEXT)
    async with talking(transcriber=ears, companion=companion) as scene:
        await scene.hold(600)
        await scene.until(lambda: scene.conversation._turns.state is State.COMMITTED)
        await asyncio.sleep(0.2)
        await scene.hold(400)
        first, second = await scene.turn(), await scene.turn()
        await well(scene)

    assert [first.transcript, first.reply, first.error] == ["", "", None]
    assert second.transcript == "I saw a fox. It had three legs."
    assert ears.given_ms[1] == pytest.approx(1000, abs=60)
    assert [said.text for said, _ in companion.told] == [second.transcript, NEXT]


class Thoughtful(Attentive):
    async def reply(self, said):
        await asyncio.sleep(1.0)
        yield said.text


@in_virtual_time
async def test_words_that_were_already_made_out_are_not_told_twice():
    companion = Thoughtful()
    async with talking("I saw", "I saw a fox", NEXT, companion=companion) as scene:
        await scene.hold()
        await scene.until(lambda: scene.conversation.glimpse().transcript == "I saw")
        assert scene.conversation._turns.state is State.COMMITTED
        await scene.hold()
        await scene.turn()
        await scene.turn()
        await well(scene)

    assert [said.text for said, _ in companion.told] == ["I saw a fox", NEXT]
