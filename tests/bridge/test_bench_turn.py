"""`mynah bench turn` without a ring: what it says to one, and what it makes of the records."""

import json
from pathlib import Path

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.levels import dbfs
from mynah.bench import clips, turn_plot
from mynah.bench.clips import AFTER_DONE_MS, Clip, ended, listed, speech_folder
from mynah.bench.turn import Figures, TurnResult
from mynah.cli.bench_view import NO_CUT_OFFS, print_turns
from mynah.config import Settings
from mynah.errors import UserError
from mynah.turn.record import STAGES, LinkFigures, TurnRecord

WORDS = "ten of clubs"
PNG = b"\x89PNG"


def record(number, *spans_ms, transcript=WORDS, **more):
    waterfall = dict(zip(STAGES, spans_ms, strict=False))
    return TurnRecord(
        number,
        input=f"clip_{number}.wav",
        transcript=transcript,
        v2v_ms=float(sum(spans_ms)) if spans_ms else None,
        waterfall=waterfall,
        bound_by=max(waterfall, key=waterfall.get, default=None),
        link=LinkFigures(frames=100, lost_frames=1, underruns=2),
        **more,
    )


def result(*turns, words=WORDS):
    each = tuple(Clip(Path(turn.input), words) for turn in turns)
    return TurnResult(Settings(), each, tuple(turns))


@pytest.fixture
def three():
    return result(
        record(1, 40, 0, 700, 1, 1, 100, 30, 28),
        record(2, 45, 0, 300, 1, 1, 600, 30, 23),
        record(3, 50, 0, 400, 1, 1, 90, 30, 28),
    )


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


def test_percentiles_lie_between_two_values_in_proportion():
    assert Figures.of([100, 300]) == Figures(200.0, 290.0, 300.0)
    assert Figures.of(range(101)) == Figures(50.0, 95.0, 100.0)


def test_there_is_no_percentile_of_nothing():
    assert Figures.of([]) is None


def test_voice_to_voice_is_over_the_turns(three):
    assert three.v2v == Figures(900.0, 990.0, 1000.0)
    assert [turn.turn for turn in three.answered] == [3, 1, 2]


def test_a_turn_that_failed_is_left_out_of_the_percentiles(three):
    cut_off = record(4, 5000, error="the companion went away")
    unanswered = record(5)
    more = result(*three.turns, cut_off, unanswered)

    assert more.v2v == three.v2v
    assert more.stages == three.stages
    assert more.failed == [cut_off, unanswered]


def test_the_words_of_a_turn_that_failed_are_wrong_ones(three):
    assert three.word_error_rate == 0
    unheard = result(*three.turns, record(4, transcript=""))

    assert unheard.word_error_rate == pytest.approx(1 / 4)


def test_the_middle_turns_stages_add_up_and_the_medians_do_not(three):
    assert three.middle.turn == 1
    assert sum(three.middle.waterfall.values()) == three.middle.v2v_ms == three.v2v.p50
    assert sum(figures.p50 for figures in three.stages.values()) != three.v2v.p50


def test_of_an_even_number_the_middle_turn_is_the_faster():
    assert result(record(1, 200), record(2, 100)).middle.turn == 2


def test_stages_keep_their_order_and_an_unknown_one_is_left_out():
    assert list(result(record(1, 40, 0, 700)).stages) == ["uplink", "endpoint_wait", "asr"]


def test_what_bound_most_often_comes_first(three):
    assert list(three.bound_by.items()) == [("asr", 2), ("tts", 1)]


def test_the_json_holds_the_figures_and_every_turn(three):
    figures = json.loads(json.dumps(three.as_json()))

    assert figures["v2v_ms"] == three.v2v.as_json()
    assert figures["stages_ms"]["asr"] == {"p50": 400.0, "p95": 670.0, "max": 700.0}
    assert (figures["frames"], figures["lost_frames"], figures["underruns"]) == (300, 3, 6)
    assert [turn["turn"] for turn in figures["turns"]] == [1, 2, 3]
    assert figures["policy"] == "hold"


def test_nothing_answered_is_told_without_figures():
    figures = result(record(1), record(2)).as_json()

    assert (figures["v2v_ms"], figures["stages_ms"], figures["failed"]) == (None, {}, 2)


def test_the_print_names_what_failed_and_why(three, capsys):
    print_turns(result(*three.turns, record(4, error="no [words] were heard")))
    printed = capsys.readouterr().out

    assert "clip_4.wav: no [words] were heard" in printed
    assert NO_CUT_OFFS in printed


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_the_plot_is_drawn_of_however_many_turns(three, tmp_path, turns):
    pytest.importorskip("matplotlib")
    path = tmp_path / "turns.png"

    turn_plot.plot(result(*three.turns[:turns], record(9)), path)

    assert path.read_bytes().startswith(PNG)


def test_a_plot_without_a_folder_is_refused_beforehand(tmp_path):
    with pytest.raises(UserError, match="its folder does not exist"):
        turn_plot.ready(tmp_path / "nowhere" / "turns.png")


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


def test_without_recordings_there_is_no_folder(monkeypatch, tmp_path):
    monkeypatch.delenv(clips.VARIABLE, raising=False)
    monkeypatch.setattr(clips, "_BESIDE", tmp_path)

    assert speech_folder() is None
