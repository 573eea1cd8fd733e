"""Reads 200 ms from the microphone through one of asyncio's streams."""

import asyncio

from machine import I2S, Pin


async def main():
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
    stream = asyncio.StreamReader(microphone)
    piece = bytearray(320 * 2)
    total = 0
    with open("heard.raw", "wb") as file:
        while total < 3200 * 2:
            count = await stream.readinto(piece)
            file.write(memoryview(piece)[:count])
            total += count


asyncio.run(main())
