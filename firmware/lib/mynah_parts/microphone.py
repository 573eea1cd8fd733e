"""An I2S microphone (INMP441, ICS-43434): 32-bit slots in, coded frames into memory.

The light goes on in the same function that opens the microphone; there is no other way to open it.
"""

import asyncio
import struct
import time
from array import array

from machine import I2S
from micropython import const

from mynah_device.memory import DATA_OFFSET
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms
from mynah_wire.codecs import SAMPLE_RATE_HZ
from mynah_wire.making import ABSENT, SILENT
from mynah_wire.uplink import Audio

from .adpcm_viper import encode_frame
from .duplex import Duplex
from .light import Light
from .part_error import PartError
from .samples_viper import from_slots, is_flat

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Pins = tuple[int, int, int]

_FRAME_SAMPLES = const(320)
_FRAME_MS = const(20)
_SLOT_BYTES = const(4)
# 24 dB: the microphone's full scale is 120 dB SPL, a voice at a hand's breadth peaks near 96.
GAIN_BITS = 4
# The driver always takes 8 bytes a sample into its DMA ring: 128 ms, more than a flash erase (80).
_DMA_BYTES = const(16_384)
_DMA_MS = const(128)
# A living microphone's noise reaches the lowest of its 24 bits: two samples alike are rare. A
# second of them is a wire that came off (zeros), or one that hangs on something else (ones).
_FLAT_FRAMES = const(50)
_AUDIO_KIND = Audio.KIND


class Microphone:
    """Open while a stream lasts."""

    def __init__(
        self,
        pins: "Pins",
        ring: Ring,
        light: Light,
        on_frame: "Callable[[], None]",
        duplex: "Duplex | None" = None,
        on_fault: "Callable[[int, str], None] | None" = None,
    ) -> None:
        """`pins` are (sck, ws, sd); `on_frame()` is called when a frame is in memory.

        `on_fault(fault, text)` is told once a stream if nothing can be heard in it.
        """
        self._pins = pins
        self._ring = ring
        self._light = light
        self._on_frame = on_frame
        self._duplex = duplex or Duplex()
        self._on_fault = on_fault
        self._buffers = [bytearray(_FRAME_SAMPLES * _SLOT_BYTES) for _ in range(2)]
        self._pcm = bytearray(_FRAME_SAMPLES * 2)
        self._state = array("i", (0, 0))
        self._filled = asyncio.ThreadSafeFlag()
        self._until_ms = -1
        self.frames = 0  # of this stream, on the sample clock
        self.lost = 0
        self._flat = 0  # frames since the stream began; negative: there was a sound, or it is told

    def close(self, until_ms: int) -> None:
        """End the stream once everything heard before `until_ms` is in memory."""
        self._until_ms = until_ms

    async def run(self, stream: int, on_started: "Callable[[int], None]") -> None:
        """Hear one stream, from now until `close`; `on_started(at_ms)` at the first sample.

        PartError if the microphone can't be opened.
        """
        self.frames = self.lost = self._flat = 0
        self._state[0] = self._state[1] = 0
        i2s = None
        try:
            i2s = self._open()
            self._filled.clear()  # the stream before may have closed with a buffer just filled
            started_ms = time.ticks_ms()
            on_started(started_ms)
            await self._hear(i2s, stream, started_ms)
        finally:
            if i2s is not None:
                i2s.deinit()
            self._duplex.listened()
            self._until_ms = -1

    def _open(self) -> I2S:
        self._light.hear()
        self._duplex.listen()
        try:
            i2s = self._new()
        except (OSError, ValueError) as error:
            raise PartError(ABSENT, "microphone: no I2S, %s" % error) from None
        i2s.irq(self._on_filled)
        return i2s

    def _new(self) -> I2S:
        sck, ws, sd = self._pins
        return I2S(
            self._duplex.microphone_id,
            sck=sck,
            ws=ws,
            sd=sd,
            mode=I2S.RX,
            bits=32,
            format=I2S.MONO,
            rate=SAMPLE_RATE_HZ,
            ibuf=_DMA_BYTES,
        )

    def _on_filled(self, _i2s: I2S) -> None:
        self._filled.set()

    async def _hear(self, i2s: I2S, stream: int, started_ms: int) -> None:
        turn = 0
        asked_ms = time.ticks_ms()
        i2s.readinto(self._buffers[0])
        while self._until_ms < 0 or self.frames * _FRAME_MS < elapsed_ms(
            self._until_ms, started_ms
        ):
            await self._filled.wait()
            full = self._buffers[turn]
            turn = 1 - turn
            now_ms = time.ticks_ms()
            i2s.readinto(self._buffers[turn])
            self._count_loss(elapsed_ms(now_ms, asked_ms))
            asked_ms = now_ms
            self.frame(full, stream)
            self._on_frame()
            if self._flat >= _FLAT_FRAMES:
                self._tell_flat()

    def _count_loss(self, since_ms: int) -> None:
        # The driver tells nothing of an overrun. Asked again within the ring's length, nothing was
        # lost; later, all but the ring's length was.
        if since_ms > _DMA_MS + _FRAME_MS:
            lost = (since_ms - _DMA_MS) // _FRAME_MS
            self.lost += lost
            self.frames += lost

    def _tell_flat(self) -> None:
        self._flat = -1
        if self._on_fault is not None:
            self._on_fault(SILENT, "microphone: always the same")

    def frame(self, slots: bytearray, stream: int) -> None:
        """Code one buffer of slots into memory. Allocates nothing."""
        said = self._ring.said
        place, buffer = said.place(), said.memory.buffer
        from_slots(slots, self._pcm, GAIN_BITS)
        if self._flat >= 0:
            self._flat = self._flat + 1 if is_flat(slots) else -1
        struct.pack_into("<BHI", buffer, place, _AUDIO_KIND, stream, self.frames)
        encode_frame(self._pcm, buffer, place + DATA_OFFSET, self._state)
        said.commit()
        self.frames += 1
