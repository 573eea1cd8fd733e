"""An I2S amplifier (MAX98357A): fed while there is sound, off a second after there is no reply.

Where microphone and speaker share an I2S, a press cuts the sound off: what was in the DMA then is
unheard, told as such, and skipped if the reply is resumed.

Between sounds nothing is written, and the DMA plays its cleared buffers: silence written ahead
would stand in front of the next reply for a whole round. By the sources (MicroPython 1.29,
ports/esp32/machine_i2s.c; ESP-IDF 5.5, esp_driver_i2s/i2s_common.c; not measured on hardware):
 * `ibuf` is the DMA's own memory, in blocks of 256 frames; the ring buffer of other ports is not
   there, and a write goes from its bytes into the blocks, by a task, as blocks come free;
 * a block that was played is cleared (auto_clear) and queued as free; the queue is one shorter than
   the ring and drops its oldest, so that after running dry its first is the one played next;
 * a write that ends inside a block holds it for the next one. If the ring ran dry meanwhile, that
   block is no longer next: so the last one is filled up with silence when a sound ends.
"""

import asyncio
import time

import esp32
from machine import I2S, Pin
from micropython import const

from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.codecs import SAMPLE_RATE_HZ
from mynah_wire.making import ABSENT

from .duplex import Duplex
from .part_error import PartError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Pins = tuple[int, int, int]

_FRAME_BYTES = const(640)
_FRAME_MS = const(20)
_BYTES_A_MS = const(32)
_BLOCK_BYTES = const(512)
_BLOCK_MS = const(16)
# Four DMA blocks. Two would do for the rate; four ride out a garbage collection.
_DMA_BYTES = const(2048)
_DMA_MS = const(64)
# So shortly before a block begins nobody knows whether a write still gets into it: one tick of the
# clock, one until the driver's task runs.
_TOO_CLOSE_MS = const(2)
_LINGER_MS = const(1000)  # between clauses the amplifier must not click off and on
# It pops if it is switched on before its clocks run; Linux's binding of the MAX98357A found 5 ms to
# be enough. Nothing is lost: the first sound comes a round later.
_SETTLE_MS = const(5)


