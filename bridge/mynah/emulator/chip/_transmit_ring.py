"""I2S transmission: DMA buffers that the speaker plays round and round, as on the ESP32.

A buffer that has been played is cleared and goes to the end of the queue of free ones, which is one
shorter than the ring; when the queue overflows, its first is forgotten, so that the first is always
the one that is played next. A writer takes the first, fills it, takes another. From this follow
 * what is written into an idle ring is heard from the next buffer's start: within 16 ms;
 * a full ring holds all buffers but one, and that long a new sample waits;
 * a writer that stops in the middle of a buffer keeps it in hand: if the ring then runs dry, what
   it writes next begins in a buffer that is no longer next, and is heard late. Write whole ones.
From the sources (MicroPython 1.29, ports/esp32/machine_i2s.c: `ibuf` is this memory, no other ring
lies before it; ESP-IDF 5.5, esp_driver_i2s/i2s_common.c), not measured on hardware.
"""

import os

import _pin
import _ring

BUFFER_FRAMES = 256
FRAME_BYTES = 2
_BUFFER_BYTES = BUFFER_FRAMES * FRAME_BYTES
# A shorter silence is a gap in one reply; after a longer one it is the next reply that begins.
_LONGEST_UNDERRUN_US = 1_000_000
_ENDING_BYTES = 32  # 1 ms: a writer that stops after silence so long stops because it wants to


class TransmitRing:
    """What `write` writes to."""

    frame_bytes = FRAME_BYTES

    def __init__(self, clock, ibuf, enable=None, mute=False):
        """`enable` is the pin that switches the amplifier on, `mute` that none can hear it."""
        self._clock = clock
        self._mute = mute
        self._enable = enable
        if enable is not None:
            _pin.watch(enable, self.begin)
        self._buffers = max(2, ibuf // _BUFFER_BYTES)
        self._memory = memoryview(bytearray(self._buffers * _BUFFER_BYTES))
        self._filled = [0] * self._buffers  # frames written to each since it was cleared
        self._free = []
        self._hand = None  # the buffer that the writer fills, and how far
        self._offset = BUFFER_FRAMES
        self._played = 0
        self._dry_us = None  # when it last ran dry in the middle of a sound
        self._sounding = False
        self._cut = False  # what was played last was not silence
        self._air = open(os.getenv("MYNAH_SPEAKER"), "r+b")
        self._underruns = 0

    def begin(self):
        """Nobody writes, or not yet: play what was due up to now."""
        now = self._clock.frames()
        self._skip_silence(now)
        while self._played < now:
            self._play_on(now)

    def move(self, source, start):
        """Write `source` from byte `start` as far as free buffers go; return where it stopped.

        The writer has been waiting since it came, so that each buffer was refilled when it was due:
        that this process woke late is no fault of the chip's.
        """
        now = self._clock.frames()
        start = self._fill(source, start)
        while start < len(source) and self._played < now:
            self._play_on(now)
            start = self._fill(source, start)
        return start

    def due_us(self, wanted):
        """When the next buffer will have been played; None when all that follows is silence."""
        if not wanted and not self._sounding and not any(self._filled):
            return None
        return self._clock.due_us((self._played // BUFFER_FRAMES + 1) * BUFFER_FRAMES)

    def ready(self):
        """Whether a write would take anything now."""
        self.begin()
        return bool(self._free) or self._offset < BUFFER_FRAMES

    def close(self):
        """Play until now, and fall silent in the middle of it."""
        self.begin()
        self._air.close()
        if self._enable is not None:
            _pin.watch(self._enable, None)
        if self._sounding:
            self._stop_sounding(self._played)

    def _fill(self, source, start):
        while start < len(source):
            if self._offset == BUFFER_FRAMES:
                if not self._free:
                    break
                self._hand = self._free.pop(0)
                self._offset = 0
            count = min(BUFFER_FRAMES - self._offset, (len(source) - start) // FRAME_BYTES)
            place = self._hand * _BUFFER_BYTES + self._offset * FRAME_BYTES
            end = start + count * FRAME_BYTES
            self._memory[place : place + end - start] = source[start:end]
            self._offset += count
            self._filled[self._hand] = self._offset
            start = end
        return start

    def _play_on(self, now):
        """Play until the end of a buffer, or now."""
        offset = self._played % BUFFER_FRAMES
        count = min(BUFFER_FRAMES - offset, now - self._played)
        buffer = self._played // BUFFER_FRAMES % self._buffers
        self._sound(buffer, offset, count)
        self._played += count
        if offset + count == BUFFER_FRAMES:
            self._release(buffer)

    def _skip_silence(self, now):
        """Long silence in one step: whole rounds of the ring leave everything where it is."""
        round_frames = self._buffers * BUFFER_FRAMES
        rounds = (now - self._played) // round_frames - 1
        if rounds > 0 and not self._sounding and not any(self._filled):
            self._played += rounds * round_frames

    def _sound(self, buffer, offset, count):
        loud = min(count, self._filled[buffer] - offset) if self._is_on() else 0
        if loud > 0:
            self._start_sounding(self._played)
            place = buffer * _BUFFER_BYTES + offset * FRAME_BYTES
            self._air.seek(self._clock.air(self._played) * FRAME_BYTES)
            end = place + loud * FRAME_BYTES
            self._air.write(self._memory[place:end])
            self._cut = any(self._memory[max(place, end - _ENDING_BYTES) : end])
        if loud < count and self._sounding:
            self._stop_sounding(self._played + max(0, loud))

    def _is_on(self):
        return not self._mute and (self._enable is None or _pin.level(self._enable))

    def _start_sounding(self, frame):
        if self._sounding:
            return
        self._sounding = True
        us = self._clock.due_us(frame)
        _ring.trace("speaker", us=us, on=True, sample=self._clock.air(frame))
        if self._dry_us is not None and us - self._dry_us < _LONGEST_UNDERRUN_US:
            self._underruns += 1
            gap_us = us - self._dry_us
            _ring.trace("i2s_underrun", us=self._dry_us, gap_us=gap_us, count=self._underruns)

    def _stop_sounding(self, frame):
        self._sounding = False
        us = self._clock.due_us(frame)
        self._dry_us = us if self._cut else None
        _ring.trace("speaker", us=us, on=False)

    def _release(self, buffer):
        if self._filled[buffer]:
            place = buffer * _BUFFER_BYTES
            self._memory[place : place + _BUFFER_BYTES] = bytes(_BUFFER_BYTES)
            self._filled[buffer] = 0
        if len(self._free) == self._buffers - 1:
            self._free.pop(0)
        self._free.append(buffer)
