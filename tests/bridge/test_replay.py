"""Recorded turns are replayed to the letter, and what differs is told."""

import json

import pytest

from mynah.cli import invoke
from mynah.errors import UserError
from mynah.replay import replay_file
from mynah.turn.delay import FLOOR_MS, Profile
from mynah.turn.events import (
    Overheard,
    ReplyEnded,
    ReplyStarted,
    StreamEnded,
    StreamPaused,
    StreamResumed,
    StreamStarted,
)
from mynah.turn.machine import TurnMachine
from mynah.turn.record import TurnRecord
from mynah.turn.tape import Tape

SURE = 0.9
"""Of a pause that is the turn's end: the wait is as short as the profile lets it be."""

HASTY, PATIENT = Profile.SNAPPY, Profile.PATIENT
BETWEEN_MS = round((FLOOR_MS[HASTY] + FLOOR_MS[PATIENT]) / 2)
"""A pause that one of them takes for the end, and the other doesn't."""

ENDED_BY_EAR = {"uplink": 20.0, "endpoint_wait": 480.0, "asr": 100.0}


def taped(*steps):
    """What is on the tape of a turn in which all this happened, each so long after the last."""
    tape, now_ms = Tape(TurnMachine()), 0.0
    for after_ms, step in steps:
        now_ms += after_ms
        if isinstance(step, float):
            tape.judged(1, 480.0, step, now_ms)
        else:
            tape.handle(step, now_ms)
    return tape.take(1)


BEGUN = (0, StreamStarted(1))
PAUSED = (500, StreamPaused(1))
COMMITTED = (400, StreamEnded(1, said=True, speech_ms=900.0))
ANSWERED = (
    COMMITTED,
    (300, ReplyStarted(1)),
    (200, Overheard(voice=True)),
    (200, Overheard(voice=False)),
    (200, ReplyEnded(1, whole=True)),
)
TURN = taped(BEGUN, PAUSED, (40, SURE), *ANSWERED)


def hesitant(pause_ms, over=SURE, known_ms=40):
    """A turn with a pause inside that was not taken for its end."""
    judged = (known_ms, over), (pause_ms - known_ms, StreamResumed(1))
    return taped(BEGUN, PAUSED, *judged, PAUSED, (40, SURE), *ANSWERED)


def record(events=TURN, **chosen):
    fields = {"v2v_ms": 600.0, "waterfall": ENDED_BY_EAR, "bound_by": "endpoint_wait", **chosen}
    return TurnRecord(1, events=events, **fields).line()


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "turns.jsonl"

    def write(*lines, end="\n"):
        path.write_text("\n".join(lines) + end)
        return path

    return write


def replayed(path, profile=Profile.BALANCED):
    return replay_file(path, profile)


def test_what_was_recorded_happens_again(written):
    result = replayed(written(record(), record(hesitant(200))))

    assert result.identical
    assert [turn.differences for turn in result.turns] == [[], []]


def test_each_part_of_a_turn_has_its_state(written):
    (turn,) = replayed(written(record())).turns

    told = [(stretch.state, stretch.begin_ms, stretch.end_ms) for stretch in turn.stretches]
    assert told == [
        ("hearing", 0, 500),
        ("paused", 500, 940),
        ("committed", 940, 1240),
        ("speaking", 1240, 1440),
        ("ducked", 1440, 1640),
        ("speaking", 1640, 1840),
    ]


class NeverDucks(TurnMachine):
    """A machine that was changed."""

    def handle(self, event, now_ms):
        return [] if isinstance(event, Overheard) else super().handle(event, now_ms)


def test_a_machine_that_was_changed_is_told_from_the_one_that_recorded(written):
    result = replay_file(written(record()), Profile.BALANCED, NeverDucks)

    assert not result.identical
    duck, resume = result.turns[0].differences
    assert (duck.turn, duck.ms, duck.event) == (1, 1440, "Overheard")
    assert (duck.recorded, duck.now) == ("Duck, ducked", "nothing, speaking")
    assert (resume.recorded, resume.now) == ("Resume, speaking", "nothing, speaking")


def test_an_event_that_can_not_come_is_told(written):
    started = [0, "StreamStarted", {"stream": 1}, [], "hearing"]
    sounded = [9, "ReplyStarted", {}, [], "speaking"]

    (turn,) = replayed(written(record([started, sounded]))).turns

    assert [each.now for each in turn.differences] == ["illegal, hearing"]


@pytest.mark.parametrize(("v2v_ms", "found"), [(604.9, 0), (605.1, 1), (594.9, 1), (None, 0)])
def test_a_waterfall_that_does_not_add_up_within_5_ms_is_told(written, v2v_ms, found):
    (turn,) = replayed(written(record(v2v_ms=v2v_ms))).turns

    assert len(turn.differences) == found


def test_a_last_line_that_is_cut_off_is_not_taken_for_the_end(written):
    result = replayed(written(record(), record()[:-40], end=""))

    assert (len(result.turns), result.cut_line, result.identical) == (1, 2, False)


