import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.turn.machine import (
    DEADLINES_MS,
    NO_END,
    Answer,
    AnswerFailed,
    AnswerProgressed,
    Close,
    IllegalTransitionError,
    LinkLost,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    State,
    Stop,
    StreamEnded,
    StreamProgressed,
    StreamStarted,
    Tick,
    TurnMachine,
)

LISTENING, HEARING, COMMITTED, SPEAKING = State
ILLEGAL = "illegal"
TURN = 2  # the turn in hand; turn 1 is over
STREAM = 20

EVENTS = {
    "started": StreamStarted(21),
    "progressed": StreamProgressed(STREAM),
    "said": StreamEnded(STREAM, said=True),
    "touched": StreamEnded(STREAM, said=False),
    "made": AnswerProgressed(TURN),
    "sounds": ReplyStarted(TURN),
    "plays": ReplyProgressed(TURN),
    "done": ReplyEnded(TURN, whole=True),
    "flushed": ReplyEnded(TURN, whole=False),
    "failed": AnswerFailed(TURN, "no words"),
    "lost": LinkLost("gone"),
    "early tick": Tick(),
}
STALE = [
    StreamProgressed(10),
    StreamEnded(10, said=True),
    StreamEnded(10, said=False),
    AnswerProgressed(1),
    ReplyStarted(1),
    ReplyProgressed(1),
    ReplyEnded(1, whole=True),
    ReplyEnded(1, whole=False),
    AnswerFailed(1, "too late"),
]

STOP, CLOSE = Stop(TURN), Close(TURN, None)
LOST = Close(TURN, "the link was lost: gone")
FAILED = Close(TURN, "no words")

# (state, event): (next state, actions), or ILLEGAL. Every pair there is.
TABLE = {
    (LISTENING, "started"): (HEARING, []),
    (LISTENING, "progressed"): (LISTENING, []),
    (LISTENING, "said"): (LISTENING, []),
    (LISTENING, "touched"): (LISTENING, []),
    (LISTENING, "made"): (LISTENING, []),
    (LISTENING, "sounds"): (LISTENING, []),
    (LISTENING, "plays"): (LISTENING, []),
    (LISTENING, "done"): (LISTENING, []),
    (LISTENING, "flushed"): (LISTENING, []),
    (LISTENING, "failed"): (LISTENING, []),
    (LISTENING, "lost"): (LISTENING, []),
    (LISTENING, "early tick"): (LISTENING, []),
    (HEARING, "started"): (HEARING, [Close(TURN, NO_END)]),
    (HEARING, "progressed"): (HEARING, []),
    (HEARING, "said"): (COMMITTED, [Answer(TURN, STREAM)]),
    (HEARING, "touched"): (LISTENING, []),
    (HEARING, "made"): ILLEGAL,
    (HEARING, "sounds"): ILLEGAL,
    (HEARING, "plays"): ILLEGAL,
    (HEARING, "done"): ILLEGAL,
    (HEARING, "flushed"): ILLEGAL,
    (HEARING, "failed"): ILLEGAL,
    (HEARING, "lost"): (LISTENING, [LOST]),
    (HEARING, "early tick"): (HEARING, []),
    (COMMITTED, "started"): (HEARING, [STOP, CLOSE]),
    (COMMITTED, "progressed"): ILLEGAL,
    (COMMITTED, "said"): ILLEGAL,
    (COMMITTED, "touched"): ILLEGAL,
    (COMMITTED, "made"): (COMMITTED, []),
    (COMMITTED, "sounds"): (SPEAKING, []),
    (COMMITTED, "plays"): (COMMITTED, []),
    (COMMITTED, "done"): (LISTENING, [CLOSE]),
    (COMMITTED, "flushed"): (LISTENING, [STOP, CLOSE]),
    (COMMITTED, "failed"): (LISTENING, [STOP, FAILED]),
    (COMMITTED, "lost"): (LISTENING, [STOP, LOST]),
    (COMMITTED, "early tick"): (COMMITTED, []),
    (SPEAKING, "started"): (HEARING, [STOP, CLOSE]),
    (SPEAKING, "progressed"): ILLEGAL,
    (SPEAKING, "said"): ILLEGAL,
    (SPEAKING, "touched"): ILLEGAL,
    (SPEAKING, "made"): (SPEAKING, []),
    (SPEAKING, "sounds"): ILLEGAL,
    (SPEAKING, "plays"): (SPEAKING, []),
    (SPEAKING, "done"): (LISTENING, [CLOSE]),
    (SPEAKING, "flushed"): (LISTENING, [STOP, CLOSE]),
    (SPEAKING, "failed"): (LISTENING, [STOP, FAILED]),
    (SPEAKING, "lost"): (LISTENING, [STOP, LOST]),
    (SPEAKING, "early tick"): (SPEAKING, []),
}

WAY_TO = {
    LISTENING: ["said", "sounds", "done"],
    HEARING: [],
    COMMITTED: ["said"],
    SPEAKING: ["said", "sounds"],
}


def machine_in(state, now_ms=0.0):
    """In its second turn, at `now_ms`."""
    machine = TurnMachine()
    machine.handle(StreamStarted(10), now_ms)
    machine.handle(StreamEnded(10, said=False), now_ms)
    machine.handle(StreamStarted(STREAM), now_ms)
    for name in WAY_TO[state]:
        machine.handle(EVENTS[name], now_ms)
    assert (machine.state, machine.turn) == (state, TURN)
    return machine


