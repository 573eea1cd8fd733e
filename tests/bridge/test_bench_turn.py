"""`mynah bench turn` without a ring: what it says to one, and how it shows what came of it."""

import json

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import write_wav
from mynah.audio.levels import dbfs
from mynah.bench import clips, people, turn_plot
from mynah.bench.clips import AFTER_DONE_MS, Clip, ended, listed, speech_folder
from mynah.bench.modes import HANDS_FREE, HOLD, Mode
from mynah.bench.turn import TurnResult
from mynah.cli.turn_view import NO_PEERS, print_turns
from mynah.config import Settings
from mynah.errors import ModelError, UserError
from mynah.speech.models import CACHE_VARIABLE
from mynah.turn.record import STAGES
from tests.bridge.turns_of_a_mode import clip, spoken

PNG = b"\x89PNG"
MODE_FIELDS = {"p50_ms", "p95_ms", "n", "wer", "waterfall_p50"}


def mode(*each, cores=0.0):
    return Mode(tuple(clip(number) for number, _ in enumerate(each)), each, cores)


def result(ours, wyoming):
    names = (HOLD, HANDS_FREE)
    sides = [{name: side[name] for name in names if name in side} for side in (ours, wyoming)]
    return TurnResult(Settings(), (clip(0),), *sides, source="here", machine="a slow one")


@pytest.fixture
def both():
    ours = {
        HOLD: mode(spoken(40, 0, 60, 0, 0, 90, 5, 5), cores=0.2),
        HANDS_FREE: mode(
            spoken(9, 350, 20, 0, 0, 30, 5, 6), spoken(9, 180, cut_off=True), cores=0.4
        ),
    }
    theirs = {
        HOLD: mode(spoken(40, 0, 600, 0, 0, 90, 30, 40)),
        HANDS_FREE: mode(spoken(5, 715, 500, 0, 0, 90, 30, 60)),
    }
    return result(ours, theirs)


