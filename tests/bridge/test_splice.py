import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.speech.splice import (
    END_POSITIONS,
    PAD_SAMPLES,
    SHORTEST_SAMPLES,
    WINDOW_FRAMES,
    Splice,
    padded,
)

BANDS = 80


class Encoder:
    """Two frames a position, which remembers their mean; as long as Whisper's, or it refuses."""

    def __init__(self):
        self.frames = []

    def __call__(self, features):
        bands, frames = features.shape
        assert bands == BANDS
        assert frames <= WINDOW_FRAMES
        self.frames.append(frames)
        positions = -(-frames // 2)
        level = np.arange(positions, dtype=np.float32) + float(features.mean())
        return np.repeat(level[None, :, None], 4, axis=2)


def test_the_silence_is_encoded_once():
    encoder = Encoder()
    splice = Splice(encoder, BANDS)
    for _ in range(3):
        splice.encoded(np.zeros((BANDS, 400), np.float32))

    assert encoder.frames == [WINDOW_FRAMES, 400, 400, 400]


def test_the_end_of_the_window_follows_the_sound():
    encoder = Encoder()
    spliced = Splice(encoder, BANDS).encoded(np.zeros((BANDS, 400), np.float32))

    assert spliced.shape == (1, 200 + END_POSITIONS, 4)
    assert spliced[0, 199, 0] == pytest.approx(199)
    assert spliced[0, -1, 0] == pytest.approx(WINDOW_FRAMES / 2 - 1 - 0.8)


def test_more_than_a_window_is_cut_and_not_refused():
    spliced = Splice(Encoder(), BANDS).encoded(np.zeros((BANDS, WINDOW_FRAMES + 70), np.float32))

    assert spliced.shape[1] == WINDOW_FRAMES // 2 + END_POSITIONS


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.9, 11.0])
def test_zeros_follow_and_a_word_alone_gets_more(seconds):
    sound = np.ones(round(seconds * SPEECH_HZ), np.float32)
    longer = padded(sound)

    assert np.array_equal(longer[: len(sound)], sound)
    assert not longer[len(sound) :].any()
    assert len(longer) >= max(SHORTEST_SAMPLES, len(sound) + PAD_SAMPLES)
    assert len(longer) in {SHORTEST_SAMPLES, len(sound) + PAD_SAMPLES}
