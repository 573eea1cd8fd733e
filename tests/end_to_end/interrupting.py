"""A script: somebody presses the ring's button at random moments of its replies; told as JSON."""

import asyncio
import json
import random
import sys
from dataclasses import asdict

from mynah.companions.guest import Guest
from mynah.emulator.wearer import LEAD_MS
from tests.bridge.interruptions import Press, Talker, judged
from tests.bridge.word_voice import WordVoice
from tests.end_to_end.conversing import talking

PRESSES = 30
HOLD_MS = 300
EARLIEST_MS, LATEST_MS = 400, 2200  # after the release; a reply begins about 300 after it


async def interrupt() -> list[Press]:
    chance = random.Random(1)
    companion, voice = Talker(chance), WordVoice(work_s=0.1, whole=True)
    spans_ms = []
    texts = ["hello"] * (PRESSES + 1)
    async with talking(*texts, companion=Guest("talker", companion), voice=voice) as them:
        world = them.ring.world
        released_ms = await hold(them, world.now_ms + LEAD_MS)
        for _ in range(PRESSES):
            pressed_ms = released_ms + chance.uniform(EARLIEST_MS, LATEST_MS)
            over_ms = await hold(them, pressed_ms)
            spans_ms.append((released_ms, pressed_ms, over_ms))
            released_ms = over_ms
        turns = [await them.turn() for _ in range(PRESSES)]
        sound = world.speaker_samples(0, world.now_ms)

    assert [turn.error for turn in turns] == [None] * PRESSES
    presses = zip(spans_ms, companion.said, companion.remembered, strict=False)
    return [judged(sound, span, *words, voice.pace) for span, *words in presses]


async def hold(them, press_ms):
    """Returns the time of the release, when it has come."""
    world = them.ring.world
    await them.until(press_ms - LEAD_MS)
    world.press(press_ms)
    world.release(press_ms + HOLD_MS)
    await them.until(press_ms + HOLD_MS)
    return press_ms + HOLD_MS


if __name__ == "__main__":
    json.dump([asdict(press) for press in asyncio.run(interrupt())], sys.stdout)
