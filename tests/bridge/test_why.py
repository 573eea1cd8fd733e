import json

import pytest

from mynah.cli import invoke
from mynah.errors import UserError
from mynah.link.keys import data_folder
from mynah.turn.last import LastTurns, last_turns_file
from mynah.turn.record import STAGES, LinkFigures, TurnRecord
from mynah.why import ADVICE, FASTEST, MEANINGS, NOTHING_FASTER, advice, last_turn, verdict

WATERFALL = {"uplink": 40.0, "endpoint_wait": 0.0, "asr": 500.0, "companion": 1.0}


def record(**fields):
    chosen = {"v2v_ms": 541.0, "waterfall": WATERFALL, "bound_by": "asr", **fields}
    return TurnRecord(3, **chosen)


def written(tmp_path, *lines):
    path = tmp_path / "turns.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def turn_of(tmp_path, **fields):
    return last_turn(written(tmp_path, json.dumps(record(**fields).as_json())))


def test_the_verdict_names_what_took_longest(tmp_path):
    turn = turn_of(tmp_path)

    assert verdict(turn) == (
        "You waited 541 ms for the reply; 500 ms of it (92 %) for turning your words into text."
    )
    assert advice(turn) == [ADVICE["asr"]]


def test_nothing_faster_is_advised_than_the_fastest_there_is(capsys, tmp_path):
    turn = turn_of(tmp_path)

    assert advice(turn, FASTEST) == [NOTHING_FASTER]
    assert advice(turn, "base") == [ADVICE["asr"]]
    assert invoke(["why", str(tmp_path)]) == 0
    assert NOTHING_FASTER in " ".join(capsys.readouterr().out.split())


def test_every_stage_has_a_meaning_and_an_advice():
    assert set(MEANINGS) == set(ADVICE) == set(STAGES)


def test_a_turn_without_a_reply_says_why(tmp_path):
    turn = turn_of(tmp_path, v2v_ms=None, bound_by=None, error="no words were heard")

    assert verdict(turn) == "Turn 3 had no reply: no words were heard."
    assert advice(turn) == []


def test_a_bad_link_is_told_of(tmp_path):
    turn = turn_of(tmp_path, link=LinkFigures(lost_frames=4, underruns=2))

    assert [line.partition(":")[0] for line in advice(turn)[1:]] == [
        "4 frames of your voice were lost",
        "The reply stuttered",
    ]


def test_the_last_turn_counts(tmp_path):
    path = written(tmp_path, "rubbish", json.dumps(record().as_json()), "")

    assert last_turn(path) == last_turn(tmp_path)
    assert last_turn(path).number == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no turn in it"),
        ("rubbish", "line 1 is not a turn"),
        ("[]", "line 1 is not a turn"),
        ("{}", "line 1 is not a turn"),
        (json.dumps({**record().as_json(), "bound_by": "magic"}), "line 1 is not a turn"),
        (json.dumps({**record().as_json(), "waterfall": {"magic": 1}}), "line 1 is not a turn"),
    ],
)
def test_a_file_that_is_no_record_is_told_in_one_line(tmp_path, line, reason):
    with pytest.raises(UserError, match=reason):
        last_turn(written(tmp_path, line))


def test_no_word_is_kept_of_the_last_conversation():
    words = {"transcript": "secret", "reply": "secret", "heard": "secret", "input": "secret.wav"}
    LastTurns(data_folder()).keep(record(**words, error="the companion said 'secret'"))

    assert "secret" not in last_turns_file(data_folder()).read_text()
    assert last_turn(last_turns_file(data_folder())).v2v_ms == 541.0


def test_a_conversation_replaces_the_one_before():
    for _ in range(2):
        kept = LastTurns(data_folder())
        kept.keep(record())
        kept.keep(record())

    assert len(last_turns_file(data_folder()).read_text().splitlines()) == 2


def test_a_disk_that_refuses_does_not_cost_the_conversation(tmp_path, caplog):
    (tmp_path / "last").write_text("in the way")
    LastTurns(tmp_path).keep(record())

    assert "were not kept" in caplog.text


def test_the_command_draws_a_bar_for_each_stage(capsys, tmp_path):
    path = written(tmp_path, json.dumps(record().as_json()))

    assert invoke(["why", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(WATERFALL)]] == list(WATERFALL)
    assert "█" in lines[2]
    assert "You waited 541 ms" in lines[len(WATERFALL)]
    assert max(map(len, lines)) <= 80


def test_without_a_conversation_the_next_step_is_told(capsys):
    assert invoke(["why"]) == 2
    assert "mynah run" in capsys.readouterr().err


def test_what_was_answered_late_was_nobodys_wait(tmp_path):
    turn = turn_of(tmp_path, v2v_ms=None, bound_by=None, late_s=61.4)

    assert "was said out of reach, and answered 61 s after" in verdict(turn)
    assert advice(turn) == []
