import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY
from mynah.turn.endpoint import PATIENCE_MS, SILENCE_MS, Endpoint

FRAME_MS = FRAME_SAMPLES // 16


class Scripted:
    """Says of each frame what a script says, then silence."""

    def __init__(self, *speech):
        self._speech = list(speech)

    def probability(self, frame):
        assert len(frame) == FRAME_SAMPLES
        return self._speech.pop(0) if self._speech else 0.0


def until_done(endpoint, piece=FRAME_SAMPLES):
    """How much it had to hear."""
    while not endpoint.hear(np.zeros(piece, np.int16)):
        assert endpoint.heard < 16 * 60_000
    return endpoint.heard / 16


def test_the_wearer_is_done_after_silence():
    endpoint = Endpoint(Scripted(*[0.9] * 10))

    assert until_done(endpoint) == pytest.approx(10 * FRAME_MS + SILENCE_MS, abs=FRAME_MS)
    assert endpoint.speech_end == 10 * FRAME_SAMPLES


def test_a_pause_that_is_shorter_is_no_end():
    pause = [0.0] * (SILENCE_MS // FRAME_MS)
    endpoint = Endpoint(Scripted(0.9, *pause, 0.9, *pause, 0.9))

    until_done(endpoint)

    assert endpoint.speech_end == (3 + 2 * len(pause)) * FRAME_SAMPLES


def test_who_says_nothing_is_waited_for_longer():
    endpoint = Endpoint(Scripted())

    assert until_done(endpoint) == pytest.approx(PATIENCE_MS, abs=FRAME_MS)
    assert endpoint.speech_end is None


@pytest.mark.parametrize(
    ("probability", "heard"), [(SPEECH_PROBABILITY, True), (SPEECH_PROBABILITY - 0.01, False)]
)
def test_what_counts_as_speech(probability, heard):
    endpoint = Endpoint(Scripted(probability))

    endpoint.hear(np.zeros(FRAME_SAMPLES, np.int16))

    assert (endpoint.speech_end is not None) == heard


@settings(deadline=None)
@given(st.lists(st.integers(0, 2000), max_size=30))
def test_it_does_not_matter_in_which_pieces_the_sound_comes(lengths):
    pieces, whole = Endpoint(Scripted(0.9, 0.9)), Endpoint(Scripted(0.9, 0.9))

    done = [pieces.hear(np.zeros(length, np.int16)) for length in lengths]

    assert pieces.heard == sum(lengths)
    assert whole.hear(np.zeros(sum(lengths), np.int16)) == (done[-1] if done else False)
    assert whole.speech_end == pieces.speech_end
