"""`mynah talk`: speech into the ring's microphone, the same words out of its speaker.

Everything is checked against the two recordings, which is what anyone else would have.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.audio.levels import BLOCK_MS, SOUND_DBFS, block_levels
from mynah.bench.wer import word_error_rate, words
from mynah.emulator.light_truth import Lamp, lies
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.models import find
from mynah.speech.vad import (
    FRAME_SAMPLES,
    SPEECH_PROBABILITY,
    last_speech_end,
    speech_probabilities,
)
from tests.bridge.recordings import needs_model, needs_recordings, recordings
from tests.end_to_end.background import PEOPLE, words_of

pytestmark = [pytest.mark.model, pytest.mark.slow, needs_model("tiny.en"), needs_model("joe")]

LAMP = Lamp("active low", 21)  # of the board that a ring takes itself for
MOST_WRONG_WORDS = 0.15
MOST_WRONG_IN_REPLIES = 0.12
CLOCK_TOLERANCE_MS = 30
SUM_TOLERANCE_MS = 5
SHORTEST_HOLD_MS = 400
LINGER_FRAMES = 5  # 160 ms: Silero itself needs three frames to let go of a word that was cut


@pytest.fixture(scope="module")
def spoken(_started):
    return _started["spoken"].result()


@pytest.fixture(scope="module")
def said(spoken):
    """What is said in each file that was spoken."""
    return words_of(spoken.out.parent)


@pytest.fixture(scope="module")
def turns(spoken, said):
    assert [turn["input"] for turn in spoken.turns] == list(said), spoken.errors
    return spoken.turns


@pytest.fixture(scope="module")
def microphone(spoken):
    return read_speech(spoken.out / "microphone.wav")


@pytest.fixture(scope="module")
def speaker(spoken):
    return read_speech(spoken.out / "speaker.wav")


@pytest.fixture(scope="module")
def spans(turns, microphone):
    """From which sample to which each clip is in the microphone's recording, unchanged."""
    sound = microphone.tobytes()
    spans = []
    for turn in turns:
        clip = read_speech(Path(turn["input"]))
        start = sound.find(clip.tobytes())
        assert start >= 0, f"{turn['input']} is not in microphone.wav"
        spans.append((start // 2, start // 2 + len(clip)))
    return spans


def test_every_turn_has_a_reply_and_the_command_succeeds(spoken, turns):
    assert spoken.code == 0, spoken.errors
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))
    assert [turn["error"] for turn in turns] == [None] * len(turns)
    assert [turn["reply"] for turn in turns] == [turn["transcript"] for turn in turns]


def test_standard_output_has_the_turns_and_nothing_else(spoken, turns):
    assert [json.loads(line) for line in spoken.output.splitlines()] == turns


def test_the_transcripts_are_what_was_said(turns, said):
    pairs = [(said[turn["input"]], turn["transcript"]) for turn in turns]

    assert word_error_rate(pairs) <= MOST_WRONG_WORDS, pairs


@pytest.mark.speech
@needs_recordings
def test_it_was_said_by_people(turns):
    inputs = {Path(turn["input"]) for turn in turns}

    assert len(inputs) == PEOPLE
    assert inputs < {each.path for each in recordings()}


def test_no_frame_is_lost_at_two_percent_radio_loss(turns):
    links = [turn["link"] for turn in turns]

    assert {(link["interval_ms"], link["mtu"]) for link in links} == {(30.0, 247)}
    assert [link["lost_frames"] for link in links] == [0] * len(links)
    assert [link["underruns"] for link in links] == [0] * len(links)


def test_every_frame_of_a_hold_is_there(turns, spans):
    for turn, (start, end) in zip(turns, spans, strict=True):
        held_ms = max(SHORTEST_HOLD_MS, (end - start) * 1000 / SPEECH_HZ)
        assert turn["link"]["frames"] == pytest.approx(held_ms / 20, abs=2)


def test_v2v_can_be_recomputed_from_the_recordings(turns, spans, microphone, speaker):
    loud = np.flatnonzero(block_levels(speaker) >= SOUND_DBFS) * BLOCK_MS
    differences = []
    for turn, (start, end) in zip(turns, spans, strict=True):
        start_ms, end_ms = (place * 1000 / SPEECH_HZ for place in (start, end))
        speech_end = last_speech_end(microphone[start:end]) or 0
        release_ms = max(end_ms, start_ms + SHORTEST_HOLD_MS)
        done_ms = max(release_ms, start_ms + speech_end * 1000 / SPEECH_HZ)
        v2v_ms = loud[np.searchsorted(loud, done_ms)] - done_ms
        differences.append(round(turn["v2v_ms"] - v2v_ms, 1))

    assert max(map(abs, differences)) <= CLOCK_TOLERANCE_MS, differences


def test_the_waterfall_adds_up_to_v2v(turns):
    for turn in turns:
        waterfall = turn["waterfall"]
        assert sum(waterfall.values()) == pytest.approx(turn["v2v_ms"], abs=SUM_TOLERANCE_MS)
        on_the_ring = turn["reply_start_ms"] - turn["done_ms"]
        assert turn["v2v_ms"] == pytest.approx(on_the_ring, abs=SUM_TOLERANCE_MS)
        assert waterfall[turn["bound_by"]] == max(waterfall.values())


async def test_whisper_recovers_the_replies_from_the_speaker(turns, speaker):
    whisper = WhisperTranscriber(find("tiny.en"))
    pairs = []
    try:
        for turn in turns:
            start, end = (round(turn[f"reply_{side}_ms"] * 16) for side in ("start", "end"))
            heard = await whisper.transcribe(speaker[start - SPEECH_HZ // 10 : end])
            pairs.append((turn["reply"], heard.text))
    finally:
        await whisper.stop()

    assert word_error_rate(pairs) <= MOST_WRONG_IN_REPLIES, pairs


def test_every_reply_was_heard_to_its_end(turns, speaker):
    for turn in turns:
        assert words(turn["heard"]) == words(turn["reply"])
        over_ms = turn["reply_end_ms"] + CLOCK_TOLERANCE_MS
        assert not speaker[round(over_ms * 16) :][: SPEECH_HZ // 10].any(), turn["input"]


def test_the_recordings_are_equally_long_and_the_microphone_hears_no_zeros(microphone, speaker):
    assert len(microphone) == len(speaker)
    blocks = microphone[: len(microphone) // 160 * 160].reshape(-1, 160)
    assert np.flatnonzero(~blocks.any(axis=1)).tolist() == []


def test_the_floor_after_a_clip_is_not_taken_for_speech(spans, microphone):
    speech = speech_probabilities(microphone) >= SPEECH_PROBABILITY
    starts = [start // FRAME_SAMPLES for start, _ in spans[1:]] + [len(speech)]

    for (_, end), next_start in zip(spans, starts, strict=True):
        floor = speech[end // FRAME_SAMPLES + 1 + LINGER_FRAMES : next_start]
        assert not floor.any(), f"after sample {end} of the microphone"


def test_the_light_was_on_whenever_the_microphone_was(spoken):
    trace = (spoken.out / "trace.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in trace]

    assert [event for event in events if event["event"] == "microphone"]
    assert lies(events, LAMP) == []
