"""What is kept of a turn is enough to make the same of it again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.replay import Recorded, replay
from mynah.turn.delay import Profile
from mynah.turn.events import (
    AnswerFailed,
    AnswerProgressed,
    Judged,
    LinkLost,
    Overheard,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    StreamEnded,
    StreamPaused,
    StreamProgressed,
    StreamResumed,
    StreamStarted,
    Tick,
)
from mynah.turn.machine import IllegalTransitionError, TurnMachine
from mynah.turn.tape import FULL, MOST_ENTRIES, Entry, Tape

LINE_BYTES = 4096  # of a turn's events

turns = st.integers(0, 1)  # before the one in hand
streams = st.integers(0, 1)
steps = st.one_of(
    st.builds(StreamProgressed, streams),
    st.builds(StreamPaused, streams),
    st.builds(StreamResumed, streams),
    st.builds(StreamEnded, streams, st.booleans(), st.floats(0, 5000)),
    st.builds(Overheard, st.booleans()),
    st.builds(Judged, streams, st.booleans()),
    st.builds(AnswerProgressed, turns),
    st.builds(ReplyStarted, turns),
    st.builds(ReplyProgressed, turns),
    st.builds(ReplyEnded, turns, st.booleans()),
    st.builds(AnswerFailed, turns, st.just("no words")),
    st.just("press"),
    st.just("voice"),
    st.just("tick"),
    st.builds(LinkLost, st.just("gone")),
)
walks = st.lists(st.tuples(steps, st.floats(0, 1200)), max_size=60)


def event_of(step, machine):
    """Streams and turns are named from the ones in hand backwards."""
    if step in {"press", "voice"}:
        return StreamStarted(machine.stream + 1, step == "voice")
    if step == "tick":
        return Tick()
    told = {name: getattr(step, name) for name in step.__dataclass_fields__}
    for name in told.keys() & {"turn", "stream"}:
        told[name] = getattr(machine, name) - told[name]
    return type(step)(**told)


def taped(walk, begun_ms=123456.7):
    """The tape, and each turn's actions as the machine itself gave them."""
    machine, now_ms = TurnMachine(), begun_ms
    tape, done = Tape(machine), []
    for step, after_ms in walk:
        now_ms += after_ms
        if step == "tick":
            now_ms = max(now_ms, machine.deadline_ms() or 0.0)
        try:
            done += tape.handle(event_of(step, machine), now_ms)
        except IllegalTransitionError:
            done.append("illegal")
    return machine, tape, done


def recorded(kept):
    """As it comes out of a file."""
    entries = [Entry.of_json(each) for each in json.loads(json.dumps(kept))]
    return Recorded(1, 1, None, {}, None, entries)


@given(walks)
def test_whatever_happened_happens_again_in_the_replay(walk):
    machine, tape, _ = taped(walk)
    kept = [recorded(taken) for turn in range(machine.turn) if (taken := tape.take(turn + 1))]

    for turn in replay(kept, Profile.BALANCED):
        assert turn.differences == []


@given(walks)
def test_no_action_is_missing_on_the_tape(walk):
    machine, tape, done = taped(walk)
    kept = [recorded(tape.take(turn + 1)).entries for turn in range(machine.turn)]
    if all(kept):
        told = [action for turn in kept for entry in turn for action in entry.actions]
        own = [action for action in told if not action.startswith("next ")]
        assert len(own) == len(done)


@given(walks)
def test_what_is_kept_of_a_turn_is_small_and_has_no_words(walk):
    machine, tape, _ = taped(walk)

    for turn in range(machine.turn):
        line = json.dumps(tape.take(turn + 1))
        assert len(line) < LINE_BYTES
        assert "no words" not in line
        assert "gone" not in line


def hesitating(pauses):
    rounds = [(StreamPaused(0), 100.0), (StreamResumed(0), 300.0)] * pauses
    return [("press", 0.0), *rounds, (StreamEnded(0, said=True), 50.0), (ReplyStarted(0), 200.0)]


def test_a_turn_of_many_pauses_is_kept_as_far_as_there_is_room():
    _, tape, _ = taped(hesitating(MOST_ENTRIES))

    kept = tape.take(1)

    assert len(kept) == MOST_ENTRIES
    assert kept[-1][1] == FULL
    assert len(json.dumps(kept)) < LINE_BYTES
    (turn,) = replay([recorded(kept)], Profile.BALANCED)
    assert turn.differences == []
    assert turn.left_ms == kept[-1][0]


def test_sound_that_changes_nothing_is_not_kept():
    sound = [(StreamProgressed(0), 20.0)] * 500
    _, tape, _ = taped([("press", 0.0), *sound, (StreamEnded(0, said=True), 0.0)])

    assert [entry[1] for entry in tape.take(1)] == ["StreamStarted", "StreamEnded"]


def test_words_over_a_reply_that_become_the_next_turn_begin_its_tape():
    talk = [("press", 0.0), (StreamEnded(0, said=True), 900.0), (ReplyStarted(0), 300.0)]
    over = [("voice", 500.0), (StreamEnded(0, said=True, speech_ms=800.0), 800.0)]
    _, tape, _ = taped([*talk, *over, (Judged(0, ends_reply=True), 200.0)])

    assert tape.take(1)[-1][3] == ["Stop", "Close", "next Answer"]
    assert tape.take(2) == [
        [0, "StreamStarted", {"stream": 2}, [], "hearing"],
        [0, "StreamEnded", {"stream": 2, "said": True, "speech_ms": 800}, ["Answer"], "committed"],
    ]


@pytest.mark.parametrize(
    "written",
    [
        "rubbish",
        [0, "StreamStarted", {"stream": 1}, []],
        [0, "StreamStarted", {"stream": "1"}, [], "hearing"],
        [0, "StreamStarted", {"river": 1}, [], "hearing"],
        [0, "StreamStarted", {"stream": 1}, [], "singing"],
        [0, "StreamStarted", {"stream": 1}, [None], "hearing"],
        [None, "StreamStarted", {"stream": 1}, [], "hearing"],
        [0, "Sang", {}, [], "hearing"],
        [0, "Wait", {"over": 0.5}, [], "paused"],
    ],
)
def test_what_is_no_entry_is_refused(written):
    with pytest.raises((ValueError, TypeError)):
        Entry.of_json(written)


def test_a_touch_is_no_turn_and_leaves_nothing():
    _, tape, _ = taped([("press", 0.0), (StreamEnded(0, said=False), 50.0)])

    assert tape.take(1) == []
