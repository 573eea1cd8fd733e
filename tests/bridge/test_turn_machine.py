import pytest

from mynah.turn.events import (
    Answer,
    AnswerFailed,
    AnswerProgressed,
    Drop,
    Guess,
    Judge,
    Judged,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    Resume,
    StreamEnded,
    StreamPaused,
    StreamProgressed,
    StreamResumed,
    StreamStarted,
    Tick,
)
from mynah.turn.machine import (
    DEADLINES_MS,
    HELD_MS,
    WORDS_MS,
    IllegalTransitionError,
    State,
    TurnMachine,
)
from tests.bridge.turn_table import (
    CLOSE,
    COMMITTED,
    DROP,
    DUCKED,
    HEARING,
    HELD,
    HELD_ENDED,
    HELD_PAUSED,
    HELD_RESUMED,
    ILLEGAL,
    LISTENING,
    NEXT,
    OVER,
    PAUSED,
    SPEAKING,
    STOP,
    STREAM,
    TABLE,
    TAKEN_PAUSED,
    TURN,
    WAY_TO,
    events_of,
    happens,
    machine_in,
    standing,
    taken,
)

STALE = [
    StreamProgressed(10),
    StreamPaused(10),
    StreamResumed(10),
    StreamEnded(10, said=True),
    StreamEnded(10, said=False),
    Judged(10, ends_reply=True),
    Judged(10, ends_reply=False),
    AnswerProgressed(1),
    ReplyStarted(1),
    ReplyProgressed(1),
    ReplyEnded(1, whole=True),
    ReplyEnded(1, whole=False),
    AnswerFailed(1, "too late"),
]


def test_the_table_has_every_pair():
    assert set(State) <= set(TABLE)
    assert {way: set(row) for way, row in TABLE.items()} == {
        way: set(events_of(STREAM, OVER)) for way in WAY_TO
    }


@pytest.mark.parametrize(
    ("way", "name"), [(way, name) for way, row in TABLE.items() for name in row], ids=str
)
def test_each_event_in_each_state_does_what_the_table_says(way, name):
    machine = machine_in(way)
    before = standing(machine)

    if TABLE[way][name] == ILLEGAL:
        with pytest.raises(IllegalTransitionError, match=f"in state {machine.state}"):
            happens(machine, name)
        assert standing(machine) == before
    else:
        actions = happens(machine, name)
        assert (machine.state, actions) == TABLE[way][name]


@pytest.mark.parametrize("event", STALE, ids=repr)
@pytest.mark.parametrize("way", WAY_TO)
def test_what_belongs_to_an_older_turn_changes_nothing(way, event):
    machine = machine_in(way)
    before = standing(machine)

    assert machine.handle(event, 1.0) == []
    assert standing(machine) == before


@pytest.mark.parametrize("way", [HELD, HELD_PAUSED, HELD_RESUMED, HELD_ENDED])
def test_over_a_held_reply_the_stream_that_it_answers_is_an_older_one(way):
    machine = machine_in(way)

    for event in [StreamProgressed(STREAM), StreamEnded(STREAM, said=True), Judged(STREAM, True)]:
        assert machine.handle(event, 1.0) == []
    assert machine.state is HELD


@pytest.mark.parametrize("state", [HEARING, PAUSED, COMMITTED, SPEAKING, DUCKED])
def test_a_state_in_which_nothing_happens_leads_back_to_listening(state):
    machine = machine_in(state, now_ms=100.0)
    due_ms = machine.deadline_ms()
    assert due_ms == 100.0 + DEADLINES_MS[state]

    assert machine.handle(Tick(), due_ms - 1) == []
    *first, close = machine.handle(Tick(), due_ms)

    assert first == {HEARING: [], PAUSED: [DROP]}.get(state, [STOP])
    assert close.turn == TURN
    assert str(state) in close.error
    assert machine.state is LISTENING