def test_a_last_line_without_a_newline_may_be_whole(written):
    result = replayed(written(record(), record(), end=""))

    assert (len(result.turns), result.cut_line) == (2, None)


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", json.dumps({"turn": 1}), record([[0, "Sang", {}, [], "hearing"]])]
)
def test_a_line_that_is_no_turn_is_named(written, line):
    with pytest.raises(UserError, match="line 2 is not a turn"):
        replayed(written(record(), line, record()))


def test_a_turn_recorded_before_there_were_tapes_is_told(written):
    old = json.loads(record())
    del old["events"]

    result = replayed(written(json.dumps(old), record()))

    assert (len(result.turns), result.silent) == (1, [1])


@pytest.mark.parametrize("lines", [[], [record([])]])
def test_a_file_in_which_nothing_can_be_replayed_is_refused(written, lines):
    with pytest.raises(UserError, match="no turn that can be replayed"):
        replayed(written(*lines))


def test_a_file_that_is_not_there_is_the_persons_own_mistake(tmp_path):
    with pytest.raises(UserError, match=r"turns\.jsonl"):
        replayed(tmp_path)


# With another patience


def test_another_profile_waits_as_long_as_it_would_have(written):
    path = written(record())

    for profile in Profile:
        (turn,) = replayed(path, profile).turns
        assert (turn.wait_ms, turn.would_wait_ms) == (480, FLOOR_MS[profile])


def test_nothing_is_waited_before_the_words_are_known(written):
    late = taped(BEGUN, PAUSED, (340, SURE), *ANSWERED)

    (turn,) = replayed(written(record(late)), HASTY).turns

    assert turn.would_wait_ms == 340 + 64  # of silence before a pause is one


def test_less_patience_cuts_off_where_a_pause_was_longer(written):
    path = written(record(hesitant(BETWEEN_MS)))

    cuts = [replayed(path, each).turns[0].would_cut_off for each in (HASTY, PATIENT)]

    assert cuts == [1, 0]


def test_a_pause_that_was_not_understood_in_time_cuts_nobody_off(written):
    path = written(record(hesitant(BETWEEN_MS, known_ms=BETWEEN_MS - 1)))

    assert replayed(path, HASTY).turns[0].would_cut_off == 0


def test_who_went_on_after_being_taken_was_cut_off(written):
    taken, gone_on = StreamEnded(1, said=True), StreamStarted(2)
    turn = taped(BEGUN, PAUSED, (40, SURE), (60, taken), (BETWEEN_MS - 100, gone_on))
    path = written(record(turn, v2v_ms=None))

    hasty, patient = (replayed(path, each).turns[0] for each in (HASTY, PATIENT))

    assert (hasty.cut_off, hasty.would_cut_off) == (1, 1)
    assert (patient.cut_off, patient.would_cut_off, patient.would_wait_ms) == (1, 0, None)


def test_a_held_button_waits_for_nothing(written):
    held = {"uplink": 500.0, "endpoint_wait": 0.0, "asr": 100.0}

    (turn,) = replayed(written(record(waterfall=held))).turns

    assert (turn.wait_ms, turn.would_wait_ms) == (None, None)


def test_slow_pauses_are_waited_for_longer_in_the_turns_after_them(written):
    slow = hesitant(1400, over=0.1)

    *_, last = replayed(written(record(slow), record(slow), record())).turns

    assert last.would_wait_ms > FLOOR_MS[Profile.BALANCED] * 1.2


def test_the_sums_are_over_the_turns_that_silence_ended(written):
    held = record(waterfall={"uplink": 600.0})

    sums = replayed(written(record(), held, record()), PATIENT).sums()

    assert (sums["by_ear"], sums["wait_ms"]) == (2, 960)
    assert sums["would_wait_ms"] == 2 * FLOOR_MS[PATIENT]


# The command


def test_the_command_says_the_same_twice(written, capsys):
    path = written(record(), record(hesitant(300)))

    said = []
    for _ in range(2):
        assert invoke(["replay", str(path), "--profile", "snappy"]) == 0
        said.append(capsys.readouterr().out)

    assert said[0] == said[1]
    assert "2 turns, all as recorded" in said[0]


def test_the_command_fails_when_something_differs(written, capsys):
    changed = [[ms, name, told, [], state] for ms, name, told, _, state in TURN]

    assert invoke(["replay", str(written(record(changed)))]) == 1
    assert "turn 1, 500 ms, StreamPaused: recorded nothing, paused; now Guess 0, paused" in (
        capsys.readouterr().out
    )


def test_the_command_prints_one_object(written, capsys):
    assert invoke(["replay", str(written(record())), "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["identical"]
    assert printed["turns"][0]["wait_ms"] == 480


def test_the_command_knows_its_profiles(written, capsys):
    assert invoke(["replay", str(written(record())), "--profile", "hasty"]) == 2
    assert "none of snappy, balanced, patient" in capsys.readouterr().err


def test_the_last_turn_is_explained_as_before(written, capsys):
    assert invoke(["why", str(written(record()))]) == 0
    assert "You waited 600 ms" in capsys.readouterr().out
