"""People's own speech, through the ring's codec and the real detector."""

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY, SileroVad, speech_probabilities
from mynah.turn.endpoint import SILENCE_MS
from mynah_wire.uplink import SAID, Audio
from tests.bridge.listening import CODEC, FRAME_MS, JUDGED_MS, STREAM, Listening, coded
from tests.bridge.recordings import needs_recordings, recordings

PEOPLE = 8
PAUSE_MS = 2000
FLOOR = 20  # of a room's noise
DOUBT_MS = 200  # about where a voice ends, after other sound than the recording alone


def room(ms):
    noise = np.random.default_rng(5).normal(0, FLOOR, ms * SPEECH_HZ // 1000)
    return noise.astype(np.int16)


def play(ring, samples):
    for start in range(0, len(samples) - CODEC.frame_samples + 1, CODEC.frame_samples):
        sound = samples[start : start + CODEC.frame_samples]
        ring.says(Audio(STREAM, ring.frame, coded(sound)))
        ring.frame += 1


def voice_ms(samples):
    """Where each frame of voice begins."""
    voice = speech_probabilities(samples) >= SPEECH_PROBABILITY
    return np.flatnonzero(voice) * FRAME_SAMPLES * 1000 // SPEECH_HZ


def without_pauses():
    """Recordings of people who don't stop for long enough to be taken for done."""
    for each in recordings():
        sound = read_speech(each.path)
        voice = voice_ms(sound)
        if np.diff(voice).max() < SILENCE_MS - DOUBT_MS:
            yield each.path.name, sound, voice


@pytest.mark.speech
@needs_recordings
def test_each_person_is_heard_whole_in_a_turn_of_their_own():
    ring = Listening(SileroVad).tap()
    play(ring, room(PAUSE_MS))
    expected = []
    for name, sound, voice in list(without_pauses())[:PEOPLE]:
        began_ms = ring.frame * FRAME_MS
        expected.append((name, began_ms + voice[0], began_ms + voice[-1] + JUDGED_MS))
        play(ring, sound)
        play(ring, room(PAUSE_MS))

    assert len(expected) == PEOPLE
    assert [each.end.verdict for each in ring.segments] == [SAID] * PEOPLE
    for (name, begin_ms, end_ms), segment in zip(expected, ring.segments, strict=True):
        assert segment.first * FRAME_MS < begin_ms, name
        assert segment.done_ms == pytest.approx(end_ms, abs=DOUBT_MS), name