def test_the_table_has_every_pair():
    assert set(TABLE) == {(state, event) for state in State for event in EVENTS}


@pytest.mark.parametrize(("state", "name"), TABLE, ids=str)
def test_each_event_in_each_state_does_what_the_table_says(state, name):
    machine = machine_in(state)
    due_ms = machine.deadline_ms()

    if TABLE[state, name] == ILLEGAL:
        with pytest.raises(IllegalTransitionError, match=f"in state {state}"):
            machine.handle(EVENTS[name], 1.0)
        assert (machine.state, machine.deadline_ms()) == (state, due_ms)
    else:
        actions = machine.handle(EVENTS[name], 1.0)
        assert (machine.state, actions) == TABLE[state, name]


@pytest.mark.parametrize("event", STALE, ids=repr)
@pytest.mark.parametrize("state", State)
def test_what_belongs_to_an_older_turn_changes_nothing(state, event):
    machine = machine_in(state)
    due_ms = machine.deadline_ms()

    assert machine.handle(event, 1.0) == []
    assert (machine.state, machine.turn, machine.deadline_ms()) == (state, TURN, due_ms)


@pytest.mark.parametrize("state", [HEARING, COMMITTED, SPEAKING])
def test_a_state_in_which_nothing_happens_leads_back_to_listening(state):
    machine = machine_in(state, now_ms=100.0)
    due_ms = machine.deadline_ms()
    assert due_ms == 100.0 + DEADLINES_MS[state]

    assert machine.handle(Tick(), due_ms - 1) == []
    *stops, close = machine.handle(Tick(), due_ms)

    assert stops == ([] if state is HEARING else [STOP])
    assert close.turn == TURN
    assert str(state) in close.error
    assert machine.state is LISTENING


def test_while_nobody_has_the_floor_there_is_no_deadline():
    assert TurnMachine().deadline_ms() is None
    assert machine_in(LISTENING).deadline_ms() is None


@pytest.mark.parametrize(
    ("state", "sign_of_life"),
    [(HEARING, "progressed"), (COMMITTED, "made"), (SPEAKING, "plays"), (SPEAKING, "made")],
)
def test_a_sign_of_life_moves_the_deadline(state, sign_of_life):
    machine = machine_in(state)

    machine.handle(EVENTS[sign_of_life], 500.0)

    assert machine.deadline_ms() == 500.0 + DEADLINES_MS[state]


def test_a_press_begins_a_turn_of_its_own_in_every_state():
    for state in State:
        machine = machine_in(state)
        machine.handle(EVENTS["started"], 1.0)
        assert (machine.turn, machine.stream, machine.state) == (TURN + 1, 21, HEARING)


turns = st.integers(1, 4)
streams = turns.map(lambda turn: turn * 10)
events = st.one_of(
    st.builds(StreamProgressed, streams),
    st.builds(StreamEnded, streams, said=st.booleans()),
    st.builds(AnswerProgressed, turns),
    st.builds(ReplyStarted, turns),
    st.builds(ReplyProgressed, turns),
    st.builds(ReplyEnded, turns, whole=st.booleans()),
    st.builds(AnswerFailed, turns, st.just("no words")),
    st.just("press"),
    st.just("tick"),
    st.builds(LinkLost, st.just("gone")),
)


def walk(steps):
    """Every action of a machine to which all this happens; what is illegal changes nothing."""
    machine, told = TurnMachine(), []
    now_ms = 0.0
    for step in steps:
        now_ms += 10.0
        event = step
        if step == "press":
            event = StreamStarted(10 * (machine.turn + 1))
        elif step == "tick":
            now_ms = max(now_ms, machine.deadline_ms() or 0.0)
            event = Tick()
        before = machine.state, machine.turn, machine.deadline_ms()
        try:
            told += machine.handle(event, now_ms)
        except IllegalTransitionError:
            assert (machine.state, machine.turn, machine.deadline_ms()) == before
        assert (machine.state is LISTENING) == (machine.deadline_ms() is None)
    return machine, told


@given(st.lists(events, max_size=60))
def test_whatever_happens_a_turn_is_answered_at_most_once_and_closed_at_most_once(steps):
    machine, told = walk(steps)

    for kind in (Answer, Close, Stop):
        turns = [action.turn for action in told if isinstance(action, kind)]
        assert turns == sorted(set(turns))
    answered = {action.turn for action in told if isinstance(action, Answer)}
    closed = {action.turn for action in told if isinstance(action, Close)}
    in_hand = set() if machine.state in (LISTENING, HEARING) else {machine.turn}
    assert answered - closed == in_hand


@given(st.lists(events, max_size=60))
def test_a_turn_that_is_stopped_is_closed_at_once_and_only_an_answer_is_stopped(steps):
    _, told = walk(steps)

    for number, action in enumerate(told):
        if isinstance(action, Stop):
            assert isinstance(told[number + 1], Close)
            assert told[number + 1].turn == action.turn
            assert any(isinstance(a, Answer) and a.turn == action.turn for a in told[:number])
