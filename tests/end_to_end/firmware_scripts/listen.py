"""Reads 24 pieces of 20 ms from the microphone in the background, with a pause after the fourth."""

import asyncio

from machine import I2S, Pin

PIECE_FRAMES = 320
PAUSE_MS = 400


async def main():
    microphone = I2S(
        0,
        sck=Pin(7),
        ws=Pin(8),
        sd=Pin(9),
        mode=I2S.RX,
        bits=32,
        format=I2S.MONO,
        rate=16000,
        ibuf=16384,
    )
    full = asyncio.ThreadSafeFlag()
    microphone.irq(lambda _: full.set())
    piece = bytearray(PIECE_FRAMES * 4)
    with open("heard.raw", "wb") as file:
        for number in range(24):
            microphone.readinto(piece)
            await full.wait()
            file.write(piece)
            if number == 3:
                await asyncio.sleep_ms(PAUSE_MS)
    microphone.deinit()


asyncio.run(main())
