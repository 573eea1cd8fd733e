"""A press while the ring speaks silences it, and what is said next is captured from its start."""

import asyncio
import json
from array import array
from dataclasses import dataclass

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ, Samples
from mynah.emulator.wearer import LEAD_MS, Wearer
from mynah.turn.record import TurnRecord
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.uplink import FLUSHED, HOLD, STARTED, Cursor, Start
from tests.end_to_end.conversing import Talking, murmur, talking

CODEC = codec(IMA_ADPCM)
SILENT_WITHIN_MS = 150
OPEN_WITHIN_MS = 30
REPLY = "it takes more than three seconds to say this in tones of sixty milliseconds"


@dataclass
class Interruption:
    """All times are ring times."""

    press_ms: float
    release_ms: float
    clip: Samples
    captured: Samples
    speaker: Samples
    microphone: Samples
    cursors: list[Cursor]
    start_ms: float
    turns: list[TurnRecord]
    opened_at: int
    """The sample at which the microphone was opened for the second time."""


@pytest.fixture(scope="module")
def interruption(folder):
    """Somebody presses and speaks while the ring is in the middle of a reply."""
    return asyncio.run(interrupt(folder / "trace.jsonl"))


async def interrupt(trace):
    clip = murmur(0.8, seed=2)
    async with talking(REPLY, "words", trace=trace) as them:
        world = them.ring.world
        await Wearer(world).say(murmur(0.5))
        started = await them.client.until(Cursor, lambda cursor: cursor.state == STARTED)
        press_ms = max(them.ring_ms(started.device_ms) + 700, world.now_ms + LEAD_MS)
        world.press(press_ms)
        release_ms = world.say(clip, press_ms)
        world.release(release_ms)
        turns = [await them.turn(), await them.turn()]
        interruption = summed_up(them, press_ms, release_ms, clip, turns)
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    opened = [each["sample"] for each in events if each["event"] == "microphone" and each["on"]]
    interruption.opened_at = opened[1]
    return interruption


def summed_up(
    them: Talking, press_ms: float, release_ms: float, clip: Samples, turns: list[TurnRecord]
) -> Interruption:
    world = them.ring.world
    start = [each for each in them.client.heard if isinstance(each, Start)][1]
    assert start.cause == HOLD
    return Interruption(
        press_ms,
        release_ms,
        clip,
        them.transcriber.heard[1],
        world.speaker_samples(0, world.now_ms),
        world.microphone_samples(),
        [each for each in them.client.heard if isinstance(each, Cursor) and each.reply == 1],
        them.ring_ms(start.device_ms),
        turns,
        0,
    )


def at(ring_ms):
    return round(ring_ms * SPEECH_HZ / 1000)


def through_the_codec(samples):
    """As the ring codes them and the bridge decodes them; whole frames, the last one filled up."""
    frame, state = bytearray(CODEC.frame_bytes), array("i", (0, 0))
    pcm = bytearray(samples.astype("<i2").tobytes())
    pcm += bytes(-len(pcm) % CODEC.pcm_bytes)
    for start in range(0, len(pcm), CODEC.pcm_bytes):
        CODEC.encode_frame(pcm[start : start + CODEC.pcm_bytes], frame, 0, state)
        CODEC.decode_frame(bytes(frame), 0, pcm, start)
    return np.frombuffer(pcm, "<i2")


def test_the_speaker_is_silent_150_ms_after_the_press(interruption):
    press, quiet = at(interruption.press_ms), at(interruption.press_ms + SILENT_WITHIN_MS)

    assert interruption.speaker[press - 800 : press].any()
    assert not interruption.speaker[quiet : at(interruption.release_ms)].any()


def test_the_replys_last_cursor_says_flushed_and_how_much_was_heard(interruption):
    sounding = np.flatnonzero(interruption.speaker[: at(interruption.release_ms)])
    last = interruption.cursors[-1]

    assert [cursor.state for cursor in interruption.cursors].count(FLUSHED) == 1
    assert last.state == FLUSHED
    assert last.samples == pytest.approx(np.ptp(sounding) + 1, abs=CODEC.frame_samples)


def test_what_was_heard_of_the_reply_is_its_beginning(interruption):
    first, second = interruption.turns

    assert REPLY.startswith(first.heard)
    assert 0 < len(first.heard) < len(REPLY)
    assert (second.transcript, second.heard, second.error) == ("words", "words", None)


def test_the_microphone_opens_with_the_press(interruption):
    assert 0 <= interruption.opened_at - at(interruption.press_ms) <= at(OPEN_WITHIN_MS)


def test_the_stream_tells_when_its_first_sample_was_heard(interruption):
    opened_ms = interruption.opened_at * 1000 / SPEECH_HZ

    assert interruption.start_ms == pytest.approx(opened_ms, abs=CODEC.frame_ms)


def test_the_next_utterance_is_captured_whole_sample_by_sample(interruption):
    captured = interruption.captured
    heard = interruption.microphone[interruption.opened_at :][: len(captured)]

    assert np.array_equal(captured, through_the_codec(heard))
    late = interruption.opened_at - at(interruption.press_ms)
    assert np.array_equal(heard[: len(interruption.clip) - late], interruption.clip[late:])
    assert interruption.turns[1].link.lost_frames == 0
