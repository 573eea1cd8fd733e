"""A touch that opened the microphone and turned out to be only a touch is never answered."""

import pytest

from mynah_device import talk
from mynah_device.talk import TAP_MS
from tests.bridge.home import HOLD_MS, Home
from tests.bridge.virtual_time import in_virtual_time

TOUCH_MS = TAP_MS - 50
AGAIN_AFTER_MS = 250  # for one gesture, phones allow 300


@pytest.mark.parametrize("cut_ms", [20, 150, 250, 420, 520])
@in_virtual_time
async def test_a_double_tap_cut_off_anywhere_by_the_link_is_nothing_that_was_said(cut_ms):
    home = Home("hiss")
    async with home.connected() as running:
        began = home.ring.core.talk.stream
        home.press()
        done_ms = 0
        for moment_ms, touch in (
            (TOUCH_MS, home.release),
            (TOUCH_MS + AGAIN_AFTER_MS, home.press),
            (2 * TOUCH_MS + AGAIN_AFTER_MS, home.release),
        ):
            if done_ms < cut_ms <= moment_ms:
                await home.live(cut_ms - done_ms)
                await home.cut(running)
                done_ms = cut_ms
            await home.live(moment_ms - done_ms)
            done_ms = moment_ms
            touch()
        assert home.ring.core.talk.stream == began + 1
    await home.live(5 * HOLD_MS)
    home.turns.clear()  # that the link was lost is told
    async with home.connected():
        await home.live(5 * HOLD_MS)
        assert home.turns == []
        await home.rest()

    assert home.ring.core.talk.state == talk.QUIET
    assert home.ring.core.said.held.all == []