@pytest.fixture
def folder(tmp_path):
    """A manifest without recordings: they are read when they are spoken."""

    def write(*rows):
        lines = ("file\tseconds\tlang\ttranscript", *rows)
        (tmp_path / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write


def noise(seconds, loudness=30.0):
    samples = np.random.default_rng(1).normal(0, loudness, round(seconds * SPEECH_HZ))
    return samples.astype(np.int16)


def test_the_json_compares_both_ways_to_talk(both):
    figures = json.loads(json.dumps(both.as_json()))

    for side in (figures, figures["wyoming"]):
        assert side["hold"].keys() >= MODE_FIELDS
        assert side["hands_free"].keys() >= MODE_FIELDS
    assert (figures["ratio_hold"], figures["ratio_hands_free"]) == (0.25, 0.3)
    assert (figures["false_cutoff_rate"], figures["wyoming"]["false_cutoff_rate"]) == (0.5, 0.0)
    assert figures["cpu_cores"] == pytest.approx(0.3)
    assert (figures["clips"], figures["machine"], figures["speech"]) == (1, "a slow one", "here")


def test_without_the_pair_ours_are_told_and_no_ratio(both, capsys):
    alone = result(both.ours, {})
    figures = alone.as_json()
    print_turns(alone)

    assert figures["wyoming"] is figures["ratio_hold"] is figures["ratio_hands_free"] is None
    assert figures["hold"]["p50_ms"] == 200
    assert NO_PEERS in capsys.readouterr().out


def test_one_way_to_talk_may_be_all():
    figures = result({HOLD: mode(spoken(100))}, {}).as_json()

    assert figures["hands_free"] is figures["false_cutoff_rate"] is None


def test_the_print_shows_the_ratio_the_cut_offs_and_the_machine(both, capsys):
    print_turns(both)
    printed = capsys.readouterr().out

    assert {"0.25", "0.30", "50.0%", "slow"} <= set(printed.split())


def test_the_print_names_what_failed_and_why(capsys):
    print_turns(result({HOLD: mode(spoken(error="no [words] were heard"))}, {}))

    assert f"{clip(0).path}: no [words] were heard" in capsys.readouterr().out


def test_the_plot_is_drawn_of_whatever_was_run(both, tmp_path):
    pytest.importorskip("matplotlib")
    failed = result({HOLD: mode(spoken(error="no words"))}, {})
    for number, each in enumerate((both, result(both.ours, {}), failed)):
        path = tmp_path / f"{number}.png"

        turn_plot.plot(each, path)

        assert path.read_bytes().startswith(PNG)


def test_every_stage_has_a_colour_of_its_own():
    assert list(turn_plot.COLOURS) == list(STAGES)
    assert len(set(turn_plot.COLOURS.values())) == len(STAGES)


def test_a_clip_ends_100_ms_after_its_last_speech():
    sound = noise(2)

    assert np.array_equal(ended(sound, SPEECH_HZ), sound[: SPEECH_HZ + SPEECH_HZ // 10])


def test_a_clip_that_is_too_short_goes_on_with_its_own_noise():
    sound = noise(1)
    longer = ended(sound, len(sound))

    assert len(longer) - len(sound) == SPEECH_HZ * AFTER_DONE_MS // 1000
    assert np.array_equal(longer[: len(sound)], sound)
    assert dbfs(longer[len(sound) :]) == pytest.approx(dbfs(sound), abs=4)


def test_clips_of_one_language_are_taken_or_of_all(folder):
    place = folder("en/a.wav\t1\ten\tgood morning", "zh/b.wav\t1\tzh\t你好")

    assert listed(place, "en") == (Clip(place / "en/a.wav", "good morning"),)
    assert [clip.words for clip in listed(place, "auto")] == ["good morning", "你好"]


def test_a_limit_spreads_over_the_folder(folder):
    place = folder(*(f"{number}.wav\t1\ten\tone" for number in range(10)))
    names = {limit: [clip.path.stem for clip in listed(place, "en", limit)] for limit in (1, 3, 99)}

    assert names[1] == ["0"]
    assert names[3] == ["0", "3", "6"]
    assert len(names[99]) == 10


def test_a_language_that_nobody_speaks_is_told_of(folder):
    with pytest.raises(UserError, match="no clip in language 'fr'"):
        listed(folder("a.wav\t1\ten\tone"), "fr")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "can't be read"),
        (b"\xff\xfe", "not a list of clips"),
        (b"file\tlang\n", "no column 'transcript'"),
        (b"", "no column 'file'"),
    ],
)
def test_a_folder_that_lists_no_clips_is_told_of(tmp_path, text, told):
    if text is not None:
        (tmp_path / "manifest.tsv").write_bytes(text)

    with pytest.raises(UserError, match=told):
        listed(tmp_path, "en")


def test_the_environment_names_the_recordings(monkeypatch, tmp_path):
    monkeypatch.setenv(clips.VARIABLE, str(tmp_path))

    assert speech_folder() == tmp_path


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A computer with neither recordings nor models."""
    monkeypatch.delenv(clips.VARIABLE, raising=False)
    monkeypatch.setattr(clips, "_BESIDE", tmp_path)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    return monkeypatch


def test_without_recordings_some_are_fetched_and_cut(elsewhere):
    long = noise(45)

    def fetch(model):
        model.folder.mkdir()
        for file in model.files:
            write_wav(model.folder / file.name, long)

    elsewhere.setattr(people, "fetch", fetch)
    elsewhere.setattr(people, "check", lambda model: None)
    first = speech_folder()
    elsewhere.setattr(people, "fetch", None)

    assert speech_folder() == first
    assert len(listed(first, people.LANGUAGE)) == len(list(first.glob("*.wav"))) == 11
    assert all(each.path.is_file() for each in listed(first, people.LANGUAGE))


def test_without_a_network_there_is_no_folder_and_it_says_why(elsewhere, capsys):
    def fetch(model):
        raise ModelError("the index is out of reach")

    elsewhere.setattr(people, "fetch", fetch)

    assert speech_folder() is None
    assert "out of reach" in capsys.readouterr().err
