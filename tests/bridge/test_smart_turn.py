import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.speech.models import find
from mynah.speech.smart_turn import HEARS_S, NAME, SmartTurn, heard
from tests.bridge.recordings import needs_model, needs_recordings, recordings


def test_short_sound_stands_at_the_end():
    found = heard(np.arange(1, SPEECH_HZ + 1, dtype=np.int16))

    assert len(found) == HEARS_S * SPEECH_HZ
    assert np.ptp(found[:-SPEECH_HZ]) == 0
    assert found[-1] == found.max()


def test_of_long_sound_the_end_is_heard():
    ramp = np.linspace(-9000, 9000, 20 * SPEECH_HZ).astype(np.int16)

    assert heard(ramp) == pytest.approx(heard(ramp[-HEARS_S * SPEECH_HZ :]))
    assert heard(ramp).mean() == pytest.approx(0, abs=1e-3)


def test_silence_is_no_division_by_zero():
    assert not heard(np.zeros(SPEECH_HZ, np.int16)).any()


@pytest.mark.model
@pytest.mark.speech
@needs_model(NAME)
@needs_recordings
def test_an_end_is_likelier_than_the_middle_of_a_word():
    model = SmartTurn(find(NAME))
    sounds = [read_speech(each.path) for each in recordings()[20:30]]
    ends = [model.probability(sound) for sound in sounds]
    middles = [model.probability(sound[: len(sound) // 2]) for sound in sounds]

    assert np.mean(ends) > np.mean(middles) + 0.2
