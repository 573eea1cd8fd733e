"""Hundreds of presses at random moments of replies: how soon it is silent, and what is remembered.

Each press stops one reply, and holds the button for the turn of the next.
"""

import asyncio
import random

import numpy as np
import pytest

from mynah.link.client import monotonic_ms
from tests.bridge.interruptions import SILENT_WITHIN_MS, Talker, judged, told
from tests.bridge.scene import talking
from tests.bridge.virtual_time import in_virtual_time
from tests.bridge.word_voice import WordVoice

PRESSES = 30
HOLD_MS = 300
HEARD_MS = 300  # sooner nothing was heard, as far as anybody knows, and the answer is given again
LATEST_MS = 3500  # after the first sound; every reply is longer
RIGHT_OF_HALF_MADE = 0.95

IN_TIME = {
    "a clause at once": WordVoice(work_s=0.1, whole=True),  # as Piper
    "word by word": WordVoice(work_s=0.3),
    "quick": WordVoice(pace=0.85, work_s=0.3),
}
LATE = {
    "only just in time": WordVoice(work_s=0.9),
    "with holes": WordVoice(work_s=1.3),
    "slow": WordVoice(pace=1.15, work_s=0.9),
}


async def interrupt(name, voice):
    chance = random.Random(name)
    companion = Talker(chance)
    spans_ms = []
    async with talking(*["hello"] * (PRESSES + 1), companion=companion, voice=voice) as scene:
        await scene.hold(HOLD_MS)
        for _ in range(PRESSES):
            released_ms = monotonic_ms()
            await scene.sounding()
            await asyncio.sleep(chance.uniform(HEARD_MS, LATEST_MS) / 1000)
            pressed_ms = monotonic_ms()
            await scene.hold(HOLD_MS)
            spans_ms.append((released_ms, pressed_ms, pressed_ms + HOLD_MS))
        turns = [await scene.turn() for _ in range(PRESSES)]
        sound = scene.sound()

    assert [turn.error for turn in turns] == [None] * PRESSES
    assert [turn.heard for turn in turns] == companion.remembered[:PRESSES]
    presses = zip(spans_ms, companion.said, companion.remembered, strict=False)
    return [judged(sound, span, *words, voice.pace) for span, *words in presses]


@pytest.mark.parametrize("name", IN_TIME)
@in_virtual_time
async def test_it_is_silent_in_150_ms_and_every_time_remembered_to_within_a_word(name):
    presses = await interrupt(name, IN_TIME[name])

    assert np.percentile([press.silent_ms for press in presses], 95) <= SILENT_WITHIN_MS, told(
        presses
    )
    assert max(abs(press.words_off) for press in presses) <= 1, told(presses)


@pytest.mark.parametrize("name", LATE)
@in_virtual_time
async def test_where_a_clause_is_half_made_it_is_seldom_two_words_and_never_more(name):
    presses = await interrupt(name, LATE[name])

    assert np.percentile([press.silent_ms for press in presses], 95) <= SILENT_WITHIN_MS, told(
        presses
    )
    words_off = np.abs([press.words_off for press in presses])
    assert (words_off <= 1).mean() >= RIGHT_OF_HALF_MADE, told(presses)
    assert max(words_off) <= 2, told(presses)
