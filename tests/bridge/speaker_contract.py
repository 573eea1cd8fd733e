"""What every speaker of this computer does, whatever card is behind it."""

import asyncio

import numpy as np

from mynah.audio.computer_speaker import ComputerSpeaker
from mynah.audio.speaker import Played
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED

TIMEOUT_S = 10
FRAME = 320
SETTLED_S = 0.3  # whatever a card holds back has sounded by then


def speech(samples, seed=1):
    """Sound that is nowhere like itself."""
    return np.random.default_rng(seed).integers(-9000, 9000, samples).astype(np.int16)


def place(sound, piece):
    """Where in a sound a piece begins, to the sample; None if it is not in there."""
    data, part = sound.astype("<i2").tobytes(), piece.astype("<i2").tobytes()
    found = data.find(part)
    while found > 0 and found % 2:
        found = data.find(part, found + 1)
    return None if found < 0 else found // 2


class Bench:
    """A speaker on a card, and what it told."""

    def __init__(self, card, heard, volume=None):
        """`heard()` is all that the card has played."""
        self.told = []
        self.heard = heard
        self._news = asyncio.Event()
        self.speaker = ComputerSpeaker(self._hear, volume, card)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        async with asyncio.timeout(TIMEOUT_S):
            await self.speaker.close()

    def _hear(self, news):
        self.told.append(news)
        self._news.set()

    def play(self, reply, samples, *, whole=True):
        self.speaker.begin(reply)
        self.speaker.push(reply, samples)
        self.speaker.go(reply)
        if whole:
            self.speaker.finish(reply)

    async def until(self, reply, state):
        """The cursor of that reply with that state."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                for each in self.told:
                    if isinstance(each, Played) and (each.reply, each.state) == (reply, state):
                        return each
                self._news.clear()
                await self._news.wait()

    async def settled(self):
        """What sounded, once nothing of it is on its way any more."""
        await asyncio.sleep(SETTLED_S)
        return self.heard()


async def what_is_pushed_is_what_sounds(bench):
    sound = speech(40 * FRAME)
    bench.play(1, sound)
    done = await bench.until(1, DONE)
    heard = await bench.settled()

    assert [each.state for each in bench.told] == [STARTED, *[PLAYING] * 4, DONE]
    assert [each.samples // FRAME for each in bench.told] == [0, 10, 20, 30, 40, 40]
    assert done.samples == len(sound)
    # The first frame comes up from silence.
    assert place(heard, sound[FRAME:]) is not None


async def nothing_sounds_before_go(bench):
    sound = speech(10 * FRAME)
    bench.speaker.begin(1)
    bench.speaker.push(1, sound)
    bench.speaker.finish(1)
    assert not (await bench.settled()).any()

    bench.speaker.go(1)
    await bench.until(1, DONE)
    assert place(await bench.settled(), sound[FRAME:]) is not None


async def a_flushed_reply_falls_silent_and_tells_what_was_heard(bench):
    sound = speech(200 * FRAME)
    bench.play(1, sound)
    await bench.until(1, PLAYING)
    bench.speaker.flush(1)
    flushed = await bench.until(1, FLUSHED)
    heard = await bench.settled()

    # All but its last frame, which fades, and nothing after that.
    last = place(heard, sound[FRAME : flushed.samples - FRAME]) + flushed.samples - FRAME
    assert not heard[last:].any()
    assert 10 * FRAME <= flushed.samples < 100 * FRAME


async def a_reply_cuts_off_the_one_before(bench):
    first, second = speech(200 * FRAME), speech(20 * FRAME, seed=2)
    bench.play(1, first)
    await bench.until(1, PLAYING)
    bench.play(2, second)
    await bench.until(2, DONE)
    heard = await bench.settled()

    flushed = await bench.until(1, FLUSHED)
    assert bench.told.index(flushed) < bench.told.index(await bench.until(2, STARTED))
    assert place(heard, second[FRAME:]) is not None


async def what_is_told_of_another_reply_changes_nothing(bench):
    sound = speech(30 * FRAME)
    bench.play(2, sound, whole=False)
    bench.speaker.push(1, speech(FRAME))
    bench.speaker.finish(1)
    bench.speaker.flush(1)
    bench.speaker.go(1)
    bench.speaker.finish(2)
    await bench.until(2, DONE)

    assert {each.reply for each in bench.told} == {2}
    assert place(await bench.settled(), sound[FRAME:]) is not None


async def what_does_not_fit_the_buffer_waits_and_nothing_is_lost(bench):
    sound = speech(125 * FRAME)  # 2.5 s, where 2 fit
    bench.play(1, sound)
    assert bench.speaker._reply.queued_ms == 500
    await bench.speaker.drained(200)
    assert bench.speaker._reply.queued_ms <= 200
    await bench.until(1, DONE)

    assert place(await bench.settled(), sound[FRAME:]) is not None


CLAIMS = (
    what_is_pushed_is_what_sounds,
    nothing_sounds_before_go,
    a_flushed_reply_falls_silent_and_tells_what_was_heard,
    a_reply_cuts_off_the_one_before,
    what_is_told_of_another_reply_changes_nothing,
    what_does_not_fit_the_buffer_waits_and_nothing_is_lost,
)
