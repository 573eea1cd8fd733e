"""A scripted wearer: holds the button, speaks a clip, lets go."""

import asyncio
from typing import Final

from mynah.audio import Samples
from mynah.emulator.world import World

LEAD_MS: Final = 150.0
"""From deciding to pressing: the ring must not be told after the fact."""

SHORTEST_HOLD_MS: Final = 400.0
"""A shorter press is a tap."""

TAP_MS: Final = 100.0
"""People's taps take 60 to 200 ms."""

BREATH_MS: Final = 300.0
"""From a tap to the first word."""


class Wearer:
    """Lives in an emulated ring's world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def say(self, clip: Samples) -> None:
        """Speak a clip with the button held; returns when the button is released."""
        start_ms = self._world.now_ms + LEAD_MS
        self._world.press(start_ms)
        end_ms = self._world.say(clip, start_ms)
        release_ms = max(end_ms, start_ms + SHORTEST_HOLD_MS)
        await asyncio.sleep(max(0.0, release_ms - self._world.now_ms - LEAD_MS) / 1000)
        self._world.release(release_ms)
        await asyncio.sleep(max(0.0, release_ms - self._world.now_ms) / 1000)

    async def go_on(self, clip: Samples) -> float:
        """Speak a clip, whatever the button does; returns the ring time of its end, then."""
        end_ms = self._world.say(clip, self._world.now_ms + LEAD_MS)
        await asyncio.sleep(max(0.0, end_ms - self._world.now_ms) / 1000)
        return end_ms

    async def tap_and_say(self, clip: Samples) -> float:
        """Tap, and speak a clip after a breath; returns the ring time of its end, then."""
        start_ms = self._world.now_ms + LEAD_MS
        self._world.press(start_ms)
        end_ms = self._world.say(clip, start_ms + BREATH_MS)
        self._world.release(start_ms + TAP_MS)
        await asyncio.sleep(max(0.0, end_ms - self._world.now_ms) / 1000)
        return end_ms
