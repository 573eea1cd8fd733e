"""Walks of a turn machine, at random."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.turn.events import (
    Answer,
    AnswerFailed,
    AnswerProgressed,
    Close,
    Drop,
    Guess,
    Hold,
    Judge,
    Judged,
    LinkLost,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    Resume,
    Stop,
    StreamEnded,
    StreamPaused,
    Tick,
)
from mynah.turn.machine import (
    IllegalTransitionError,
    TurnMachine,
)
from tests.bridge.turn_table import HEARING, HELD, LISTENING, PAUSED, WAY_TO, events_of, standing

turns = st.integers(1, 4)
streams = st.integers(1, 5)
events = st.one_of(
    st.builds(AnswerProgressed, turns),
    st.builds(ReplyStarted, turns),
    st.builds(ReplyProgressed, turns),
    st.builds(ReplyEnded, turns, whole=st.booleans()),
    st.builds(AnswerFailed, turns, st.just("no words")),
    st.builds(StreamPaused, streams),
    st.builds(StreamEnded, streams, said=st.booleans()),
    st.builds(Judged, streams, st.booleans()),
    st.builds(LinkLost, st.just("gone")),
    st.sampled_from(["tick", *events_of(0, 0)]),
)


def event_of(step, machine):
    if step == "tick":
        return Tick()
    if isinstance(step, str):
        return events_of(machine.stream, machine.stream + 1, machine.turn)[step]
    return step


def walk(steps):
    """Every action of a machine to which all this happens; what is illegal changes nothing."""
    machine, told = TurnMachine(), []
    now_ms = 0.0
    for step in steps:
        now_ms += 10.0
        if step == "tick":
            now_ms = max(now_ms, machine.deadline_ms() or 0.0)
        before = standing(machine)
        try:
            told += machine.handle(event_of(step, machine), now_ms)
        except IllegalTransitionError:
            assert standing(machine) == before
        assert (machine.state is LISTENING) == (machine.deadline_ms() is None)
    return machine, told


ways = st.sampled_from([["pressed", *way] for way in WAY_TO.values()])
walks = st.lists(events.map(lambda event: [event]) | ways, min_size=3, max_size=20).map(
    lambda parts: [step for part in parts for step in part]
)


@given(walks)
def test_whatever_happens_a_turn_is_answered_at_most_once_and_closed_at_most_once(steps):
    machine, told = walk(steps)

    for kind in (Answer, Close, Stop):
        turns = [action.turn for action in told if isinstance(action, kind)]
        assert turns == sorted(set(turns))
    answered = {action.turn for action in told if isinstance(action, Answer)}
    closed = {action.turn for action in told if isinstance(action, Close)}
    in_hand = set() if machine.state in (LISTENING, HEARING, PAUSED) else {machine.turn}
    assert answered - closed == in_hand


@given(walks)
def test_a_turn_that_is_stopped_is_closed_at_once_and_only_an_answer_is_stopped(steps):
    _, told = walk(steps)

    for number, action in enumerate(told):
        if isinstance(action, Stop):
            assert isinstance(told[number + 1], Close)
            assert told[number + 1].turn == action.turn
            assert any(isinstance(a, Answer) and a.turn == action.turn for a in told[:number])


@given(walks)
def test_every_guess_is_dropped_or_answered_before_anything_else_is_done_about_its_turn(steps):
    machine, told = walk(steps)

    for number, action in enumerate(told):
        if isinstance(action, Guess):
            then = told[number + 1 :]
            if not then:
                assert machine.state is PAUSED
            else:
                assert isinstance(then[0], Drop | Answer)
                assert then[0].turn == action.turn
                assert getattr(then[0], "revision", action.revision) == action.revision
        elif isinstance(action, Drop):
            assert told[number - 1] == Guess(action.turn, action.revision)


@given(walks)
def test_a_reply_that_is_held_goes_on_or_ends(steps):
    machine, told = walk(steps)

    holds = [number for number, action in enumerate(told) if isinstance(action, Hold)]
    for number in holds:
        then = [action for action in told[number + 1 :] if not isinstance(action, Judge)]
        if not then:
            assert machine.state is HELD
        else:
            assert isinstance(then[0], Resume | Stop | Close)
            assert then[0].turn == told[number].turn


@settings(max_examples=50)
@given(walks)
def test_from_wherever_it_came_silence_leads_back_to_listening(steps):
    machine, _ = walk(steps)

    for _ in range(2):  # a held reply goes on first
        if machine.deadline_ms() is not None:
            machine.handle(Tick(), machine.deadline_ms())
    assert machine.state is LISTENING
