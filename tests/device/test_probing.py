"""What the tests of a ring's parts make of what they measured, and what the ring does meanwhile."""

import math
import random

import numpy as np
import pytest

from mynah_device import actions
from mynah_device.probing import (
    FRAME_MS,
    FRAME_SAMPLES,
    PHASES,
    SETTLING_FRAMES,
    Rate,
    Sound,
    reason,
    words,
)
from mynah_wire.uplink import PRESS, RELEASE, Button, Touch
from tests.device.rings import connected

BLOCK_US = 16_000
LISTENED_S = 10
EXACT_PPM = 20


def sums(samples):
    """What `probes_viper.measure` makes of a frame."""
    samples = np.asarray(samples, np.int64)
    squares = samples**2
    by_phase = [int(samples[phase::PHASES].sum()) for phase in range(PHASES)]
    loud = np.abs(samples)
    clipped = int((loud >= 32767).sum())
    halves = int((squares >> 16).sum()), int((squares & 0xFFFF).sum())
    return [int(samples.sum()), *halves, clipped, int(loud.max()), *by_phase]


def heard(samples):
    frames = len(samples) // FRAME_SAMPLES
    sound = Sound(frames)
    for frame in np.split(np.asarray(samples[: frames * FRAME_SAMPLES]), frames):
        sound.frame(sums(frame))
    return dict(sound.values()) | dict(sound.tone())


def sine(dbfs, hz, seconds=1.0):
    times = np.arange(round(16_000 * seconds)) / 16_000
    peak = 32768 * 10 ** (dbfs / 20) * math.sqrt(2)
    return np.clip(np.rint(peak * np.sin(2 * np.pi * hz * times)), -32768, 32767)


def noise(dbfs, seconds=1.0):
    strength = 32768 * 10 ** (dbfs / 20)
    return np.rint(np.random.default_rng(1).normal(0, strength, round(16_000 * seconds)))


@pytest.mark.parametrize("dbfs", [-60, -30, -10, -3.01])
def test_a_tone_has_the_level_that_it_was_made_with(dbfs):
    found = heard(sine(dbfs, 440))

    assert found["level_dbfs"] == pytest.approx(dbfs, abs=0.11)
    assert found["peak_dbfs"] == pytest.approx(dbfs + 3.01, abs=0.11)


def test_an_offset_is_no_sound():
    found = heard(noise(-60) + 1638)

    assert found["offset_percent"] == pytest.approx(5, abs=0.01)
    assert found["level_dbfs"] == pytest.approx(-60, abs=0.3)


def test_the_floor_is_what_is_between_the_words():
    found = heard(np.concatenate([noise(-65), sine(-20, 300), noise(-65)]))

    assert found["floor_dbfs"] == pytest.approx(-65, abs=1)
    assert found["loudest_dbfs"] == pytest.approx(-20, abs=0.2)


def test_clipped_samples_are_counted():
    found = heard(np.clip(2 * sine(-3.01, 100), -32768, 32767))

    assert found["clipped_percent"] == pytest.approx(100 * 2 / 3, abs=2)


def test_silence_is_a_number():
    assert heard(np.zeros(3200))["level_dbfs"] == -120


def test_1_khz_is_found_in_noise_and_when_it_began():
    rest = noise(-50, 0.5)
    found = heard(np.concatenate([rest, sine(-30, 1000) + noise(-50), rest]))

    assert found["tone_dbfs"] == pytest.approx(-30, abs=0.5)
    assert found["tone_ms"] == 1000
    assert found["tone_at_ms"] == 500 + SETTLING_FRAMES * FRAME_MS


@pytest.mark.parametrize("other", [sine(-30, 700), noise(-30)])
def test_nothing_else_is_taken_for_the_tone(other):
    found = heard(np.concatenate([noise(-80, 0.5), other[:8000], noise(-80, 0.5)]))

    assert found["tone_dbfs"] < -38


@pytest.mark.parametrize("ppm", [-300, 0, 35, 800])
def test_the_clock_is_found_within_20_ppm_though_each_frame_comes_late_by_up_to_5_ms(ppm):
    late = random.Random(1)
    frames = LISTENED_S * 50
    rate = Rate(frames)
    begun_us = 123_456
    for frame in range(1, frames + 1):
        blocks = -(-frame * FRAME_SAMPLES // 256)
        came_us = blocks * BLOCK_US / (1 + ppm / 1e6)
        rate.frame(round(begun_us + came_us + late.expovariate(1 / 1000)))

    assert rate.ppm == pytest.approx(ppm, abs=EXACT_PPM)


def test_without_time_there_is_no_rate():
    rate = Rate(3)
    rate.frame(20_000)

    assert rate.ppm == 0


def test_what_is_told_has_spaces_between_words_alone():
    assert words(("reset", "power on"), ("level_dbfs", -3.0)) == "reset=power_on level_dbfs=-3.00"
    assert reason("motion: nobody at 0x6a") == "reason=motion:_nobody_at_0x6a"


def test_a_press_while_a_test_runs_is_told_and_does_nothing_else():
    shell, host = connected()
    shell.ring.workshop.probing = True
    shell.event(actions.PRESSED)
    shell.pass_time(50)
    shell.event(actions.RELEASED)
    shell.pass_time(1000)
    told = host.listen()

    assert [each.gesture for each in told if isinstance(each, Button)] == [PRESS, RELEASE]
    assert not [each for each in told if isinstance(each, Touch)]
    assert not shell.ring.talk.hears


def test_a_press_counts_again_when_the_host_that_asked_is_gone():
    shell, _ = connected()
    shell.ring.workshop.probing = True
    shell.disconnect()
    shell.event(actions.PRESSED)

    assert shell.ring.talk.hears


def test_a_test_that_listens_lights_the_microphones_light_and_keeps_the_flash_still():
    shell, _ = connected()
    shell.ring.workshop.hears = True

    assert shell.ring.light == "hearing"
    assert not shell.ring.quiet
