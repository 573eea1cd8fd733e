"""What the emulated ring's speaker plays, made audible on the computer's."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from mynah.audio.card_rate import FRAME_SAMPLES
from mynah.audio.sound_card import ComputerSoundCard, SoundCard, flowing
from mynah.emulator.following import Following
from mynah.emulator.sound import samples_at
from mynah.emulator.trace import Event
from mynah.emulator.world import World
from mynah.errors import SoundCardError

LAG_MS: Final = 120
"""Behind ring time: the ring writes what it played up to 64 ms late, and 20 ms are read at once."""

DRIFT_MS: Final = 30
"""A card's clock is off by some seconds a day: one jump in a quarter of an hour at most."""

RETRY_S: Final = 2.0
"""How long a card that is gone is left alone: looking for one stops the others for 40 ms."""


REST_S: Final = 60.0
"""A card that plays silence costs 2 % of a core, and as much in the sound server. It is opened
again, in some 50 ms, when the microphone is: seconds before there is anything to play."""


class Loudspeaker:
    """Use it as `async with Loudspeaker(world, on_error)`, and tell it of the ring's events.

    For a card that is gone it waits.
    """

    def __init__(
        self,
        world: World,
        on_error: Callable[[SoundCardError], None],
        card: SoundCard | None = None,
    ) -> None:
        """`on_error` is called once each time that the card is, or gets, lost."""
        self._world = world
        self._on_error = on_error
        self._card = card or ComputerSoundCard()
        drift = samples_at(DRIFT_MS)
        self._following = Following(drift, drift)
        self._wanted = asyncio.Event()
        self._unwanted = asyncio.Event()
        self._sounds = False
        self._rest: asyncio.TimerHandle | None = None
        self._closing = False
        self._keeper: asyncio.Task[None] | None = None

    def heed(self, event: Event) -> None:
        """The ring listens or sounds, or does so no more."""
        if event["event"] == "speaker":
            self._sounds = bool(event["on"])
        elif event["event"] != "microphone":
            return
        self._unwanted.clear()
        self._wanted.set()
        self._cancel_rest()
        if not self._sounds:
            self._rest = asyncio.get_running_loop().call_later(REST_S, self._sleep)

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep(), name="loudspeaker")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        self._cancel_rest()
        self._wanted.set()
        self._unwanted.set()
        if self._keeper is not None:
            await self._keeper

    def _sleep(self) -> None:
        self._wanted.clear()
        self._unwanted.set()

    def _cancel_rest(self) -> None:
        if self._rest is not None:
            self._rest.cancel()

    async def _keep(self) -> None:
        while not self._closing:
            await self._wanted.wait()
            await self._sound()

    async def _sound(self) -> None:
        """Until it may sleep."""
        lost = False
        while not self._unwanted.is_set():
            try:
                async with self._card.output(self._fill) as stream:
                    lost = False
                    await flowing(stream, self._unwanted)
            except SoundCardError as error:
                if not lost:
                    self._on_error(error)
                lost = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._unwanted.wait(), RETRY_S)

    def _fill(self, pcm: bytearray, _in_ms: float) -> None:
        """In the card's thread; a gap in what the ring played is silence."""
        wanted = samples_at(self._world.now_ms - LAG_MS)
        start = max(0, self._following.place(wanted, FRAME_SAMPLES))
        pcm[:] = self._world.speaker.samples(start, start + FRAME_SAMPLES).astype("<i2").tobytes()
