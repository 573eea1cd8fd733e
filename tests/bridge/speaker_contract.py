"""What every speaker does: this computer's, whatever card is behind it, and the ring's."""

import asyncio

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.computer_speaker import ComputerSpeaker
from mynah.audio.speaker import Played
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, PLAYING, STARTED

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

    @property
    def queued_ms(self):
        return self.speaker._reply.queued_ms

    def spoken(self, sound):
        """What it makes of a sound from a reply's first sample on."""
        return sound

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
    assert place(heard, bench.spoken(sound)[FRAME:]) is not None


async def nothing_sounds_before_go(bench):
    sound = speech(10 * FRAME)
    bench.speaker.begin(1)
    bench.speaker.push(1, sound)
    bench.speaker.finish(1)
    assert not (await bench.settled()).any()

    bench.speaker.go(1)
    await bench.until(1, DONE)
    assert place(await bench.settled(), bench.spoken(sound)[FRAME:]) is not None


async def a_flushed_reply_falls_silent_and_tells_what_was_heard(bench):
    sound = speech(200 * FRAME)
    bench.play(1, sound)
    await bench.until(1, PLAYING)
    bench.speaker.flush(1)
    flushed = await bench.until(1, FLUSHED)
    heard = await bench.settled()

    # All but its last frame, which fades, and nothing after that.
    spoken = bench.spoken(sound)
    last = place(heard, spoken[FRAME : flushed.samples - FRAME]) + flushed.samples - FRAME
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
    assert place(heard, bench.spoken(second)[FRAME:]) is not None


async def what_is_told_of_another_reply_changes_nothing(bench):
    sound = speech(30 * FRAME)
    bench.play(2, sound, whole=False)
    bench.speaker.push(1, speech(FRAME))
    for command in ("finish", "flush", "go", "duck", "pause", "resume", "drop"):
        getattr(bench.speaker, command)(1)
    bench.speaker.finish(2)
    await bench.until(2, DONE)

    assert {each.reply for each in bench.told} == {2}
    assert place(await bench.settled(), bench.spoken(sound)[FRAME:]) is not None


async def what_does_not_fit_the_buffer_waits_and_nothing_is_lost(bench):
    sound = speech(125 * FRAME)  # 2.5 s, where 2 fit
    bench.play(1, sound)
    await bench.speaker.drained(500)
    assert bench.queued_ms == 500
    await bench.speaker.drained(200)
    assert bench.queued_ms <= 200
    await bench.until(1, DONE)

    assert place(await bench.settled(), bench.spoken(sound)[FRAME:]) is not None


async def a_ducked_reply_goes_on_softly_until_it_is_resumed(bench):
    sound = speech(50 * FRAME)
    bench.play(1, sound)
    await bench.until(1, PLAYING)
    bench.speaker.duck(1)
    await asyncio.sleep(0.4)
    bench.speaker.resume(1)
    await bench.until(1, DONE)
    spoken = bench.spoken(sound).astype(int)
    heard = await bench.settled()

    start = place(heard, spoken[FRAME : 2 * FRAME]) - FRAME
    off = heard[start : start + len(spoken)].astype(int)
    softly = (abs(off - spoken / 4) <= 1).reshape(-1, FRAME).all(1)
    loudly = (off == spoken).reshape(-1, FRAME).all(1)
    assert 15 <= softly.sum() <= 20
    assert softly.sum() + loudly.sum() == 50 - 3  # it rises, goes down, and rises again
    assert PAUSED not in [each.state for each in bench.told]


