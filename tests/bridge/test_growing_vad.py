import numpy as np
import pytest

from mynah.speech.growing import GrowingVad
from mynah.speech.vad import FRAME_SAMPLES


class CountingVad:
    """A frame's probability is its first sample; knows how many frames it was shown since reset."""

    def __init__(self):
        self.frames = self.resets = 0

    def reset(self):
        self.resets += 1

    def probabilities(self, samples):
        self.frames += len(samples) // FRAME_SAMPLES
        return samples[::FRAME_SAMPLES].astype(np.float32)


def sound(*frames):
    return np.repeat(np.array(frames, np.int16), FRAME_SAMPLES)


@pytest.fixture
def counting():
    return CountingVad()


def test_what_was_heard_before_is_not_computed_again(counting):
    vad = GrowingVad(counting)
    vad.probabilities(sound(1, 2, 3))
    found = vad.probabilities(sound(1, 2, 3, 4))

    assert found.tolist() == [1, 2, 3, 4]
    assert counting.frames == 4


def test_another_sound_begins_anew(counting):
    vad = GrowingVad(counting)
    vad.probabilities(sound(1, 2, 3))

    assert vad.probabilities(sound(5, 2, 3)).tolist() == [5, 2, 3]
    assert vad.probabilities(sound(5, 2)).tolist() == [5, 2]
    assert counting.resets == 2


def test_less_than_a_frame_at_the_end_is_taken_for_what_came_before(counting):
    vad = GrowingVad(counting)

    assert vad.probabilities(sound(1, 2)[:-5]).tolist() == [1, 1]
    assert vad.probabilities(sound(1, 2)).tolist() == [1, 2]
    assert vad.probabilities(sound(1)[:5]).tolist() == []


def test_the_answer_is_not_what_is_kept(counting):
    vad = GrowingVad(counting)
    samples = sound(1, 2)
    vad.probabilities(samples)[:] = 9
    samples[:] = 7

    assert vad.probabilities(sound(1, 2, 3)).tolist() == [1, 2, 3]
