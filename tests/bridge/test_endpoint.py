import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY
from mynah.turn.endpoint import PATIENCE_MS, PAUSE_MS, SILENCE_MS, Change, Endpoint

FRAME_MS = FRAME_SAMPLES // 16


TWICE = [0.9, 0.9, *[0.0] * 5, 0.9, 0.9]  # frames


def silence(samples):
    return np.zeros(samples, np.int16)


class Scripted:
    """Says of each frame what a script says, then silence."""

    def __init__(self, *speech):
        self._speech = list(speech)

    def probability(self, frame):
        assert len(frame) == FRAME_SAMPLES
        return self._speech.pop(0) if self._speech else 0.0


def until_done(endpoint, piece=FRAME_SAMPLES):
    """How much it had to hear."""
    while not endpoint.done:
        endpoint.hear(silence(piece))
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

    endpoint.hear(silence(FRAME_SAMPLES))

    assert (endpoint.speech_end is not None) == heard


@settings(deadline=None)
@given(st.lists(st.integers(0, 2000), max_size=30))
def test_it_does_not_matter_in_which_pieces_the_sound_comes(lengths):
    pieces, whole = Endpoint(Scripted(*TWICE)), Endpoint(Scripted(*TWICE))

    changes = [change for length in lengths for change in pieces.hear(silence(length))]

    assert pieces.heard == sum(lengths)
    assert whole.hear(silence(sum(lengths))) == changes
    assert standing(whole) == standing(pieces)


def standing(endpoint):
    return endpoint.speech_end, endpoint.paused, endpoint.pause_ms, endpoint.done


def changes_of(*speech):
    """Of so many frames, each with its number."""
    endpoint = Endpoint(Scripted(*speech))
    frames = range(len(speech))
    return endpoint, [(n, c) for n in frames for c in endpoint.hear(silence(FRAME_SAMPLES))]


def test_a_pause_is_known_after_two_frames_and_ends_with_two_of_voice():
    endpoint, changes = changes_of(0.9, *[0.0] * 5, 0.9, 0.9, 0.0, 0.0)

    assert PAUSE_MS == 2 * FRAME_MS
    assert changes == [(2, Change.PAUSED), (7, Change.RESUMED), (9, Change.PAUSED)]
    assert endpoint.paused
    assert endpoint.pause_ms == 5 * FRAME_MS


def test_a_single_frame_is_neither_a_pause_nor_the_end_of_one():
    endpoint, changes = changes_of(0.9, 0.0, 0.9, 0.0, 0.0, 0.9, 0.0, 0.9, 0.0)

    assert changes == [(4, Change.PAUSED)]
    assert endpoint.paused
    assert endpoint.pause_ms == 0


def test_before_the_first_word_there_is_no_pause():
    endpoint, changes = changes_of(*[0.0] * 20)

    assert changes == []
    assert not endpoint.paused


def test_the_wait_may_change_while_it_lasts():
    endpoint, _ = changes_of(0.9, *[0.0] * 10)

    assert not endpoint.done
    endpoint.wait_ms = 10 * FRAME_MS
    assert endpoint.done
    endpoint.wait_ms = 11 * FRAME_MS
    assert not endpoint.done
