import asyncio
import sys
import time
from contextlib import aclosing, suppress
from statistics import median

import pytest

from mynah.reliability.census import census
from mynah.speech.models import find
from mynah.speech.tts import PiperSynthesizer
from tests.bridge.recordings import needs_model

pytestmark = [pytest.mark.model, needs_model("joe")]

LONG = (
    "This is a rather long sentence, which goes on and on, with many words and no end in sight, "
    "so that it takes some time to be made, and then a little more of it, number {}."
)
SHORT = "Good morning to you, number {}."
NUMBERS = (11, 12, 13)
NEVER_S = 20


async def seconds(synthesizer, text):
    """Until its first sound."""
    began_s = time.perf_counter()
    async with aclosing(synthesizer.speak(text)) as sounds:
        await anext(sounds)
    return time.perf_counter() - began_s


async def give_up(synthesizer, text, after_s):
    async with aclosing(synthesizer.speak(text)) as sounds:
        with suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await anext(sounds)


async def test_a_clause_that_is_no_longer_wanted_does_not_delay_the_next_one():
    short_s, after_s = [], []
    synthesizer = PiperSynthesizer(find("joe"))
    await synthesizer.start()
    try:
        long_s = await seconds(synthesizer, LONG.format(10))
        for number in NUMBERS:
            short_s.append(await seconds(synthesizer, SHORT.format(number)))
            await give_up(synthesizer, LONG.format(number), long_s / 5)
            after_s.append(await seconds(synthesizer, SHORT.format(number + 10)))
        again_s = await seconds(synthesizer, LONG.format(20))
    finally:
        await synthesizer.stop()

    assert long_s < 2 * again_s  # the first clause is as fast as the next
    assert median(after_s) < median(short_s) + long_s / 3


@pytest.mark.skipif(sys.platform != "linux", reason="the census of processes is Linux's")
async def test_in_a_pause_the_voice_gives_back_what_a_long_clause_took():
    synthesizer = PiperSynthesizer(find("joe"))
    await synthesizer.start()
    try:
        long_s = await seconds(synthesizer, LONG.format(10))
        high = census().children["piper_worker"]
        await give_up(synthesizer, LONG.format(11), long_s / 5)  # nor does that disturb the pause
        async with asyncio.timeout(NEVER_S):
            while census().children["piper_worker"].kib > high.kib - 20_000:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await seconds(synthesizer, SHORT.format(12))
        assert census().children["piper_worker"].processes == high.processes
    finally:
        await synthesizer.stop()
