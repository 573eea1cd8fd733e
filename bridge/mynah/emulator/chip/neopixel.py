"""`neopixel`: a string of lights; what they show is told to the trace when it changes."""

import _ring


class NeoPixel:
    """As MicroPython's; `write` shows what was set."""

    ORDER = (1, 0, 2, 3)  # WS2812 take green first

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.timing = timing
        self.buf = bytearray(n * bpp)
        self._shown = bytes(n * bpp)

    def __len__(self):
        return self.n

    def __setitem__(self, index, colour):
        for part in range(self.bpp):
            self.buf[index * self.bpp + self.ORDER[part]] = colour[part]

    def __getitem__(self, index):
        return tuple(self.buf[index * self.bpp + self.ORDER[part]] for part in range(self.bpp))

    def fill(self, colour):
        """Set all to one colour."""
        for index in range(self.n):
            self[index] = colour

    def write(self):
        """Show the colours."""
        if self._shown != self.buf:
            self._shown = bytes(self.buf)
            _ring.trace("light", pin=self.pin.number, rgb=[self[index] for index in range(self.n)])