class Speaker:
    """Feeds the amplifier 20 ms at a time."""

    def __init__(
        self,
        pins: "Pins",
        ring: Ring,
        on_report: "Callable[[], None]",
        duplex: "Duplex | None" = None,
        enable: "int | None" = None,
        on_fault: "Callable[[int, str], None] | None" = None,
    ) -> None:
        """`pins` are (sck, ws, sd); `on_report()` is called when there may be news to send.

        `enable` is the amplifier's SD pin: low is off. `on_fault(fault, text)` is told when there
        is something to say and no I2S to say it with: that reply is flushed.
        """
        self.heart = Heart()
        self._pins = pins
        self._ring = ring
        self._on_report = on_report
        self._duplex = duplex or Duplex()
        self._duplex.on_listen(self._cut)
        # `sleep` may have held it: until it is let go it stays low, whatever it is told.
        self._enable = None if enable is None else Pin(enable, Pin.OUT, value=0, hold=False)
        self._on_fault = on_fault
        self._i2s: "I2S | None" = None
        self._pcm = bytearray(_FRAME_BYTES)
        self._silence = memoryview(bytes(_BLOCK_BYTES))
        self._end_ms = 0  # when all that was written will have been heard
        self._begun_bytes = 0  # of a block that is not full
        self._heard_ms = 0  # when the last frame's end will have been heard
        self._written = asyncio.ThreadSafeFlag()
        self._woken = asyncio.Event()
        self._wanted = False  # or it was woken for a sign only

    def wake(self) -> None:
        """There is, or will soon be, something to say."""
        self._wanted = True
        self._woken.set()

    def poke(self) -> None:
        """Give a sign."""
        if self._i2s is None:  # it gives one by itself while it speaks
            self._woken.set()

    def sleep(self) -> None:
        """Keep the amplifier off in deep sleep; speaking takes a new speaker then."""
        if self._enable is None:
            return
        self._enable.init(Pin.OUT, value=0, hold=True)
        # Where a pin without power in deep sleep is let go then; a -C6 holds each by itself.
        if hasattr(esp32, "gpio_deep_sleep_hold"):
            esp32.gpio_deep_sleep_hold(True)

    async def run(self) -> None:
        """Speak for ever."""
        while True:
            self.heart.beat()
            await self._woken.wait()
            if not self._wanted:
                self._woken.clear()
                continue
            self.heart.rest()  # listening may take long, and goes first
            try:
                await self._duplex.speak()
                self.heart.beat()
                i2s = self._i2s = self._open()
                await self._speak(i2s)
            except PartError as error:
                self._give_up()
                if self._on_fault is not None:
                    self._on_fault(error.fault, error.text)
            except Exception:
                self._give_up()  # or the ring would speak, and hear nobody, for ever
                raise
            finally:
                self._close()

    def _open(self) -> I2S:
        try:
            i2s = self._new()
        except (OSError, ValueError) as error:
            raise PartError(ABSENT, "speaker: no I2S, %s" % error) from None
        i2s.irq(self._on_written)
        self._written.clear()  # of a write that was cut off
        # No block is free before it was played: the first that can be filled is heard a round late.
        self._end_ms = after_ms(time.ticks_ms(), _DMA_MS)
        self._begun_bytes = 0
        return i2s

    def _new(self) -> I2S:
        sck, ws, sd = self._pins
        return I2S(
            self._duplex.speaker_id,
            sck=sck,
            ws=ws,
            sd=sd,
            mode=I2S.TX,
            bits=16,
            format=I2S.MONO,
            rate=SAMPLE_RATE_HZ,
            ibuf=_DMA_BYTES,
        )

    def _give_up(self) -> None:
        self._wanted = False
        self._woken.clear()
        self._ring.replies.hush()
        self._ring.playback.cut(0)  # nobody takes its last frame
        self._heard_ms = time.ticks_ms()
        self._report()

    def _close(self) -> None:
        i2s = self._i2s
        if i2s is not None:
            self._i2s = None
            if self._enable is not None:
                self._enable.value(0)
            i2s.deinit()

    def _cut(self) -> None:
        """The microphone opens as soon as this returns."""
        if self._i2s is None:
            return
        # A write under way may hold this up until a block is free, 16 ms (not measured).
        unheard_ms = max(0, self._ahead_ms())
        self._close()
        self._ring.playback.cut(unheard_ms)
        self._end_ms = self._heard_ms = time.ticks_ms()
        self._report()
        self._written.set()
        self._wanted = self._ring.playback.active
        self._woken.set()

    def _on_written(self, _i2s: I2S) -> None:
        self._written.set()

    async def _speak(self, i2s: I2S) -> None:
        playback = self._ring.playback
        if self._enable is not None:
            await asyncio.sleep_ms(_SETTLE_MS)
            if self._i2s is i2s:
                self._enable.value(1)
        while self._i2s is i2s:
            self.heart.beat()
            self._wanted = False
            self._woken.clear()
            if playback.wanted:
                await self._write_frame(i2s)
            elif playback.starving:
                # What is in the queue is time in which the frame may still come.
                if not await self._is_woken_within(self._ahead_ms() - _BLOCK_MS):
                    await self._write_frame(i2s)
            else:
                self._report()
                await self._fill_block(i2s)
                if not playback.sounds:
                    self._heard_ms = time.ticks_ms()  # nothing is told of what was before
                if not await self._is_woken_within(_LINGER_MS) and not playback.active:
                    return

    async def _write_frame(self, i2s: I2S) -> None:
        self._ring.playback.take(self._pcm, max(0, self._ahead_ms()))
        if self._ahead_ms() <= _TOO_CLOSE_MS:
            await self._fill_block(i2s)
            await self._catch_block()
        await self._write(i2s, self._pcm, _FRAME_BYTES)
        self._heard_ms = self._end_ms
        self._report()

    def _ahead_ms(self) -> int:
        return elapsed_ms(self._end_ms, time.ticks_ms())

    async def _fill_block(self, i2s: I2S) -> None:
        if self._begun_bytes:
            missing = _BLOCK_BYTES - self._begun_bytes
            await self._write(i2s, self._silence[:missing], missing)

    async def _catch_block(self) -> None:
        """Dry, or nearly: what is written after this is heard from `_end_ms` on."""
        while self._ahead_ms() <= _TOO_CLOSE_MS:
            ahead_ms = self._ahead_ms()
            until_ms = ahead_ms if ahead_ms > 0 else ahead_ms % _BLOCK_MS
            self._end_ms = after_ms(self._end_ms, until_ms - ahead_ms)
            if until_ms <= _TOO_CLOSE_MS:
                await asyncio.sleep_ms(until_ms + 1)

    async def _write(self, i2s: I2S, pcm: "bytearray | memoryview", count: int) -> None:
        if self._i2s is not i2s:
            return
        i2s.write(pcm)
        self._end_ms = after_ms(self._end_ms, count // _BYTES_A_MS)
        self._begun_bytes = (self._begun_bytes + count) % _BLOCK_BYTES
        await self._written.wait()

    def _report(self) -> None:
        self._ring.played(self._heard_ms)
        self._on_report()

    async def _is_woken_within(self, wait_ms: int) -> bool:
        try:
            await asyncio.wait_for_ms(self._woken.wait(), max(0, wait_ms))
        except asyncio.TimeoutError:
            return False
        return True
