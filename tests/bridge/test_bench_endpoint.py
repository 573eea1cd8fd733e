"""`mynah bench endpoint` without Whisper: the turns it makes and the figures it draws from them."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.audio.levels import dbfs
from mynah.bench import endpoint_plot, fit_delay, gathering
from mynah.bench.endpoint import (
    PLAIN_ORDERS,
    REOPENED_MS,
    EndpointResult,
    Point,
    cases,
    curve,
    latency_at,
    point,
)
from mynah.bench.evidence import FRAME_MS, Evidence, Listener, Pause, spans
from mynah.bench.memo import Memo
from mynah.bench.pauses import (
    LONGEST_MS,
    LOUDEST_NOISE_DB,
    QUIETEST_NOISE_DB,
    SHORTEST_MS,
    Kind,
    Source,
    speaker_of,
    turns_of,
)
from mynah.bench.policies import OURS, POLICIES, SMART_TURN
from mynah.bench.word_times import Boundary, between
from mynah.cli.bench_view import print_endpoint
from mynah.speech.asr import ScriptedTranscriber
from mynah.turn.delay import Profile
from mynah.turn.prosody import NEUTRAL
from tests.bridge.recordings import needs_recordings, recordings

PNG = b"\x89PNG"
VAD = next(policy for policy in POLICIES if policy.name == "vad-500")


def evidence(*mid_ms, name="clip", speaker="ann", text="It is late."):
    """A turn of a second's speech, a pause, a second's speech …"""
    pauses, now_ms = [], 0.0
    for length_ms in (*mid_ms, math.inf):
        now_ms += 1000
        pauses.append(Pause(now_ms, now_ms + length_ms, text, NEUTRAL))
        done_ms = now_ms
        now_ms += length_ms
    return Evidence(name, speaker, Kind.AS_RECORDED, done_ms, tuple(pauses))


@pytest.fixture
def result():
    turns = [evidence(*pauses_ms) for pauses_ms in ((), (300,), (600,), (900,), (1500,))]
    return EndpointResult(turns, {SMART_TURN: "its file is not here"})


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_BENCH_CACHE", str(tmp_path))
    return tmp_path


def test_the_share_cut_off_falls_as_the_silence_grows(result):
    at = {each.knob: each.false_cutoff_rate for each in curve(VAD, result.met)}

    assert [at[knob] for knob in (200, 500, 700, 1000, 1550)] == [0.8, 0.6, 0.4, 0.2, 0.0]


def test_a_turn_that_was_cut_off_has_no_latency(result):
    paused = [turn for turn in result.met if len(turn[1]) > 1]

    assert point(VAD, result.met, 700) == Point(700, 700.0, 700.0, 0.4, 0.2)
    assert point(VAD, paused, 200).latency_p50_ms is None
    assert point(VAD, paused, 200).false_cutoff_rate == 1.0


@pytest.mark.parametrize(("over_ms", "reopened"), [(-1, 1.0), (1, 0.0)])
def test_a_wearer_who_goes_on_soon_has_his_turn_back_and_was_cut_off_all_the_same(
    over_ms, reopened
):
    turns = cases([evidence(500 + REOPENED_MS + over_ms)])
    at = point(VAD, turns, 500)

    assert (at.false_cutoff_rate, at.reopened_rate) == (1.0, reopened)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(500, 0.10), (700, 0.06), (900, 0.04)], 800.0),
        ([(500, 0.05), (900, 0.01)], 500),
        ([(500, 0.9), (900, 0.3)], None),
        ([(None, 0.0), (500, 0.9)], None),
        ([(900, 0.0), (400, 0.03), (300, 0.04)], 300),
        ([(900, 0.0), (800, 0.1), (500, 0.1)], 850.0),
    ],
)
def test_policies_are_compared_where_5_percent_are_cut_off(points, expected):
    each = [Point(0.0, p50_ms, p50_ms, rate) for p50_ms, rate in points]

    assert latency_at(each) == expected


def test_the_habit_begins_as_the_products_does_and_learns_turn_by_turn():
    turns = [evidence(1000, name="one"), evidence(name="two"), evidence(400, name="three")]
    learned = fit_delay.USUAL

    for turn, habits in fit_delay.met(turns, orders=1):
        for pause, habit in zip(turn.pauses, habits, strict=True):
            assert habit == learned
            if not pause.is_last:
                learned = learned.after_pause(pause.length_ms)
        learned = learned.after_turn(3)


def test_all_turns_are_met_in_every_order():
    turns = [evidence(name=str(number)) for number in range(8)]
    met = [turn.name for turn, _ in fit_delay.met(turns, orders=2)]

    assert sorted(met[:8]) == sorted(met[8:]) == [str(number) for number in range(8)]
    assert met[:8] != met[8:]


def test_recordings_as_they_are_are_met_by_themselves(result):
    other = replace(evidence(1000, name="other"), kind=Kind.INSIDE)
    both = EndpointResult([*result.turns, other], result.left_out)

    assert len(both.plain) == PLAIN_ORDERS * len(result.turns)
    assert both.as_recorded == result.as_recorded


def test_a_speaker_is_judged_by_weights_that_never_heard_him(monkeypatch):
    never = {"bias": -9.0}
    weights = dict.fromkeys(fit_delay.shipped(), 0.0) | never
    monkeypatch.setattr(fit_delay, "_without", lambda: {"ann": weights})
    judged = cases([evidence(), evidence(speaker="bob")], orders=1)
    p = {turn.speaker: case.p for turn, (case,) in judged}

    assert p["ann"] < 0.001 < p["bob"]


def test_a_fit_tells_ends_from_pauses():
    turns = [
        Evidence(
            str(number),
            f"speaker {number % 3}",
            Kind.INSIDE,
            3000.0,
            (
                Pause(1000, 1500, "We went to the", NEUTRAL),
                Pause(3000, math.inf, "We went to the house.", NEUTRAL),
            ),
        )
        for number in range(12)
    ]
    file = fit_delay.fitted_file(turns)

    assert file["with_words"]["full_stop"] > 0 > file["with_words"]["open_tail"]
    assert set(file["without"]) == {"speaker 0", "speaker 1", "speaker 2"}
    assert set(file["voice_alone"]) == {"bias", "level_fall"}


def test_the_json_has_what_the_issue_names(result):
    printed = json.loads(json.dumps(result.as_json()))

    assert set(printed["policies"]) == {each.name for each in POLICIES} - {SMART_TURN}
    for points in printed["policies"].values():
        assert {"latency_p50_ms", "false_cutoff_rate"} <= set(points[0])
    assert set(printed["latency_at_5pct"]) == set(printed["policies"])
    assert printed["latency_at_5pct"]["vad-500"] == 1487.5
    assert set(printed["profiles"]) == set(Profile)
    assert set(printed["as_recorded"]) == set(Profile) | set(printed["policies"]) - {OURS}
    assert printed["left_out"] == {SMART_TURN: "its file is not here"}


def test_the_table_names_every_policy_and_what_was_left_out(result, capsys):
    print_endpoint(result)
    shown = capsys.readouterr().out

    assert all(policy.name in shown for policy in POLICIES)
    assert "its file is not here" in shown


def test_a_picture_is_drawn(result, tmp_path):
    pytest.importorskip("matplotlib")
    endpoint_plot.plot(result, tmp_path / "curves.png")

    assert (tmp_path / "curves.png").read_bytes().startswith(PNG)


def test_a_pause_is_what_no_frame_interrupts():
    frames = np.repeat([0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1], [5, 10, 4, 10, 6, 1, 9])

    assert spans(frames) == [(29, 35), (36, None)]  # 4 frames are a consonant


def test_silence_has_no_pauses():
    assert spans(np.zeros(20)) == []


async def test_whisper_is_asked_once_for_the_same_sound(tmp_path):
    transcriber = ScriptedTranscriber(["It is late."])
    sound = np.ones(SPEECH_HZ, np.int16)
    first = Listener(transcriber, memo := Memo("heard", tmp_path))

    assert await first._transcribe(sound) == ("It is late.", None)
    memo.save()
    again = Listener(transcriber, Memo("heard", tmp_path))
    assert await again._transcribe(sound) == ("It is late.", None)
    assert len(transcriber.heard) == 1


def test_a_broken_memo_is_an_empty_one(tmp_path):
    (tmp_path / "heard.json").write_text("{", encoding="utf-8")

    assert Memo("heard", tmp_path).get(np.ones(3, np.int16)) is None


def test_a_boundary_lies_where_it_is_quietest():
    sound = np.full(SPEECH_HZ, 8000, np.int16)
    sound[SPEECH_HZ // 2 : SPEECH_HZ // 2 + 320] = 3  # 20 ms at half a second
    words = [(" It", 0.1, 0.45), (" is,", 0.5, 0.8), (" late.", 0.85, 0.98)]

    first, second = between(words, sound)

    assert (first.sample, first.ends_clause) == (SPEECH_HZ // 2, False)
    assert second.ends_clause


@pytest.mark.parametrize(
    ("name", "speaker"),
    [
        ("arctic_aew_a0001", "arctic_aew"),
        ("LJ001-0002", "LJ001"),
        ("jfk", "jfk"),
        ("jfk_a", "jfk"),
        ("sb_spk1_snt2", "sb_spk1"),
    ],
)
def test_a_recording_is_named_after_its_speaker(name, speaker):
    assert speaker_of(name) == speaker


@pytest.fixture(scope="module")
def source():
    (each,) = (each for each in recordings() if each.path.stem == "ls_another_engineer")
    sound = read_speech(each.path)
    places = [Boundary(SPEECH_HZ, ends_clause=False), Boundary(SPEECH_HZ * 2, ends_clause=True)]
    return Source(each.path.stem, "engineer", sound, places)


@pytest.fixture(scope="module")
def turns(source):
    filler = (3000 * np.sin(np.arange(4800) / 12)).astype(np.int16)
    return turns_of(source, [filler])


@needs_recordings
@pytest.mark.speech
def test_the_same_seed_makes_the_same_turns(source, turns):
    again, other = turns_of(source, []), turns_of(source, [], seed=1)

    assert all(np.array_equal(a.sound, b.sound) for a, b in zip(turns[:3], again, strict=False))
    assert not np.array_equal(turns[1].sound, other[1].sound)


@needs_recordings
@pytest.mark.speech
def test_a_recording_gives_turns_of_every_kind_but_digits(turns):
    assert {turn.kind for turn in turns} == set(Kind) - {Kind.DIGITS}


@needs_recordings
@pytest.mark.speech
def test_a_pause_is_the_recordings_own_noise_and_delays_the_end_by_its_length(source, turns):
    plain = turns[0]
    for turn in turns[1:]:
        if turn.kind in {Kind.CLAUSE_END, Kind.INSIDE}:
            ((begin, end),) = turn.inserted
            pause = turn.sound[begin:end]
            longer_ms = (turn.done - plain.done) * 1000 / SPEECH_HZ

            assert SHORTEST_MS <= (end - begin) * 1000 / SPEECH_HZ <= LONGEST_MS
            assert -90 < dbfs(pause[200:-200]) < -45
            assert longer_ms == pytest.approx((end - begin) * 1000 / SPEECH_HZ, abs=2 * FRAME_MS)


@needs_recordings
@pytest.mark.speech
def test_noise_is_as_loud_as_it_was_meant_and_does_not_move_the_end(turns):
    clean = {turn.name: turn for turn in turns}
    noisy = [turn for turn in turns if turn.kind is Kind.NOISE]

    assert noisy
    for turn in noisy:
        before = clean[turn.name.removesuffix("/noise")]
        noise = turn.sound.astype(int) - before.sound
        over_db = dbfs(before.sound[: before.done]) - dbfs(noise.astype(np.int16))

        assert LOUDEST_NOISE_DB - 0.5 < over_db < QUIETEST_NOISE_DB + 0.5
        assert turn.done == before.done


@needs_recordings
@pytest.mark.speech
def test_the_next_sentences_first_syllable_is_no_part_of_a_turn(source):
    gap = np.zeros(SPEECH_HZ // 2, np.int16)
    begin = next(each for each in recordings() if each.path.stem == "ls_another_door")
    syllable = read_speech(begin.path)[4000:7200]
    more = replace(source, sound=np.concatenate([source.sound, gap, syllable, gap]))

    assert turns_of(more, [])[0].done == pytest.approx(turns_of(source, [])[0].done, abs=512)


async def test_what_piper_said_first_is_kept(cache):
    class Piper:
        spoken = 0

        async def speak(self, line):
            self.spoken += 1
            yield np.full(100, self.spoken, np.int16)

    piper = Piper()

    first = await gathering.line_of(piper, "Um,")
    second = await gathering.line_of(piper, "Um,")

    assert np.array_equal(first, second)
    assert piper.spoken == 1
