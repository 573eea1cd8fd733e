"""I2S reception: DMA buffers that the microphone fills round and round, as on an ESP32.

A buffer can be read once it is full. Full ones wait in a queue that is one shorter than the ring;
when it overflows, the oldest goes and nobody tells the firmware: the trace tells us.
The buffer in the reader's hand stays whole (on the chip a reader that is a whole ring late would
find it overwritten). The samples are read from the air's recording, which keeps them all.
"""

import os

import _ring
import micropython

BUFFER_FRAMES = 256
SLOT_BYTES = 8  # whatever was asked for, the chip receives two slots of 32 bits a frame


class ReceiveRing:
    """What `readinto` reads from."""

    def __init__(self, clock, ibuf, bits, fault=""):
        """`fault`: "dead" gives zeros, "stuck" ones."""
        self._clock = clock
        self._buffers = max(2, ibuf // (BUFFER_FRAMES * SLOT_BYTES))
        self._place = {16: _narrow, 32: _widen}[bits]
        self._constant = {"dead": b"\0", "stuck": b"\xff"}.get(fault)
        self.frame_bytes = bits // 8
        self._air = open(os.getenv("MYNAH_MICROPHONE"), "rb")
        self._scratch = memoryview(bytearray(BUFFER_FRAMES * 2))
        self._next = 0  # the first buffer not taken from the queue
        self._offset = BUFFER_FRAMES  # how much of the one in hand is read: all of it
        self._overruns = 0
        _ring.trace("microphone", on=True, sample=clock.air(0))

    def begin(self):
        """A reader comes, and will empty the queue as it fills; what overflowed before is lost."""
        oldest = self._clock.frames() // BUFFER_FRAMES - (self._buffers - 1)
        if self._next < oldest:
            self._overruns += 1
            _ring.trace(
                "i2s_overrun",
                lost_frames=(oldest - self._next) * BUFFER_FRAMES,
                from_sample=self._clock.air(self._next * BUFFER_FRAMES),
                count=self._overruns,
            )
            self._next = oldest

    def move(self, target, start):
        """Fill `target` from byte `start` as far as full buffers go; return where it stopped."""
        full = self._clock.frames() // BUFFER_FRAMES
        while start < len(target):
            if self._offset == BUFFER_FRAMES:
                if self._next >= full:
                    break
                self._next += 1
                self._offset = 0
            count = min(BUFFER_FRAMES - self._offset, (len(target) - start) // self.frame_bytes)
            self._copy(target, start // self.frame_bytes, count)
            self._offset += count
            start += count * self.frame_bytes
        return start

    def due_us(self, wanted):
        """When so many bytes more can be read; None when nobody wants any."""
        if not wanted:
            return None
        missing = wanted // self.frame_bytes - (BUFFER_FRAMES - self._offset)
        buffers = self._next + (missing + BUFFER_FRAMES - 1) // BUFFER_FRAMES
        return self._clock.due_us(buffers * BUFFER_FRAMES)

    def ready(self):
        """Whether a read would give anything now."""
        full = self._clock.frames() // BUFFER_FRAMES
        return self._offset < BUFFER_FRAMES or self._next < full

    def close(self):
        """Stop listening."""
        self._air.close()
        _ring.trace("microphone", on=False)

    def _copy(self, target, place, count):
        if self._constant is not None:
            start, size = place * self.frame_bytes, count * self.frame_bytes
            target[start : start + size] = self._constant * size
            return
        first = self._clock.air((self._next - 1) * BUFFER_FRAMES) + self._offset
        piece = self._scratch[: count * 2]
        self._air.seek(first * 2)
        got = self._air.readinto(piece)
        if got < len(piece):
            # Not a fault of the firmware: the world did not keep ahead of the ring's clock.
            _ring.trace("microphone_starved", from_sample=first + got // 2)
            piece[got:] = bytes(len(piece) - got)
        self._place(self._scratch, target, place, count)


@micropython.viper
def _widen(source_buffer, target_buffer, place: int, count: int):
    # An INMP441 fills the upper 24 of a slot's 32 bits; its full scale is 120 dB of sound, a voice
    # at a hand's breadth peaks near 96: a recording's full scale is put 24 dB below the slot's.
    # Its own noise is in the lowest of the 24, which our 16 bits never see.
    source = ptr16(source_buffer)  # noqa: F821
    target = ptr32(target_buffer)  # noqa: F821
    for number in range(count):
        noise = ((place + number) * 0x9D >> 2 & 0xF) << 8
        target[place + number] = ((int(source[number]) ^ 0x8000) - 0x8000) << 12 | noise


@micropython.viper
def _narrow(source_buffer, target_buffer, place: int, count: int):
    # With 16 bits the chip keeps the slot's upper half: the same 24 dB down, 4 bits of them lost.
    source = ptr16(source_buffer)  # noqa: F821
    target = ptr16(target_buffer)  # noqa: F821
    for number in range(count):
        target[place + number] = ((int(source[number]) ^ 0x8000) - 0x8000) >> 4
