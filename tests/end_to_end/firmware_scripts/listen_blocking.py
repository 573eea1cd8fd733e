"""Reads 200 ms from the microphone as 16 bits, in one call that blocks."""

from machine import I2S, Pin

microphone = I2S(
    0,
    sck=Pin(7),
    ws=Pin(8),
    sd=Pin(9),
    mode=I2S.RX,
    bits=16,
    format=I2S.MONO,
    rate=16000,
    ibuf=16384,
)
heard = bytearray(3200 * 2)
print(microphone.readinto(heard))
with open("heard.raw", "wb") as file:
    file.write(heard)
