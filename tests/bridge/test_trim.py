import numpy as np
import pytest

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.audio.levels import BLOCK_MS, first_sound
from mynah.audio.resample import Resampler
from mynah.audio.trim import LEAST_PAUSE_MS, trimmed

VOICE_HZ = 22_050
LOUD = 9000


def ms(length_ms, rate_hz=SPEECH_HZ):
    return length_ms * rate_hz // 1000


def sound_between(before_ms, after_ms, rate_hz=SPEECH_HZ):
    """300 ms of a tone that begins and ends at its peak, in silence."""
    tone = LOUD * np.cos(2 * np.pi * 200 * np.arange(ms(300, rate_hz)) / rate_hz)
    silence = np.zeros(ms(before_ms, rate_hz)), np.zeros(ms(after_ms, rate_hz))
    return np.concatenate([silence[0], tone, silence[1]]).astype(np.int16)


def joined(parts):
    """As one reply: through one filter."""
    resampler = Resampler(VOICE_HZ, SPEECH_HZ)
    pushed = [resampler.push(part.astype(np.float32) / FULL_SCALE) for part in parts]
    return np.concatenate([*pushed, resampler.finish()]).astype(int)


@pytest.mark.parametrize("before_ms", [0, 3, 10, 50, 77, 520])
@pytest.mark.parametrize("after_ms", [0, 30, 100, 700])
def test_a_clause_begins_with_its_sound_and_ends_with_a_short_pause(before_ms, after_ms):
    got = trimmed(sound_between(before_ms, after_ms), SPEECH_HZ, 120)

    assert first_sound(got) in {0, ms(10)}
    first, last = np.flatnonzero(got)[[0, -1]]
    assert last - first == pytest.approx(ms(300), abs=ms(1))
    pause = len(got) - 1 - last
    kept = max(min(after_ms, 120), LEAST_PAUSE_MS)
    assert ms(kept - 1) <= pause <= ms(kept + BLOCK_MS)


def test_silence_alone_is_trimmed_away():
    assert len(trimmed(np.full(3333, 20, np.int16), SPEECH_HZ, 120)) == 0
    assert len(trimmed(np.zeros(0, np.int16), SPEECH_HZ, 120)) == 0


def test_clauses_join_without_a_click():
    abrupt = sound_between(0, 0, VOICE_HZ)
    inside = np.abs(np.diff(abrupt.astype(int))).max()

    clicks = np.abs(np.diff(joined([abrupt, -abrupt]))).max()
    step = np.abs(np.diff(joined([trimmed(abrupt, VOICE_HZ, 120)] * 3))).max()

    assert clicks > LOUD
    assert step < 2 * inside < LOUD / 4


def test_what_the_filter_holds_back_at_the_end_is_silence():
    for samples in range(4000, 9000, 331):
        resampler = Resampler(VOICE_HZ, SPEECH_HZ)
        clause = trimmed(np.full(samples, LOUD, np.int16), VOICE_HZ, 60)
        resampler.push(clause.astype(np.float32) / FULL_SCALE)

        assert np.abs(resampler.finish().astype(int)).max() < LOUD / 100
