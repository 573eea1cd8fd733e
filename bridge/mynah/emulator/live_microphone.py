"""What the computer's microphone hears, put into the emulated ring's, while that is open."""

import asyncio
from collections.abc import Callable
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.computer_microphone import ComputerMicrophone
from mynah.audio.sound_card import SoundCard
from mynah.emulator.following import Following
from mynah.emulator.sound import samples_at
from mynah.emulator.world import SOONEST_MS, World
from mynah.errors import SoundCardError

AHEAD_MS: Final = 60
"""Of ring time: SOONEST_MS, and as much again for a loop that was busy. A finger that lets go must
let go so much later, or the last syllable is lost."""

FURTHEST_MS: Final = 1000
"""What comes in one burst, after this process stood still, is kept whole; the ring hears it later.
At the next start that is forgotten. On two busy cores it stood still for 0.4 s now and then."""


class LiveMicrophone:
    """Nothing is heard but between `start` and `stop`. Both return at once."""

    def __init__(
        self,
        world: World,
        on_error: Callable[[SoundCardError], None],
        card: SoundCard | None = None,
    ) -> None:
        """`on_error` is called once for each `start` that comes to nothing, or breaks off."""
        self._world = world
        self._on_error = on_error
        self._card = card
        self._wanted = asyncio.Event()
        self._unwanted = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._following = _following()

    @property
    def late_ms(self) -> float:
        """How much later than usual the ring hears, since a burst that was kept whole."""
        return max(0, self._following.ahead) * 1000 / SPEECH_HZ

    def start(self) -> None:
        """The ring listens."""
        self._unwanted.clear()
        self._wanted.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="live microphone")

    def stop(self) -> None:
        """The ring listens no more."""
        self._wanted.clear()
        self._unwanted.set()

    async def close(self) -> None:
        """Stop, and wait until the computer's microphone is closed."""
        self.stop()
        if self._keeper is not None:
            await self._keeper

    async def _keep(self) -> None:
        while self._wanted.is_set():
            self._following = _following()
            try:
                async with ComputerMicrophone(self._hear, self._card):
                    await self._unwanted.wait()
            except SoundCardError as error:
                self._hear(error)

    def _hear(self, sound: Samples | SoundCardError) -> None:
        if not self._wanted.is_set():
            return
        if isinstance(sound, SoundCardError):
            self.stop()
            self._on_error(sound)
            return
        wanted = samples_at(self._world.now_ms + AHEAD_MS)
        self._world.microphone.write(self._following.place(wanted, len(sound)), sound)


def _following() -> Following:
    early = samples_at(AHEAD_MS - SOONEST_MS)
    return Following(early, samples_at(FURTHEST_MS - AHEAD_MS))