async def a_paused_reply_fades_tells_its_place_and_goes_on_from_there(bench):
    sound = speech(150 * FRAME)  # more than the buffer holds: it fills up while nothing is heard
    bench.play(1, sound)
    await bench.until(1, PLAYING)
    bench.speaker.pause(1)
    paused = await bench.until(1, PAUSED)
    await asyncio.sleep(1)
    bench.speaker.resume(1)
    done = await bench.until(1, DONE)
    spoken, heard = bench.spoken(sound), await bench.settled()

    assert done.samples == len(sound)
    assert [each.state for each in bench.told].count(STARTED) == 1
    before, after = spoken[: paused.samples], spoken[paused.samples :]
    fall = place(heard, before[FRAME:-FRAME]) + len(before) - 2 * FRAME
    rise = place(heard, after[FRAME:]) - FRAME
    _is_faded(before[-FRAME:], heard[fall:])
    assert not heard[fall + FRAME : rise].any()
    assert 0.9 <= (rise - fall) / SPEECH_HZ <= 1.1
    _is_faded(after[FRAME - 1 :: -1], heard[rise + FRAME - 1 :: -1])


def _is_faded(frame, heard):
    """It begins as it is, and is nothing at its end."""
    loudness = np.linspace(1, 0, FRAME)
    assert heard[:FRAME] == pytest.approx(frame * loudness, abs=120)


async def a_paused_reply_that_is_flushed_ended_where_it_was_paused(bench):
    bench.play(1, speech(150 * FRAME))
    await bench.until(1, PLAYING)
    bench.speaker.pause(1)
    paused = await bench.until(1, PAUSED)
    await asyncio.sleep(1)
    bench.speaker.flush(1)
    flushed = await bench.until(1, FLUSHED)

    assert flushed.samples == paused.samples
    assert flushed.at_ms == pytest.approx(paused.at_ms, abs=21)  # a frame


async def a_reply_that_comes_while_one_is_paused_ends_it_and_sounds_whole(bench):
    second = speech(120 * FRAME, seed=2)
    bench.play(1, speech(150 * FRAME))
    await bench.until(1, PLAYING)
    bench.speaker.duck(1)
    bench.speaker.pause(1)
    paused = await bench.until(1, PAUSED)
    bench.play(2, second)
    bench.speaker.resume(1)
    await bench.until(2, DONE)

    assert (await bench.until(1, FLUSHED)).samples == paused.samples
    assert place(await bench.settled(), bench.spoken(second)[FRAME:]) is not None


async def a_dropped_reply_is_never_heard_or_told_and_its_room_is_free_again(bench):
    for reply in range(1, 9):
        bench.speaker.begin(reply)
        bench.speaker.push(reply, speech(25 * FRAME))
        await asyncio.sleep(0.2)
        bench.speaker.drop(reply)
        bench.speaker.push(reply, speech(FRAME))
        bench.speaker.finish(reply)
        bench.speaker.go(reply)
    assert not (await bench.settled()).any()
    assert bench.told == []
    assert bench.queued_ms == 0

    last = speech(125 * FRAME, seed=2)
    bench.play(9, last)
    await bench.until(9, DONE)
    assert place(await bench.settled(), bench.spoken(last)[FRAME:]) is not None


async def a_drop_after_go_changes_nothing(bench):
    sound = speech(30 * FRAME)
    bench.play(1, sound, whole=False)
    bench.speaker.drop(1)
    bench.speaker.finish(1)
    await bench.until(1, STARTED)
    bench.speaker.drop(1)
    await bench.until(1, DONE)

    assert place(await bench.settled(), bench.spoken(sound)[FRAME:]) is not None


ASIDE = (
    a_ducked_reply_goes_on_softly_until_it_is_resumed,
    a_paused_reply_fades_tells_its_place_and_goes_on_from_there,
    a_paused_reply_that_is_flushed_ended_where_it_was_paused,
    a_reply_that_comes_while_one_is_paused_ends_it_and_sounds_whole,
    a_dropped_reply_is_never_heard_or_told_and_its_room_is_free_again,
    a_drop_after_go_changes_nothing,
)
CLAIMS = (
    what_is_pushed_is_what_sounds,
    nothing_sounds_before_go,
    a_flushed_reply_falls_silent_and_tells_what_was_heard,
    a_reply_cuts_off_the_one_before,
    what_is_told_of_another_reply_changes_nothing,
    what_does_not_fit_the_buffer_waits_and_nothing_is_lost,
)
