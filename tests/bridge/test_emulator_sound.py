"""The air around the emulated ring: what is put there stays in its place; it is never silent."""

import asyncio
import json
import struct
import wave

import numpy as np
import pytest

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.audio.levels import dbfs
from mynah.emulator.chip import _topics as topics
from mynah.emulator.noise import ROOM_DBFS, floor_of, room
from mynah.emulator.sound import Microphone, Speaker, samples_at
from mynah.emulator.trace import RingClock, Trace
from mynah.emulator.world import AHEAD_MS, World

PAUSE_DBFS = -50.0
BUTTON_PIN = 4


class HandClock(RingClock):
    """Ring time that moves when the test says so."""

    us = 0

    def now_us(self):
        return self.us


def speech(seconds=1.0):
    """A tone with a pause of hiss in its middle, which ends in the hiss too."""
    generator = np.random.default_rng(7)
    hiss = generator.normal(0, FULL_SCALE * 10 ** (PAUSE_DBFS / 20), int(seconds * SPEECH_HZ))
    tone = 8000 * np.sin(np.arange(len(hiss)) * 0.1)
    tone[len(hiss) // 3 : len(hiss) // 2] = 0
    tone[-SPEECH_HZ // 10 :] = 0
    return np.rint(hiss + tone).astype(np.int16)


def longest_run_of_zeros(samples):
    edges = np.flatnonzero(np.diff(np.concatenate(([1], samples != 0, [1]))))
    return int(np.max(np.diff(edges)[::2], initial=0))


@pytest.fixture
def microphone(tmp_path):
    microphone = Microphone(tmp_path / "microphone.raw")
    yield microphone
    microphone.close()


@pytest.fixture
async def world(tmp_path):
    clock, sent, events = HandClock(), [], []
    trace = Trace(clock)
    trace.listen(events.append)
    world = World(tmp_path, clock, trace, lambda *message: sent.append(message), button_pin=4)
    world.sent, world.events, world.hand = sent, events, clock
    yield world
    await world.close()


def test_a_clip_lies_at_its_sample_untouched(microphone):
    clip = speech()
    microphone.fill(20_000)

    end = microphone.say(clip, 12_345, now=10_000)

    microphone.fill(40_000)
    assert end == 12_345 + len(clip)
    assert np.array_equal(microphone.samples(end)[12_345:], clip)


def test_the_clips_own_floor_goes_on_before_and_after_it(microphone):
    microphone.fill(16_000)
    end = microphone.say(speech(), 16_000, now=0)
    microphone.fill(end + 5 * SPEECH_HZ)

    heard = microphone.samples(end + 5 * SPEECH_HZ)

    for first in (4_000, end + 200, end + 4 * SPEECH_HZ):
        assert dbfs(heard[first : first + 8_000]) == pytest.approx(PAUSE_DBFS, abs=1.5)
    assert longest_run_of_zeros(heard) < 4


def test_what_was_heard_already_is_not_changed(microphone):
    microphone.fill(20_000)
    before = microphone.samples(9_000)

    microphone.say(speech(), 15_000, now=9_000)

    assert np.array_equal(microphone.samples(9_000), before)


def test_a_clip_in_the_past_or_inside_another_is_refused(microphone):
    with pytest.raises(ValueError, match="sample 99 is taken: the ring is at 100"):
        microphone.say(speech(), 99, now=100)

    end = microphone.say(speech(), 100, now=100)

    with pytest.raises(ValueError, match=f"sample {end - 1} is taken"):
        microphone.say(speech(), end - 1, now=100)


def test_a_clip_that_ends_in_the_middle_of_a_word_does_not_click(microphone):
    clip = np.full(SPEECH_HZ, 20_000, np.int16)
    clip[:4_000] = speech()[5_500:9_500] // 8

    end = microphone.say(clip, 100, now=0)

    microphone.fill(end + 1_000)
    steps = np.abs(np.diff(microphone.samples(end + 1_000)[end - 1 :].astype(int)))
    assert steps.max() < 20_000 / 80 + 200


def test_a_clip_may_follow_another_before_its_floor_was_needed(microphone):
    first, second = speech(0.5), speech(0.3)
    microphone.fill(SPEECH_HZ)

    end = microphone.say(first, 5_000, now=0)
    microphone.say(second, end + 1, now=5_100)

    heard = microphone.samples(end + 1 + len(second))
    assert np.array_equal(heard[5_000:end], first)
    assert np.array_equal(heard[end + 1 :], second)


def test_live_sound_is_written_over_the_floor(microphone):
    microphone.fill(2_000)

    microphone.write(1_000, np.arange(1, 501, dtype=np.int16))

    heard = microphone.samples(2_000)
    assert np.array_equal(heard[1_000:1_500], np.arange(1, 501))
    assert heard[1_500:].any()


@pytest.mark.parametrize(
    "clip",
    [np.zeros(SPEECH_HZ, np.int16), np.zeros(0, np.int16), np.ones(3, np.int16) // 2],
    ids=["silent", "empty", "three samples"],
)
def test_a_recording_without_a_floor_gets_a_quiet_rooms(clip):
    noise = floor_of(clip).at(0, SPEECH_HZ)

    assert dbfs(noise) == pytest.approx(ROOM_DBFS, abs=1)
    assert longest_run_of_zeros(noise) < 8


def test_a_floor_is_the_same_each_time_and_another_with_another_seed():
    assert np.array_equal(room(1).at(5, 100), room(1).at(5, 100))
    assert not np.array_equal(room(1).at(5, 100), room(2).at(5, 100))


def test_a_floor_has_no_seam():
    noise = floor_of(speech()).at(0, 4 * 65_536).astype(int)

    steps = np.abs(np.diff(noise))

    assert steps[65_535::65_536].max() <= np.quantile(steps, 0.999)


def test_a_floor_sounds_like_the_pause_it_was_taken_from():
    generator = np.random.default_rng(3)
    rumble = np.convolve(generator.normal(0, 900, 2 * SPEECH_HZ), np.ones(16) / 16, "same")

    noise = floor_of(rumble.astype(np.int16)).at(0, 65_536)

    power = np.abs(np.fft.rfft(noise)) ** 2
    assert power[: len(power) // 8].sum() > 0.8 * power.sum()


def test_a_voice_that_never_pauses_is_not_in_the_floor():
    times = np.arange(2 * SPEECH_HZ) / SPEECH_HZ
    gliding = 4000 * np.sin(2 * np.pi * (150 * times + 40 * times**2) * [[1], [2], [3]]).sum(axis=0)
    hiss = np.random.default_rng(7).normal(0, FULL_SCALE * 10 ** (PAUSE_DBFS / 20), len(times))

    clip = np.rint(hiss + gliding).astype(np.int16)

    assert dbfs(floor_of(clip).at(0, SPEECH_HZ)) < dbfs(clip) - 20


def test_what_the_ring_did_not_play_was_silence(tmp_path):
    speaker = Speaker(tmp_path / "speaker.raw")
    with speaker.path.open("r+b") as ring:  # as the ring's stand-in writes it
        ring.seek(20)
        ring.write(struct.pack("<3h", 1, -2, 3))

    assert speaker.samples(9, 15).tolist() == [0, 1, -2, 3, 0, 0]


async def test_the_microphone_is_kept_ahead_of_the_ring(world):
    assert world.microphone.written == samples_at(AHEAD_MS)
    world.hand.us = 7_000_000

    await world.start()
    await asyncio.sleep(0)

    assert world.microphone.written == samples_at(7_000 + AHEAD_MS)


async def test_saying_keeps_the_floor_going_after_the_clip(world):
    world.hand.us = 500_000

    end_ms = world.say(speech(1.5), 600)

    assert end_ms == 2_100
    assert world.microphone.written >= samples_at(500 + AHEAD_MS)
    world.hand.us = 2_000_000
    world.say(speech(), 2_500)
    assert world.microphone.written >= samples_at(3_500)


async def test_a_press_is_sent_for_its_time_and_pulls_the_pin_low(world):
    world.hand.us = 1_000

    world.press(20.5)
    world.release()

    messages = [(topic, *struct.unpack("<QBB", body)) for topic, body in world.sent]
    epoch = world.hand.epoch_us
    assert messages == [
        (topics.PIN, epoch + 20_500, BUTTON_PIN, 0),
        (topics.PIN, epoch + 1_000, BUTTON_PIN, 1),
    ]
    assert [(event["event"], event["at_us"]) for event in world.events] == [
        ("press", 20_500),
        ("release", 1_000),
    ]


async def test_both_recordings_end_now(world, tmp_path):
    world.hand.us = 1_500_000

    await world.close(tmp_path)

    lengths = []
    for name in ("microphone", "speaker"):
        with wave.open(str(tmp_path / f"{name}.wav")) as file:
            assert (file.getframerate(), file.getnchannels()) == (SPEECH_HZ, 1)
            lengths.append(file.getnframes())
    assert lengths == [24_000, 24_000]


def test_a_trace_is_one_object_a_line_with_its_ring_time(tmp_path):
    clock = HandClock()
    trace = Trace(clock, tmp_path / "trace.jsonl")
    clock.us = 42

    trace.host("press", at_us=50)
    trace.ring(b'{"event": "light", "us": 41, "rgb": [1, 2, 3]}')
    trace.close()
    trace.host("unheard")

    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert lines == [
        {"us": 42, "source": "host", "event": "press", "at_us": 50},
        {"us": 41, "source": "ring", "event": "light", "rgb": [1, 2, 3]},
    ]
