"""What is no plain answer: acts, a voice of its own, who begins by themselves, who is cut off."""

import asyncio

import numpy as np
import pytest

from mynah.companions.base import Act, Capabilities, Emotion, Reasoning, Said, Sound, Usage
from mynah.link.client import monotonic_ms
from mynah.occasions import MOST, STALE_MS, Occasions
from tests.bridge.scene import NEXT, talking, well
from tests.bridge.virtual_time import in_virtual_time

HUG, PURR = Act("hug"), Act("purr")


class Pieces:
    """Yields what it was given, then goes on as a parrot."""

    def __init__(self, *pieces, capabilities=None):
        self.pieces = list(pieces)
        self.capabilities = capabilities or Capabilities()
        self.cancelled = []
        self.takes_s = 0.0
        self.told = []
        self.asked = []
        self.cancels_before = []  # each told turn
        self.begin = None

    async def reply(self, said):
        self.asked.append(said)
        pieces, self.pieces = self.pieces or [said.text], []
        for piece in pieces:
            yield piece

    async def cancel(self, heard_text, heard_ms):
        await asyncio.sleep(self.takes_s)
        self.cancelled.append((heard_text, heard_ms))

    def heard(self, said, text):
        self.told.append((said.text, said.ring, text))
        self.cancels_before.append(len(self.cancelled))

    def on_proactive(self, begin):
        self.begin = begin

    async def close(self):
        pass


class Felt:
    """What the ring was made to do, and when."""

    def __init__(self):
        self.acts = []

    def __call__(self, _ring):
        return lambda act: self.acts.append((act, monotonic_ms()))


@in_virtual_time
async def test_the_ring_acts_where_the_words_have_come_to():
    felt = Felt()
    companion = Pieces(HUG, "one two three four five six seven eight. ", PURR, "And so on and on.")
    async with talking("hello", NEXT, companion=companion, open_acts=felt) as scene:
        record = await scene.say()
        await well(scene)

    assert record.heard == "one two three four five six seven eight. And so on and on."
    (first, begun_ms), (second, later_ms) = felt.acts
    assert (first, second) == (HUG, PURR)
    assert later_ms - begun_ms > 1000


@in_virtual_time
async def test_what_was_not_heard_is_not_felt():
    felt = Felt()
    companion = Pieces("one two three four five six seven eight nine ten. ", HUG, "And so on.")
    async with talking("hello", NEXT, companion=companion, open_acts=felt) as scene:
        await scene.hold()
        await scene.sounding()
        await asyncio.sleep(0.3)  # else the answer is given again
        scene.press()
        scene.release()
        await scene.turn()
        await well(scene)

    assert felt.acts == []


@in_virtual_time
async def test_a_reply_may_be_felt_alone():
    felt = Felt()
    async with talking("hello", NEXT, companion=Pieces(HUG), open_acts=felt) as scene:
        record = await scene.say()
        await well(scene)

    assert (record.error, record.reply, record.heard, record.felt) == (None, "", "", ["hug"])
    assert [act for act, _ in felt.acts] == [HUG]


@in_virtual_time
async def test_thoughts_feelings_and_figures_are_not_spoken():
    pieces = [Reasoning("hm"), "Yes. ", Emotion("joy"), Usage(1, 2), "No."]
    async with talking("hello", companion=Pieces(*pieces)) as scene:
        record = await scene.say()

    assert record.heard == "Yes. No."


@in_virtual_time
async def test_a_voice_of_its_own_is_played_as_it_is():
    tone = (8000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
    pieces = [Sound(tone, "Hello you."), Sound(tone), Sound(tone, "And more.")]
    async with talking("hello", NEXT, companion=Pieces(*pieces)) as scene:
        record = await scene.say()
        await well(scene)

    assert (record.error, record.heard) == (None, "Hello you. And more.")
    assert record.reply_end_ms - record.reply_start_ms == pytest.approx(1500, abs=60)


@in_virtual_time
@pytest.mark.parametrize(("takes_s", "before"), [(0.0, 1), (0.4, 1), (5.0, 0)])
async def test_a_companion_is_told_how_much_of_a_broken_off_reply_was_heard(takes_s, before):
    companion = Pieces("one two three four five six seven eight nine ten.")
    companion.takes_s = takes_s
    async with talking("hello", NEXT, companion=companion) as scene:
        await scene.hold()
        await scene.sounding()
        await asyncio.sleep(1.0)
        scene.press()
        scene.release()
        record = await scene.turn()
        await well(scene)

    assert companion.told[0] == ("hello", "", record.heard)
    assert companion.cancels_before[0] == before
    if before:
        assert [text for text, _ in companion.cancelled] == [record.heard]
        assert companion.cancelled[0][1] == pytest.approx(1000, abs=250)


@in_virtual_time
async def test_one_that_is_heard_out_is_not_cancelled():
    companion = Pieces()
    async with talking("hello", companion=companion) as scene:
        await scene.say()

    assert companion.cancelled == []


@in_virtual_time
async def test_only_a_companion_that_hears_is_given_the_voice():
    async with talking("hello", companion=Pieces()) as scene:
        await scene.say()
    hears = Pieces(capabilities=Capabilities(hears=True))
    async with talking("hello", companion=hears) as scene:
        await scene.say()

    assert len(hears.asked[0].sound) >= 16 * 380


async def spoken(*words):
    for word in words:
        yield word


@in_virtual_time
async def test_who_begins_by_themselves_waits_until_nobody_has_the_floor():
    companion = Pieces()
    async with talking("hello", NEXT, companion=companion) as scene:
        scene.press()
        await asyncio.sleep(0.4)
        companion.begin(spoken("Good ", "morning."))
        scene.release()
        first = await scene.turn()
        second = await scene.turn()
        await well(scene)

    assert (first.transcript, first.occasion) == ("hello", None)
    assert (second.transcript, second.heard) == ("", "Good morning.")
    assert (second.occasion, second.error, second.v2v_ms) == ("companion", None, None)
    assert companion.told[1] == ("", "", "Good morning.")


@in_virtual_time
async def test_who_speaks_into_it_is_answered():
    companion = Pieces()
    async with talking(NEXT, companion=companion) as scene:
        companion.begin(spoken("one two three four five six seven eight nine ten."))
        await scene.until(lambda: scene.conversation.in_hand.answer is not None)
        await scene.sounding()
        record = await scene.say()
        assert record.occasion == "companion"
        assert (await scene.turn()).heard == NEXT


@in_virtual_time
async def test_what_fails_of_itself_costs_one_turn():
    async def broken():
        yield 5

    companion = Pieces()
    async with talking(NEXT, companion=companion) as scene:
        companion.begin(broken())
        record = await scene.turn()
        await well(scene)

    assert record.error == "companion here said 5, which is not text"


@in_virtual_time
async def test_what_could_not_be_said_in_time_is_not_said_and_closed():
    now_ms = 0.0
    occasions = Occasions(lambda: now_ms)
    closed = []

    async def watched(name):
        try:
            yield name
        finally:
            closed.append(name)

    replies = [watched(number) for number in range(MOST + 1)]
    for reply in replies:
        await anext(reply)
        occasions.put("companion", Said("", "en"), reply)
    await asyncio.sleep(0)
    assert closed == [0]
    now_ms = STALE_MS
    assert occasions.take().reply is replies[1]
    now_ms += 1

    assert occasions.take() is None
    await occasions.close()
    assert closed == [0, 2, 3, 4]
