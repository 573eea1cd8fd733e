"""Prints the time at which the button's interrupt came, ten times."""

import asyncio
import time

from machine import Pin


async def main():
    edge = asyncio.ThreadSafeFlag()
    times = []

    def on_edge(pin):
        times.append((time.ticks_us(), pin.value()))
        edge.set()

    button = Pin(1, Pin.IN, Pin.PULL_UP)
    print("at rest", button.value())
    button.irq(on_edge, Pin.IRQ_FALLING)
    while len(times) < 5:
        await edge.wait()
    for us, value in times:
        print(us, value)


asyncio.run(main())
