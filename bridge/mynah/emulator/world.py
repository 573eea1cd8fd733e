"""The scripted world around an emulated ring: a finger on its button, sound in its air."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mynah.audio import Samples
from mynah.audio.files import write_wav
from mynah.emulator.chip import _topics as topics
from mynah.emulator.motor import Motor
from mynah.emulator.sound import Microphone, Speaker, samples_at
from mynah.emulator.surroundings import Surroundings
from mynah.emulator.trace import RingClock, Trace
from mynah.link.keys import make_private

AHEAD_MS: Final = 1500
"""How far the microphone is written ahead: this process may stand still for 1 s unnoticed."""

SOONEST_MS: Final = 30
"""What is put into the microphone must lie so far ahead: the ring may be reading what is nearer."""

_STEP_S: Final = 0.5  # of each wake's cost, half is waking
_PRESSED: Final = 0  # the button connects its pin to ground, against a pull-up
_RELEASED: Final = 1
_PIN_MESSAGE: Final = "<QBB"

Send = Callable[[int, bytes], None]


class World:
    """Times are on the ring's clock. Make it before the ring starts: the ring opens its files."""

    def __init__(
        self, folder: Path, clock: RingClock, trace: Trace, send: Send, *, button_pin: int
    ) -> None:
        """`folder` takes the two raw recordings; `send` is the channel's."""
        self._clock = clock
        self._trace = trace
        self._send = send
        self._button_pin = button_pin
        self._writer: asyncio.Task[None] | None = None
        self.microphone: Final = Microphone(folder / "microphone.raw")
        self.speaker: Final = Speaker(folder / "speaker.raw")
        self.motor: Final = Motor()
        self.surroundings: Final = Surroundings(clock, send)
        trace.listen(self.motor.heed)
        self._keep_ahead()

    async def start(self) -> None:
        """Let the noise floor go on until `close`."""
        self._writer = asyncio.create_task(self._write_ahead(), name="noise floor")

    @property
    def now_ms(self) -> float:
        """Ring time."""
        return self._clock.now_ms()

    def press(self, at_ms: float | None = None) -> None:
        """Put the finger on the button, now or at a ring time to come."""
        self._touch(_PRESSED, at_ms)

    def release(self, at_ms: float | None = None) -> None:
        """Take the finger off."""
        self._touch(_RELEASED, at_ms)

    def say(self, clip: Samples, start_ms: float | None = None) -> float:
        """Play a clip into the microphone, as soon as can be or at a ring time; return its end.

        ValueError if that is sooner than SOONEST_MS from now or within another clip.
        """
        earliest = samples_at(self.now_ms + SOONEST_MS)
        start = earliest if start_ms is None else samples_at(start_ms)
        end = self.microphone.say(clip, start, earliest)
        self._keep_ahead()
        self._trace.host("say", start_sample=start, end_sample=end)
        return end * 1000 / samples_at(1000)

    def microphone_samples(self) -> Samples:
        """All that the microphone has heard so far."""
        return self.microphone.samples(samples_at(self.now_ms))

    def speaker_samples(self, start_ms: float, end_ms: float) -> Samples:
        """What the speaker played; the last 20 ms before now may be missing."""
        return self.speaker.samples(samples_at(start_ms), samples_at(end_ms))

    def save(self, out: Path) -> None:
        """Leave `microphone.wav` and `speaker.wav` of all that sounded so far, equally long."""
        end = samples_at(self.now_ms)
        sounds = {
            "microphone": self.microphone.samples(end),
            "speaker": self.speaker.samples(0, end),
        }
        for name, samples in sounds.items():
            make_private(out / f"{name}.wav")
            write_wav(out / f"{name}.wav", samples)

    async def close(self, out: Path | None = None) -> None:
        """End the world, and `save` it."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        self.microphone.close()
        if out is not None:
            self.save(out)

    def _touch(self, level: int, at_ms: float | None) -> None:
        us = self._clock.now_us() if at_ms is None else round(at_ms * 1000)
        self._trace.host("press" if level == _PRESSED else "release", at_us=us)
        message = struct.pack(_PIN_MESSAGE, self._clock.epoch_us + us, self._button_pin, level)
        self._send(topics.PIN, message)

    def _keep_ahead(self) -> None:
        self.microphone.fill(samples_at(self.now_ms + AHEAD_MS))

    async def _write_ahead(self) -> None:
        while True:
            self._keep_ahead()
            await asyncio.sleep(_STEP_S)
