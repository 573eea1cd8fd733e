"""How a voice falls, on tones whose loudness is known."""

import time

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.turn.prosody import NEUTRAL, TAIL_MS, prosody

CEILING_S = 0.005


def tone(duration_ms, level_dbfs):
    time_s = np.arange(SPEECH_HZ * duration_ms // 1000) / SPEECH_HZ
    peak = np.sqrt(2) * 10 ** (level_dbfs / 20) * 32768
    return (peak * np.sin(2 * np.pi * 200 * time_s)).astype(np.int16)


def spoken(*levels_dbfs):
    """A clause, and its last syllable."""
    before, tail = levels_dbfs
    return np.concatenate([tone(1000, before), tone(TAIL_MS, tail)])


@pytest.mark.parametrize("fall_db", [-6, 0, 3, 6])
def test_a_fall_in_loudness_is_measured(fall_db):
    assert prosody(spoken(-20, -20 - fall_db)).level_fall == pytest.approx(fall_db / 10, abs=0.1)


def test_a_recordings_level_is_no_matter():
    loud, soft = prosody(spoken(-12, -18)), prosody(spoken(-32, -38))

    assert loud.level_fall == pytest.approx(soft.level_fall, abs=0.1)


@pytest.mark.parametrize("before", [-3, -90])
def test_no_fall_is_steeper_than_can_be_meant(before):
    assert abs(prosody(spoken(before, -90 - before)).level_fall) == 0.7


def test_digital_silence_falls_nowhere():
    assert prosody(np.zeros(SPEECH_HZ, np.int16)).level_fall == 0.0


@pytest.mark.parametrize("samples", [0, 1, 159, SPEECH_HZ * TAIL_MS // 1000])
def test_a_sound_too_short_to_fall_is_neutral(samples):
    assert prosody(tone(1000, -20)[:samples]) == NEUTRAL


def test_a_pause_is_judged_in_less_than_5_ms():
    sound = spoken(-20, -30)

    def took_s():
        begin = time.perf_counter()
        prosody(sound)
        return time.perf_counter() - begin

    assert min(took_s() for _ in range(20)) < CEILING_S