@pytest.mark.parametrize("way", [HELD, HELD_PAUSED, HELD_RESUMED, HELD_ENDED])
def test_a_held_reply_over_which_nothing_is_understood_goes_on(way):
    machine = machine_in(way, now_ms=100.0)

    assert machine.handle(Tick(), 100.0 + HELD_MS - 1) == []
    assert (machine.handle(Tick(), 100.0 + HELD_MS), machine.state) == ([Resume(TURN)], SPEAKING)
    assert machine.deadline_ms() == 100.0 + HELD_MS + DEADLINES_MS[SPEAKING]


def test_while_nobody_has_the_floor_there_is_no_deadline():
    assert TurnMachine().deadline_ms() is None
    assert machine_in(LISTENING).deadline_ms() is None


@pytest.mark.parametrize(
    ("state", "sign_of_life"),
    [
        (HEARING, "progressed"),
        (PAUSED, "progressed"),
        (COMMITTED, "made"),
        (SPEAKING, "plays"),
        (SPEAKING, "made"),
        (DUCKED, "plays"),
        (DUCKED, "made"),
    ],
)
def test_a_sign_of_life_moves_the_deadline(state, sign_of_life):
    machine = machine_in(state)

    happens(machine, sign_of_life, 500.0)

    assert machine.deadline_ms() == 500.0 + DEADLINES_MS[state]


@pytest.mark.parametrize("sign_of_life", ["progressed", "paused", "resumed", "made", "plays"])
def test_nothing_but_a_verdict_moves_the_deadline_of_a_held_reply(sign_of_life):
    machine = machine_in(HELD)

    happens(machine, sign_of_life, 500.0)

    assert machine.deadline_ms() == HELD_MS


def test_hearing_a_long_speech_may_take_as_long_as_the_speech():
    machine = machine_in(HEARING)

    machine.handle(StreamEnded(STREAM, said=True, speech_ms=60_000.0), 500.0)

    assert machine.deadline_ms() == 500.0 + 60_000.0 + DEADLINES_MS[COMMITTED]


def test_a_press_begins_a_turn_of_its_own_in_every_state():
    for way in WAY_TO:
        machine = machine_in(way)
        machine.handle(StreamStarted(NEXT), 1.0)
        assert (machine.turn, machine.stream, machine.state) == (TURN + 1, NEXT, HEARING)


def test_each_pause_is_guessed_at_under_a_revision_of_its_own():
    machine = machine_in(HEARING)
    told = []
    for name in ["paused", "resumed", "paused", "resumed", "paused", "said"]:
        told += happens(machine, name)

    first, second, third = range(3)
    assert told == [
        Guess(TURN, first),
        Drop(TURN, first),
        Guess(TURN, second),
        Drop(TURN, second),
        Guess(TURN, third),
        Answer(TURN, STREAM),
    ]
    machine.handle(StreamStarted(NEXT), 1.0)
    assert machine.revision == 0


def test_voice_in_one_go_over_a_reply_ends_it_before_its_words_are_known():
    machine = machine_in(HELD)

    assert happens(machine, "progressed", WORDS_MS - 1) == []
    assert happens(machine, "progressed", WORDS_MS) == [STOP, CLOSE]
    assert (machine.state, machine.turn, machine.stream) == (HEARING, TURN + 1, OVER)


def test_voice_with_a_pause_in_it_is_not_one_go():
    machine = machine_in(HELD)
    happens(machine, "paused", 300.0)

    assert happens(machine, "progressed", WORDS_MS) == []
    happens(machine, "resumed", WORDS_MS)
    assert happens(machine, "progressed", 2 * WORDS_MS - 1) == []
    assert happens(machine, "progressed", 2 * WORDS_MS) == [STOP, CLOSE]


def test_what_is_said_after_a_pause_over_a_reply_is_judged_once_it_is_said():
    machine = machine_in(HELD_PAUSED)

    happens(machine, "resumed")
    assert happens(machine, "nod") == []
    assert happens(machine, "paused") == [Judge(OVER)]
    assert happens(machine, "word") == taken(TAKEN_PAUSED, STOP, CLOSE)[1]
