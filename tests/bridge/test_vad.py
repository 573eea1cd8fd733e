import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.speech.onnx import session
from mynah.speech.vad import (
    FRAME_SAMPLES,
    SileroVad,
    last_speech_end,
    model_path,
    speech_probabilities,
)
from mynah.speech.windows import LONGEST_FRAMES, MARGIN_FRAMES, windows
from tests.bridge.recordings import needs_recordings, recordings


def noise(seconds, amplitude=200, seed=1):
    values = np.random.default_rng(seed).normal(0, amplitude, int(seconds * SPEECH_HZ))
    return values.astype(np.int16)


@pytest.fixture(scope="module")
def speech():
    return read_speech(recordings()[0].path)


@pytest.mark.parametrize("sound", [np.zeros(SPEECH_HZ, np.int16), noise(2), noise(2, 6000)])
def test_silence_and_noise_are_not_speech(sound):
    assert speech_probabilities(sound).max() < 0.3
    assert last_speech_end(sound) is None


def test_no_sound_has_no_frames():
    assert len(speech_probabilities(np.zeros(0, np.int16))) == 0
    assert last_speech_end(np.zeros(0, np.int16)) is None


@pytest.mark.speech
@needs_recordings
def test_speech_is_heard_in_every_recording():
    for each in recordings():
        sound = read_speech(each.path)
        assert (speech_probabilities(sound) >= 0.5).mean() > 0.3, each.path.name


@pytest.mark.speech
@needs_recordings
def test_frame_by_frame_gives_what_the_whole_recording_gives(speech):
    whole = speech_probabilities(speech)
    vad = SileroVad()

    frames = [speech[at : at + FRAME_SAMPLES] for at in range(0, len(speech), FRAME_SAMPLES)]
    single = [vad.probability(frame) for frame in frames]

    assert single == pytest.approx(whole, abs=1e-4)


@pytest.mark.speech
@needs_recordings
def test_a_reset_forgets_what_was_heard(speech):
    vad = SileroVad()
    first = vad.probabilities(speech)
    vad.reset()

    assert np.array_equal(vad.probabilities(speech), first)


def test_two_detectors_share_a_model_and_each_remembers_its_own():
    sound = np.random.default_rng(1).normal(0, 3000, (9, FRAME_SAMPLES)).astype(np.int16)
    alone, *others = SileroVad(), SileroVad(), SileroVad()
    expected = [alone.probability(frame) for frame in sound]
    heard = [[other.probability(frame) for other in others] for frame in sound]

    assert session(model_path()) is session(model_path())
    assert heard == [[each, each] for each in expected]


@pytest.mark.speech
@needs_recordings
def test_what_follows_speech_does_not_move_its_end(speech):
    end = last_speech_end(speech)
    longer = np.concatenate([speech, noise(3, 20)])

    assert end is not None
    assert end % FRAME_SAMPLES == 0 or end == len(speech)
    assert last_speech_end(longer) == pytest.approx(end, abs=2 * FRAME_SAMPLES)


def probabilities(*runs):
    """Frames of speech (1) and silence (0): (value, frames) pairs."""
    return np.repeat(
        np.array([value for value, _ in runs], np.float32), [frames for _, frames in runs]
    )


def in_frames(found):
    return [(start / FRAME_SAMPLES, end / FRAME_SAMPLES) for start, end in found]


def test_silence_has_no_windows():
    assert windows(probabilities((0.1, 500))) == []
    assert windows(np.zeros(0, np.float32)) == []


def test_a_window_is_the_speech_and_a_margin():
    found = in_frames(windows(probabilities((0, 100), (1, 50), (0, 100))))

    assert found == [(100 - MARGIN_FRAMES, 150 + MARGIN_FRAMES)]


def test_long_speech_is_cut_at_its_longest_pause():
    runs = [(1, 200), (0, 5), (1, 40), (0, 20), (1, 40), (0, 4), (1, 200)]
    found = in_frames(windows(probabilities(*runs)))

    assert found[0] == (0, 255)
    assert found[1][0] == 255


def test_a_long_silence_is_in_no_window():
    found = in_frames(windows(probabilities((1, 100), (0, 5000), (1, 100))))

    assert found == [(0, 100 + MARGIN_FRAMES), (5100 - MARGIN_FRAMES, 5200)]


def test_every_frame_of_speech_is_in_exactly_one_window():
    random = np.random.default_rng(7)
    for _ in range(50):
        runs = [(int(random.integers(0, 2)), int(random.integers(1, 300))) for _ in range(60)]
        levels = probabilities(*runs)
        covered = np.zeros(len(levels), int)
        for start, end in in_frames(windows(levels)):
            assert 0 < end - start <= LONGEST_FRAMES
            covered[int(start) : int(end)] += 1

        assert covered.max() <= 1
        assert covered[levels > 0].min(initial=1) == 1


def test_speech_without_any_pause_is_cut_all_the_same():
    found = in_frames(windows(probabilities((1, 5 * LONGEST_FRAMES))))

    assert len(found) >= 5
    assert found[-1][1] == 5 * LONGEST_FRAMES
