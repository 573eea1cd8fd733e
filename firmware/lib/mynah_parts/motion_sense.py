"""Feels with an accelerometer: what its core makes of the samples is told to the ring.

A sensor that fails raises its PartError out of `run`; the supervisor tells it, and starts the task
anew, so that one that comes back is felt again. So do the other senses.
"""

import asyncio
import time
from array import array

from micropython import const

from mynah_device import actions, talk
from mynah_device.gestures import NONE
from mynah_device.health import Heart
from mynah_device.motion import AXES
from mynah_device.motion import Motion as Core
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms, wrap_ms

from .motion import BLOCK_SAMPLES, Motion
from .part_error import PartError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Protocol

    from .button import Listener

    class Motor(Protocol):
        """A Haptic or a Drv2605l."""

        def vibrate(self, amplitude: int) -> None:
            """From now on."""


_STEP_MS = const(120)  # 12 samples: a tap is answered half a second after it anyway
_MOST_BLOCKS = const(8)  # at once: more are pending only if the loop stood still
_CHECK_STEPS = const(40)  # 5 s: whether it is still there, and still itself
_SILENT_STEPS = const(20)
_LATE_MS = const(200)  # a sample may be so old when it is read


class MotionSense:
    """Feels with an accelerometer, except while the button is held."""

    def __init__(
        self, driver: Motion, ring: Ring, on_event: "Listener", tells_worn: bool = True
    ) -> None:
        self.heart = Heart()
        self.core = Core(driver.RATE_HZ, tells_worn)
        self._driver = driver
        self._ring = ring
        self._on_event = on_event
        self._samples = array("h", bytes(2 * AXES * BLOCK_SAMPLES))
        self._moved_ms = time.ticks_ms()  # by the motor

    def poke(self) -> None:
        """It gives signs by itself."""

    def disturb(self) -> None:
        """The motor begins or ends to shake it."""
        self._moved_ms = time.ticks_ms()

    def sleep(self) -> None:
        """The chip is about to; a part that does not answer can't be told."""
        try:
            self._driver.stop()
        except PartError:
            pass

    async def run(self) -> None:
        """Feel for ever; PartError if it fails."""
        driver, core = self._driver, self.core
        driver.check()
        await driver.start()
        core.pause()
        steps = silent = 0
        while True:
            self.heart.beat()
            await asyncio.sleep_ms(_STEP_MS)
            if self._is_held():
                steps = silent = 0
                core.pause()
                continue
            silent = 0 if self._read() else silent + 1
            steps += 1
            if silent > _SILENT_STEPS:
                raise driver.part.silent("no samples come")
            if steps % _CHECK_STEPS == 0:
                driver.check()

    def _is_held(self) -> bool:
        """A finger is at the button, or was a moment ago: it knocks on the sensor, too."""
        ring = self._ring
        pressed = ring.talk.state in (talk.HELD, talk.CLOSING)
        return pressed or ring.gestures.is_again(wrap_ms(time.ticks_ms()))

    def _read(self) -> int:
        read = 0
        for _ in range(_MOST_BLOCKS):
            count = self._driver.read(self._samples)
            read += count
            now_ms = time.ticks_ms()
            if elapsed_ms(now_ms, self._moved_ms) < _LATE_MS:
                self.core.disturb()
            found = self.core.feed(self._samples, count)
            if found != NONE:
                self._on_event(actions.MOVED, now_ms, found)
            if count < BLOCK_SAMPLES:
                break
        return read


class Disturbing:
    """A motor that a sensor of motion is told of: it must not take its shaking for the wearer's."""

    def __init__(self, motor: "Motor", sense: MotionSense) -> None:
        self._motor = motor
        self._sense = sense

    def vibrate(self, amplitude: int) -> None:
        """As the motor's own."""
        self._sense.disturb()
        self._motor.vibrate(amplitude)
