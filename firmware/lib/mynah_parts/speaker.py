"""An I2S amplifier (MAX98357A): awake while there is a reply, silent and off a second after it."""

import asyncio
import time

from machine import I2S
from micropython import const

from mynah_device.ring import Ring
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.codecs import SAMPLE_RATE_HZ

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Pins = tuple[int, int, int]

_FRAME_BYTES = const(640)
_FRAME_MS = const(20)
# Four DMA blocks of 256 samples. Two would do for the rate; four ride out a garbage collection.
_DMA_BYTES = const(2048)
_DMA_MS = const(64)
_LINGER_FRAMES = const(50)  # 1 s: between clauses the amplifier must not click off and on


class Speaker:
    """Feeds the amplifier 20 ms at a time."""

    def __init__(self, pins: "Pins", ring: Ring, on_report: "Callable[[], None]") -> None:
        """`pins` are (sck, ws, sd); `on_report()` is called when there may be news to send."""
        self._pins = pins
        self._ring = ring
        self._on_report = on_report
        self._pcm = bytearray(_FRAME_BYTES)
        self._written = asyncio.ThreadSafeFlag()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is, or will soon be, something to say."""
        self._woken.set()

    async def run(self) -> None:
        """Speak for ever."""
        while True:
            await self._woken.wait()
            i2s = self._open()
            try:
                await self._speak(i2s)
            finally:
                i2s.deinit()

    def _open(self) -> I2S:
        sck, ws, sd = self._pins
        i2s = I2S(
            1,
            sck=sck,
            ws=ws,
            sd=sd,
            mode=I2S.TX,
            bits=16,
            format=I2S.MONO,
            rate=SAMPLE_RATE_HZ,
            ibuf=_DMA_BYTES,
        )
        i2s.irq(self._on_written)
        return i2s

    def _on_written(self, _i2s: I2S) -> None:
        self._written.set()

    async def _speak(self, i2s: I2S) -> None:
        playback = self._ring.playback
        # The DMA ring starts out full of silence: what is written is heard one round later, and
        # from then on sample follows sample, unless we are so late that it runs dry.
        heard_ms = after_ms(time.ticks_ms(), _DMA_MS)
        idle_frames = 0
        while idle_frames < _LINGER_FRAMES:
            self._woken.clear()
            playback.take(self._pcm, _DMA_MS)
            i2s.write(self._pcm)
            await self._written.wait()
            heard_ms = after_ms(heard_ms, _FRAME_MS)
            now_ms = time.ticks_ms()
            if elapsed_ms(heard_ms, now_ms) < 0:
                heard_ms = after_ms(now_ms, _DMA_MS)
            self._ring.played(heard_ms)
            self._on_report()
            idle_frames = 0 if playback.active or self._woken.is_set() else idle_frames + 1
