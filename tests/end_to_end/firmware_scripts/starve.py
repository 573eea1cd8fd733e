"""Feeds the watchdog three times, then forgets it."""

import asyncio

from machine import WDT


async def main():
    watchdog = WDT(timeout=60)
    for _ in range(3):
        await asyncio.sleep_ms(40)
        watchdog.feed()
    print("forgets")
    await asyncio.sleep(30)


asyncio.run(main())
