"""Speaks a second of a ramp as fast as the ring takes it, right after it was switched on."""

import array

from machine import I2S, Pin

speaker = I2S(
    1,
    sck=Pin(3),
    ws=Pin(4),
    sd=Pin(43),
    mode=I2S.TX,
    bits=16,
    format=I2S.MONO,
    rate=16000,
    ibuf=4096,
)
speaker.write(bytes(array.array("h", range(1, 8193))))
speaker.write(bytes(8 * 512))  # silence pushes the rest through the ring
