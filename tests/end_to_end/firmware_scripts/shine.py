"""Lights red, red again, off; and drives a pin."""

from machine import Pin
from neopixel import NeoPixel

light = NeoPixel(Pin(21, Pin.OUT), 1)
for colour in ((255, 0, 0), (255, 0, 0), (0, 0, 0)):
    light.fill(colour)
    light.write()
enable = Pin(44, Pin.OUT, value=0)
enable.on()
enable.on()
