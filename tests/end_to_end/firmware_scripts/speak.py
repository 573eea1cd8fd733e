"""Speaks three DMA buffers of a ramp, runs dry for about 50 ms, speaks one more."""

import asyncio
import struct

from machine import I2S, Pin

BUFFER_FRAMES = 256
IBUF = 8 * BUFFER_FRAMES * 2


def ramp(first, count):
    return b"".join(struct.pack("<h", first + number) for number in range(count))


async def main():
    speaker = I2S(
        1,
        sck=Pin(3),
        ws=Pin(4),
        sd=Pin(43),
        mode=I2S.TX,
        bits=16,
        format=I2S.MONO,
        rate=16000,
        ibuf=IBUF,
    )
    done = asyncio.ThreadSafeFlag()
    speaker.irq(lambda _: done.set())
    await asyncio.sleep_ms(200)  # a whole round: from now on the next buffer is the first free one
    print("writes")
    for first, count in ((1, 500), (501, 268)):  # a write need not be a whole buffer
        speaker.write(ramp(first, count))
        await done.wait()
    await asyncio.sleep_ms(100)
    speaker.write(ramp(1001, BUFFER_FRAMES))
    await done.wait()
    await asyncio.sleep_ms(50)
    speaker.deinit()


asyncio.run(main())
