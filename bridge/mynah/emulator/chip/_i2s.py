"""`machine.I2S`: mono, one microphone or one speaker, in all three of MicroPython's modes.

A chip has one or two of them; making one again switches the old one off, without a word. Two that
drive the same clock pins, which neither chip nor port forbids and nobody can hear, are refused.
Blocking by default; after `irq` a transfer goes on in the background and its handler is scheduled;
polled by asyncio streams, it moves what it can. Stereo and rates other than the air's are refused.

The environment variable MYNAH_I2S, a JSON object, says what is wrong: {"microphone": "dead"} gives
zeros, "stuck" ones; {"microphone": "broken"} or {"speaker": "broken"} can't be opened; a speaker
that is "stuck" opens, and takes nothing.
"""

import asyncio
import errno
import io
import json
import os
import time

import _chip_kind
import _i2c
import _pin
import _ring
import micropython
from _board import board
from _receive_ring import ReceiveRing
from _sample_clock import SampleClock
from _transmit_ring import TransmitRing

_POLL = 3  # MicroPython's ioctl request, and the two answers
_READABLE = 1
_WRITABLE = 4
_QUEUED = 1  # transfers that may wait behind the one under way; a third is lost without a word
_IDS = {"esp32s3": 2}.get(_chip_kind.NAME, 1)
_FAULTS = json.loads(os.getenv("MYNAH_I2S") or "{}")
_BUSES = {}


class I2S(io.IOBase):
    """One bus; making it again switches the old one off."""

    RX = 0
    TX = 1
    MONO = 0
    STEREO = 1

    def __init__(self, id, *, sck, ws, sd, mode, bits, format, rate, ibuf):
        if not 0 <= id < _IDS:
            raise ValueError("invalid id")
        if mode not in (I2S.RX, I2S.TX):
            raise ValueError("invalid mode")
        if format != I2S.MONO:
            raise ValueError("the emulated ring hears and speaks in mono")
        if bits not in ((16, 32) if mode == I2S.RX else (16,)):
            raise ValueError("invalid bits")
        if id in _BUSES:
            _BUSES[id].deinit()
        self._clock_pins = (_number(sck), _number(ws))
        if any(bus._clock_pins == self._clock_pins for bus in _BUSES.values()):
            raise ValueError("the emulated wires carry one clock: an open I2S drives these pins")
        fault = _FAULTS.get("microphone" if mode == I2S.RX else "speaker", "")
        if fault == "broken":
            raise OSError(-0x101, "ESP_ERR_NO_MEM")
        self._ring = _receiver(rate, ibuf, bits, fault) if mode == I2S.RX else _sender(rate, ibuf)
        _BUSES[id] = self  # not sooner: what could not be built is not there
        self._id = id
        self._mode = mode
        self._fault = fault
        self._handler = None
        self._polled = False
        self._transfers = []  # [bytes, how many are moved]: one under way, one behind it
        self._moving = False
        self._wake = asyncio.Event()
        asyncio.create_task(self._serve(self._ring))

    def readinto(self, buffer):
        """Read samples; see the three modes."""
        return self._transfer(buffer, I2S.RX)

    def write(self, buffer):
        """Write samples; see the three modes."""
        return self._transfer(buffer, I2S.TX)

    def irq(self, handler):
        """From now on don't block; schedule `handler(self)` when a transfer is done."""
        self._handler = handler

    def ioctl(self, request, argument):
        """What asyncio's streams ask; it switches to their mode, as on the chip."""
        self._polled = True
        if request != _POLL:
            return -errno.EINVAL  # 0 would be a file's number
        if self._ring is None:
            return 0
        return argument & (_READABLE, _WRITABLE)[self._mode] if self._ring.ready() else 0

    def deinit(self):
        """Switch the bus off; a transfer under way is never completed."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None
            self._transfers.clear()
            self._wake.set()
            del _BUSES[self._id]

    @staticmethod
    def shift(*, buf, bits, shift):
        """Shift each sample of a buffer in place: left if positive."""
        if bits not in (16, 32):
            raise ValueError("invalid bits")
        size = bits // 8
        for place in range(0, len(buf) // size * size, size):
            sample = int.from_bytes(buf[place : place + size], "little")
            sample -= (sample >> (bits - 1)) << bits
            sample = sample << shift if shift >= 0 else sample >> -shift
            buf[place : place + size] = (sample & ((1 << bits) - 1)).to_bytes(size, "little")

    def _transfer(self, buffer, mode):
        if self._mode != mode or self._ring is None:
            raise OSError(errno.EPERM)
        if self._fault == "stuck" and mode == I2S.TX:
            raise OSError(errno.EIO)
        view = _bytes_of(buffer)
        if len(view) % self._ring.frame_bytes:
            raise OSError(errno.EINVAL)
        if self._handler:
            return self._move_later(view)
        self._ring.begin()
        moved = self._ring.move(view, 0)
        while moved < len(view) and not self._polled:
            time.sleep_us(max(0, self._ring.due_us(len(view) - moved) - _ring.now_us()))
            moved = self._ring.move(view, moved)
        return moved

    def _move_later(self, view):
        if len(self._transfers) <= _QUEUED:
            if not self._transfers:
                self._ring.begin()
            self._transfers.append([view, 0])
            self._step(self._ring)
            self._wake.set()
        return len(view)

    def _step(self, ring):
        """Move what can be moved, and schedule the handler of what is done."""
        if self._moving:
            return  # a handler runs inside the loop below, which goes on with what it asked for
        self._moving = True
        while self._transfers and self._ring is ring:
            transfer = self._transfers[0]
            transfer[1] = ring.move(transfer[0], transfer[1])
            if transfer[1] < len(transfer[0]):
                break
            self._transfers.pop(0)
            micropython.schedule(self._handler, self)
        self._moving = False

    async def _serve(self, ring):
        """The chip's side of a transfer: wake when the DMA is due, and only then."""
        while self._ring is ring:
            self._step(ring)
            if self._mode == I2S.TX and not self._transfers:
                ring.begin()
            due_us = self._due_us(ring)
            if due_us is None:
                self._wake.clear()
                await self._wake.wait()
            else:
                await _ring.sleep_until(due_us)

    def _due_us(self, ring):
        if not self._transfers:
            return ring.due_us(0)
        view, moved = self._transfers[0]
        return ring.due_us(len(view) - moved)


def _receiver(rate, ibuf, bits, fault):
    codec = _codec()
    deaf = codec is not None and not codec.hears(_bit_clocks(32))
    return ReceiveRing(SampleClock(rate), ibuf, bits, fault or ("dead" if deaf else ""))


def _sender(rate, ibuf):
    codec = _codec()
    mute = codec is not None and not codec.speaks(_bit_clocks(16))
    return TransmitRing(SampleClock(rate), ibuf, board("SPEAKER_ENABLE"), mute)


def _bit_clocks(bits):
    return 2 * bits  # bit clocks a sample: two slots, also where one channel is asked for


def _codec():
    return None if board("CODEC") is None else _i2c.model(board("CODEC"))


def _number(pin):
    return pin.number if isinstance(pin, _pin.Pin) else pin


def _bytes_of(buffer):
    # The chip takes an array's bytes too; a view of one counts items here, so it is refused.
    if not isinstance(buffer, (bytes, bytearray, memoryview)):
        raise TypeError("the emulated I2S moves bytes: pass a bytearray or a view of one")
    return memoryview(buffer)


def power_off():
    """Leave the speaker's recording as the last moment left it."""
    for bus in list(_BUSES.values()):
        bus.deinit()
