"""The test of the microphone: how it sounds, and how fast its clock runs. Nothing heard is kept.

It is opened as ever, by the one way there is, and so its light is on.
"""

import asyncio
import time
from array import array

from machine import I2S
from micropython import const

from mynah_device.probing import FRAME_MS, SETTLING_FRAMES, SUMS, TONE, Rate, Sound, words
from mynah_wire.clock import after_ms, elapsed_ms

from .microphone import GAIN_BITS, Microphone
from .probes import FailedError
from .probes_viper import measure
from .samples_viper import from_slots, is_flat

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .probes import Prober

_LEAST_MS = const(500)
_MOST_MS = const(10_000)
_GRACE_MS = const(2000)


class Ear(Microphone):
    """Measures what it hears, instead of having it sent."""

    def __init__(self, prober: "Prober", frames: int, alone: bool) -> None:
        """Of so many frames; `alone`: nobody speaks meanwhile, so that it may hold others up."""
        board, runner = prober.board, prober.runner
        if runner.light is None:
            raise FailedError("reason=the_microphone_is_not_opened_without_its_light")
        pins = (board.MICROPHONE_SCK, board.MICROPHONE_WS, prober.has("MICROPHONE_SD"))
        super().__init__(pins, runner.ring, runner.light, self._look, prober.duplex())
        self._session = runner.ring.session
        self.sound = Sound(frames)
        self.rate = Rate(frames)
        self.slot = b""  # of the last frame whose slots were all alike
        self._sums = array("i", [0] * SUMS)
        self._begun_us = 0
        self._alone = alone

    async def _hear(self, i2s: I2S, stream: int, started_ms: int) -> None:
        if not self._alone:
            await super()._hear(i2s, stream, started_ms)
            return
        # A read that blocks returns in the moment in which its samples are there: whoever is woken
        # for them is up to some milliseconds late, and the rate is told from when they came.
        # None brings blocking reads back: from memory of MicroPython's extmod/machine_i2s.c.
        i2s.irq(None)  # type: ignore[arg-type]
        span_ms = elapsed_ms(self._until_ms, started_ms)
        slots, asked_ms = self._buffers[0], time.ticks_ms()
        while self.frames * FRAME_MS < span_ms and self._session.proven:
            i2s.readinto(slots)
            came_us, now_ms = time.ticks_us(), time.ticks_ms()
            self._count_loss(elapsed_ms(now_ms, asked_ms))
            asked_ms = now_ms
            if not self._begun_us:
                self._begun_us = came_us
            self.rate.frame(time.ticks_diff(came_us, self._begun_us))
            self.frame(slots, stream)
            await asyncio.sleep_ms(0)

    def _look(self) -> None:
        if not self._session.proven:
            self.close(0)  # whoever asked is gone: a press must find the microphone free

    def frame(self, slots: bytearray, _stream: int) -> None:
        """Measure one buffer of slots."""
        self.frames += 1
        if is_flat(slots):
            self.sound.flat += 1
            self.slot = bytes(slots[:4])
        from_slots(slots, self._pcm, GAIN_BITS)
        measure(self._pcm, self._sums)
        if self.frames > SETTLING_FRAMES:
            self.sound.frame(self._sums)


async def microphone(prober: "Prober", argument: int) -> str:
    """Listen for so many milliseconds; with TONE in `argument`, only for a tone of 1 kHz."""
    prober.has("MICROPHONE_SD")
    span_ms = max(_LEAST_MS, min(argument & ~TONE, _MOST_MS))
    ear = Ear(prober, span_ms // FRAME_MS, not argument & TONE)
    workshop, light = prober.runner.ring.workshop, prober.runner.light

    def begun(at_ms: int) -> None:
        ear.close(after_ms(at_ms, span_ms))

    workshop.hears = True
    try:
        await asyncio.wait_for_ms(ear.run(0, begun), span_ms + _GRACE_MS)
    except asyncio.TimeoutError:
        raise FailedError("reason=no_samples_come:_the_I2S_stands_still") from None
    finally:
        workshop.hears = False
        if light is not None:
            light.refresh()
    if argument & TONE:
        return words(*ear.sound.tone())
    slot = "0x%08x" % int.from_bytes(ear.slot, "little")
    told = ("lost_frames", ear.lost), ("rate_ppm", ear.rate.ppm), ("slot", slot)
    return words(*ear.sound.values(), *told)
