"""`mynah bench turn` over a short clip: what it says of them is what its turns say."""

import json
from pathlib import Path

import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech, write_wav
from mynah.bench.clips import AFTER_DONE_MS, MANIFEST
from mynah.emulator.wearer import SHORTEST_HOLD_MS
from mynah.speech.vad import last_speech_end
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import GREETING, mynah, voiced

pytestmark = [pytest.mark.model, pytest.mark.slow, needs_model("tiny.en"), needs_model("joe")]

TEXTS = (GREETING,)
FRAME_MS = 20
SUM_TOLERANCE_MS = 5


@pytest.fixture(scope="module")
def said(folder):
    """A short line in Piper's voice, by the file that each is in."""
    words = {str(folder / f"{number}_line.wav"): text for number, text in enumerate(TEXTS)}
    for path, text in words.items():
        write_wav(Path(path), voiced()[text])
    rows = [f"{Path(path).name}\ten\t{text}\n" for path, text in words.items()]
    (folder / MANIFEST).write_text("file\tlang\ttranscript\n" + "".join(rows), encoding="utf-8")
    return words


@pytest.fixture(scope="module")
def ran(folder, said):
    options = ("--companion", "parrot", "--speech", str(folder), "--json")
    return mynah(folder, "bench", "turn", *options)


@pytest.fixture(scope="module")
def figures(ran):
    assert ran.code == 0, ran.errors + ran.output
    (line,) = ran.output.splitlines()
    return json.loads(line)


def test_every_clip_is_answered_and_named_as_it_was_given(figures, said):
    assert [turn["input"] for turn in figures["turns"]] == list(said)
    assert (figures["clips"], figures["failed"]) == (len(TEXTS), 0)


def test_voice_to_voice_is_that_of_the_turns(figures):
    waits_ms = [turn["v2v_ms"] for turn in figures["turns"]]

    assert figures["v2v_ms"]["max"] == max(waits_ms)
    assert figures["v2v_ms"]["p50"] == pytest.approx(sum(waits_ms) / len(TEXTS), abs=0.1)


def test_each_turns_stages_add_up(figures):
    for turn in figures["turns"]:
        whole_ms = sum(turn["waterfall"].values())
        assert whole_ms == pytest.approx(turn["v2v_ms"], abs=SUM_TOLERANCE_MS)


def test_the_button_is_held_until_100_ms_after_the_last_speech(figures):
    for turn in figures["turns"]:
        done = last_speech_end(read_speech(Path(turn["input"])))
        held_ms = max(SHORTEST_HOLD_MS, done * 1000 / SPEECH_HZ + AFTER_DONE_MS)
        assert turn["link"]["frames"] == pytest.approx(held_ms / FRAME_MS, abs=2)


def test_each_clip_is_told_of_on_standard_error_when_it_is_done(ran, said):
    assert [path for path in said if Path(path).stem not in ran.errors] == []
