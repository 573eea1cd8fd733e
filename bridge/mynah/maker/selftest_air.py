"""The air between an emulated ring's speaker and its microphone: what it says, it hears."""

import asyncio
from contextlib import suppress
from typing import Final, Self

import numpy as np

from mynah.audio import FULL_SCALE
from mynah.emulator.sound import samples_at
from mynah.emulator.world import SOONEST_MS, World

DELAY_MS: Final = 200
"""Longer than any air takes: what was played is known late here, and written ahead."""

KNOWN_MS: Final = 100
"""So long after it was played, even on a computer that is busy."""

QUIETER: Final = 0.1
"""20 dB: as a speaker a hand's breadth away."""

_STEP_S: Final = 0.02


class Air:
    """Use it as `async with Air(world)`."""

    def __init__(self, world: World, delay_ms: int = DELAY_MS, quieter: float = QUIETER) -> None:
        self._world = world
        self._delay_ms = delay_ms
        self._quieter = quieter
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._carry(), name="air")
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _carry(self) -> None:
        done_ms = self._world.now_ms
        while True:
            await asyncio.sleep(_STEP_S)
            known_ms = self._world.now_ms - KNOWN_MS
            soonest_ms = self._world.now_ms + SOONEST_MS - self._delay_ms
            done_ms = max(done_ms, soonest_ms)  # later than that it would be heard in the past
            if known_ms > done_ms:
                self._hear(done_ms, known_ms)
                done_ms = known_ms

    def _hear(self, from_ms: float, to_ms: float) -> None:
        sound = self._world.speaker_samples(from_ms, to_ms)
        if not sound.any():
            return
        noise = np.random.default_rng(samples_at(from_ms)).normal(0, 8, len(sound))
        heard = np.clip(sound * self._quieter + noise, -FULL_SCALE, FULL_SCALE - 1)
        start = samples_at(from_ms) + samples_at(self._delay_ms)
        self._world.microphone.write(start, np.rint(heard).astype(np.int16))
