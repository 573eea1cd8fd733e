"""The light: a NeoPixel or a plain LED. Nothing can turn it off while the microphone is open."""

import asyncio
import time

from machine import Pin

from mynah_device import light
from mynah_device.glow import Glow
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms
from mynah_wire.downlink import BRIGHTNESS


class PinLamp:
    """One LED on a pin: on for any colour."""

    def __init__(self, pin: int, active_low: bool) -> None:
        self._off = 1 if active_low else 0
        self._pin = Pin(pin, Pin.OUT, value=self._off)

    def show(self, rgb: "tuple[int, int, int]") -> None:
        """Show a colour, as far as one LED can."""
        self._pin.value(1 - self._off if any(rgb) else self._off)


class PixelLamp:
    """One WS2812."""

    def __init__(self, pin: int) -> None:
        from neopixel import NeoPixel

        self._pixel = NeoPixel(Pin(pin, Pin.OUT), 1)

    def show(self, rgb: "tuple[int, int, int]") -> None:
        """Show a colour."""
        self._pixel[0] = rgb
        self._pixel.write()


def lamp(kind: str, pin: int) -> "PinLamp | PixelLamp":
    """What a board's file calls its lamp: "pixel", "active low" or "active high"."""
    if kind == "pixel":
        return PixelLamp(pin)
    if kind not in ("active low", "active high"):
        raise ValueError("light: no lamp is called %s" % kind)
    return PinLamp(pin, kind == "active low")


class Light:
    """Shows the ring's state, with its rhythm."""

    def __init__(self, lamp: "PinLamp | PixelLamp", ring: Ring) -> None:
        self.heart = Heart()
        self._lamp = lamp
        self._ring = ring
        self._state = ""
        self._glow: "Glow | None" = None
        self._since_ms = 0
        self._changed = asyncio.Event()

    def hear(self) -> None:
        """Lit before this returns: the microphone is about to open."""
        self._lamp.show(light.colour("hearing", 0, self._ring.settings.get(BRIGHTNESS)))
        self._changed.set()

    def dark(self) -> None:
        """Shine no more: the chip falls asleep, its microphone closed."""
        self._lamp.show(light.DARK)

    def refresh(self) -> None:
        """The ring's state may have changed."""
        if self._ring.light != self._state or self._ring.acting.glow is not self._glow:
            self._changed.set()

    def poke(self) -> None:
        """Show it again."""
        self._changed.set()

    async def run(self) -> None:
        """Shine for ever."""
        while True:
            self.heart.beat()
            self._changed.clear()
            wait_ms = self._show(time.ticks_ms())
            try:
                if wait_ms:
                    await asyncio.wait_for_ms(self._changed.wait(), wait_ms)
                else:
                    await self._changed.wait()
            except asyncio.TimeoutError:
                pass

    def _show(self, now_ms: int) -> int:
        """Show what is to be seen now; milliseconds until that changes by itself, 0 if never."""
        state, glow = self._ring.light, self._ring.acting.glow
        brightness = self._ring.settings.get(BRIGHTNESS)
        if state != self._state:
            self._since_ms = now_ms
        self._state, self._glow = state, glow
        if state == light.GLOW and glow is not None:
            since_ms = elapsed_ms(now_ms, glow.begun_ms)
            self._lamp.show(glow.colour(since_ms, brightness))
            return glow.next_change_ms(since_ms)
        since_ms = elapsed_ms(now_ms, self._since_ms)
        self._lamp.show(light.colour(state, since_ms, brightness))
        return light.next_change_ms(state, since_ms)
