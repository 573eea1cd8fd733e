"""`mynah bench turn` over a short clip: what it says of it is what its turns say."""

import json
from pathlib import Path

import pytest

from mynah.audio.files import write_wav
from mynah.bench.clips import MANIFEST
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import GREETING, mynah, voiced

pytestmark = [pytest.mark.model, pytest.mark.slow, needs_model("tiny.en"), needs_model("joe")]

TEXTS = (GREETING,)
SUM_TOLERANCE_MS = 5
HEARD_OFF_MS = 160  # where the end of a word fades, five frames may be heard otherwise
CORES = 4


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
    options = ("--policy", "hands-free", "--no-peers", "--speech", str(folder), "--json")
    return mynah(folder, "bench", "turn", *options)


@pytest.fixture(scope="module")
def figures(ran):
    assert ran.code == 0, ran.errors + ran.output
    (line,) = ran.output.splitlines()
    return json.loads(line)


@pytest.fixture(scope="module")
def hands_free(figures):
    return figures["hands_free"]


def test_every_clip_is_answered_and_named_as_it_was_given(figures, hands_free, said):
    assert {turn["input"] for turn in hands_free["turns"]} == set(said)
    assert (figures["clips"], hands_free["n"], hands_free["failed"]) == (len(TEXTS), len(TEXTS), 0)
    assert (figures["hold"], figures["wyoming"]) == (None, None)


def test_nobody_who_said_one_short_thing_is_cut_off(figures):
    assert figures["false_cutoff_rate"] == 0


def test_the_wait_is_from_where_the_recording_ends_to_the_reply(hands_free):
    turn = hands_free["turns"][-1]

    assert hands_free["p50_ms"] == pytest.approx(turn["reply_start_ms"] - turn["reference_ms"])
    assert turn["done_ms"] == pytest.approx(turn["reference_ms"], abs=HEARD_OFF_MS)


def test_its_parts_add_up_to_it(hands_free):
    whole_ms = sum(hands_free["waterfall_p50"].values())

    assert whole_ms == pytest.approx(hands_free["p50_ms"], abs=SUM_TOLERANCE_MS)


def test_some_of_a_core_was_busy(figures):
    assert 0 < figures["cpu_cores"] < CORES


def test_each_clip_is_told_of_on_standard_error_when_it_is_done(ran, said):
    assert [path for path in said if Path(path).stem not in ran.errors] == []
