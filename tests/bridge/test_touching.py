"""A touch without words reaches the companion; one beside words is a line of that turn."""

import asyncio

from mynah.companions.base import Capabilities
from tests.bridge.scene import NEXT, TAP_MS, Wearer, talking, well
from tests.bridge.virtual_time import in_virtual_time

APART_S = 0.1


class Notified:
    """Answers touches, and parrots."""

    capabilities = Capabilities(touched=True)

    def __init__(self):
        self.touches = []
        self.asked = []

    async def reply(self, said):
        self.asked.append(said)
        yield said.text

    def notify(self, touch):
        self.touches.append(touch)
        return self._hello()

    async def _hello(self):
        yield "Hello you."

    async def close(self):
        pass


async def twice(scene):
    await scene.hold(TAP_MS)
    await asyncio.sleep(APART_S)
    await scene.hold(TAP_MS)


@in_virtual_time
async def test_two_taps_are_answered_though_nothing_was_said():
    companion = Notified()
    async with talking(NEXT, companion=companion) as scene:
        await twice(scene)
        record = await scene.turn()
        await well(scene)

    assert [touch.name for touch in companion.touches] == ["double_tap"]
    assert (record.occasion, record.heard, record.error) == ("double_tap", "Hello you.", None)
    assert companion.asked[-1].ring == ""


@in_virtual_time
async def test_a_tap_after_which_nothing_was_said_is_a_touch_and_no_failed_turn():
    companion = Notified()
    async with talking("", NEXT, companion=companion, attempts=0) as scene:
        wearer = Wearer(scene)
        await wearer.taps()
        record = await scene.turn()

    assert [touch.name for touch in companion.touches] == ["tap"]
    assert record.occasion == "tap"


@in_virtual_time
async def test_a_long_press_without_words_is_a_hug():
    companion = Notified()
    async with talking("", NEXT, companion=companion, attempts=0) as scene:
        await scene.hold(3000)
        record = await scene.turn()
        await well(scene)

    assert [touch.name for touch in companion.touches] == ["hug"]
    assert "3 s" in companion.touches[0].line
    assert record.occasion == "hug"


@in_virtual_time
async def test_a_long_press_with_words_is_a_turn():
    companion = Notified()
    async with talking("hello", NEXT, companion=companion) as scene:
        record = await scene.say(3000)
        await well(scene)

    assert (companion.touches, record.heard) == ([], "hello")


@in_virtual_time
async def test_who_touches_while_the_companion_speaks_is_not_answered_twice():
    companion = Notified()
    async with talking(
        "one two three four five six seven eight nine", NEXT, companion=companion
    ) as scene:
        await scene.hold()
        await scene.sounding()
        await asyncio.sleep(0.3)  # else the answer is given again
        await scene.hold(TAP_MS)
        await scene.turn()
        await well(scene)

    assert companion.touches == []
