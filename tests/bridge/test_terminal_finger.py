import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.terminal.finger import (
    FIRST_REPEAT_MS,
    TRAIN_MS,
    Finger,
    Press,
    Quit,
    Release,
    Tap,
)
from mynah.terminal.keys import FocusLost, Key, Kind, Mouse

SPACE, DOWN, UP = (Key("space", kind) for kind in (Kind.TYPED, Kind.PRESS, Kind.RELEASE))
ESCAPE = Key("escape", Kind.TYPED)
CLICK, UNCLICK = Mouse(Kind.PRESS, 1, 1), Mouse(Kind.RELEASE, 1, 1)
LATE_MS = FIRST_REPEAT_MS + 1

KEYBOARDS = [(250, 92), (375, 90), (500, 33), (660, 40), (1000, 33), (1990, 90)]
"""First repeat and the others: Linux' console, macOS, GNOME, X11, the slowest Windows and macOS."""


def done(*timed_events, until_ms=100_000):
    """What a finger did, and when, told of (time, event) in order and ticked when it asks."""
    finger, actions = Finger(), []

    def tick(end_ms):
        while (due_ms := finger.deadline_ms()) is not None and due_ms <= end_ms:
            actions.extend((due_ms, action) for action in finger.tick(due_ms))

    for at_ms, event in sorted(timed_events, key=lambda timed: timed[0]):
        tick(at_ms - 1)
        actions.extend((at_ms, action) for action in finger.handle(event, at_ms))
    tick(until_ms)
    assert finger.deadline_ms() is None
    return actions


def held(start_ms, end_ms, keyboard):
    """The spaces that a plain terminal sends of one touch."""
    first_ms, repeat_ms = keyboard
    repeats = range(start_ms + first_ms, end_ms, repeat_ms)
    return [(at_ms, SPACE) for at_ms in (start_ms, *repeats)]


@pytest.mark.parametrize(("down", "up"), [(DOWN, UP), (CLICK, UNCLICK)])
def test_a_terminal_that_tells_releases_is_taken_at_its_word(down, up):
    assert done((0, down), (50, up), (60, down), (9000, up)) == [
        (0, Press()), (50, Release()), (60, Press()), (9000, Release()),
    ]  # fmt: skip


@pytest.mark.parametrize("keyboard", KEYBOARDS)
def test_a_held_space_bar_is_one_press(keyboard):
    spaces = held(0, 5000, keyboard)

    assert done(*spaces) == [(0, Press()), (spaces[-1][0] + TRAIN_MS, Release())]


@pytest.mark.parametrize("keyboard", KEYBOARDS)
@pytest.mark.parametrize("pause_ms", [50, 300, 1500, 10_000])
def test_after_a_hold_the_next_begins_at_once(keyboard, pause_ms):
    first = held(0, 4000, keyboard)
    start_ms = first[-1][0] + TRAIN_MS + pause_ms
    second = held(start_ms, start_ms + 3000, keyboard)

    assert done(*first, *second)[2] == (start_ms, Press())
    assert len(done(*first, *second)) == 4


@pytest.mark.parametrize("lag_ms", [0, 50, 100])
def test_a_line_that_delays_some_repeats_ends_no_turn(lag_ms):
    spaces = [
        (at_ms + lag_ms * (number % 3 == 1), each)
        for number, (at_ms, each) in enumerate(held(0, 3000, (375, 90)))
    ]

    assert len(done(*spaces)) == 2


def test_a_touch_begins_and_a_touch_ends():
    assert done((0, SPACE), (LATE_MS, SPACE)) == [(0, Press()), (LATE_MS, Release())]


@pytest.mark.parametrize("second_ms", [90, 700, FIRST_REPEAT_MS])
def test_two_touches_that_may_be_one_slow_key_end_when_no_more_come(second_ms):
    """So a slow keyboard's first repeat ends no turn."""
    assert done((0, SPACE), (second_ms, SPACE)) == [
        (0, Press()), (second_ms + TRAIN_MS, Release()),
    ]  # fmt: skip


@pytest.mark.parametrize("keyboard", KEYBOARDS)
@pytest.mark.parametrize("end_ms", [300, 1000, FIRST_REPEAT_MS, LATE_MS, 9000])
def test_an_ending_touch_that_is_held_begins_nothing(keyboard, end_ms):
    actions = done((0, SPACE), *held(end_ms, end_ms + 4000, keyboard))

    assert [action for _, action in actions] == [Press(), Release()]


def test_a_touch_soon_after_the_ending_one_begins_when_it_is_no_repeat():
    assert done((0, SPACE), (5000, SPACE), (6000, SPACE), (9000, SPACE)) == [
        (0, Press()), (5000, Release()), (6000 + TRAIN_MS, Press()), (9000, Release()),
    ]  # fmt: skip


def test_a_touch_long_after_the_ending_one_begins_at_once():
    assert done((0, SPACE), (5000, SPACE), (5000 + LATE_MS, SPACE))[2:] == [
        (5000 + LATE_MS, Press())
    ]


def test_a_loop_that_stood_still_lets_go_of_nothing():
    finger = Finger()
    for at_ms in (0, 660, 700):
        finger.handle(SPACE, at_ms)

    assert finger.handle(SPACE, 1500) == []
    assert finger.tick(1500) == []
    assert finger.deadline_ms() == 1500 + TRAIN_MS


def test_a_tick_before_its_time_changes_nothing():
    finger = Finger()
    finger.handle(SPACE, 0)
    finger.handle(SPACE, 660)

    assert finger.tick(660 + TRAIN_MS - 1) == []
    assert finger.tick(660 + TRAIN_MS) == [Release()]


def test_space_bar_and_mouse_are_one_finger():
    assert done((0, DOWN), (10, CLICK), (20, UP), (30, UNCLICK)) == [(0, Press()), (30, Release())]
    assert done((0, SPACE), (10, CLICK), (20, UNCLICK)) == [(0, Press())]


@pytest.mark.parametrize("down", [DOWN, CLICK])
def test_a_lost_focus_lets_go(down):
    assert done((0, down), (10, FocusLost()), (20, UP), (30, UNCLICK)) == [
        (0, Press()), (10, Release()),
    ]  # fmt: skip


def test_a_lost_focus_leaves_a_turn_that_a_touch_began():
    assert done((0, SPACE), (10, FocusLost()), (5000, SPACE)) == [(0, Press()), (5000, Release())]


def test_escape_is_a_tap():
    assert done((0, ESCAPE)) == [(0, Tap())]


def test_a_held_escape_is_one_tap():
    assert done((0, ESCAPE), (660, ESCAPE), (700, ESCAPE)) == [(0, Tap())]
    repeated = Key("escape", Kind.REPEAT), Key("escape", Kind.RELEASE)
    assert done(*enumerate(repeated)) == []


def test_two_escapes_are_two_where_the_terminal_knows():
    press = Key("escape", Kind.PRESS)

    assert done((0, press), (300, press)) == [(0, Tap()), (300, Tap())]


@pytest.mark.parametrize("down", [DOWN, CLICK, SPACE])
def test_escape_takes_the_finger_off(down):
    assert done((0, down), (10, ESCAPE), (20, UNCLICK)) == [(0, Press()), (10, Release())]


@pytest.mark.parametrize("name", ["q", "ctrl-c", "ctrl-d"])
def test_leaving(name):
    assert done((0, Key(name, Kind.TYPED))) == [(0, Quit())]
    assert done((0, Key(name, Kind.PRESS)), (1, Key(name, Kind.RELEASE))) == [(0, Quit())]


@pytest.mark.parametrize("name", ["x", "alt-q", "ctrl-space", "alt-space"])
def test_any_other_key_does_nothing(name):
    assert done((0, Key(name, Kind.TYPED)), (1, Key(name, Kind.PRESS))) == []


EVENTS = [
    SPACE, SPACE, SPACE, DOWN, UP, Key("space", Kind.REPEAT), ESCAPE, CLICK, UNCLICK, FocusLost(),
]  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 3000) | st.integers(1, 250), st.sampled_from(EVENTS))))
def test_whatever_comes_a_release_follows_a_press(waits):
    now_ms, timed = 0, []
    for wait_ms, event in waits:
        now_ms += wait_ms
        timed.append((now_ms, event))

    down = False
    for _, action in done(*timed, until_ms=now_ms + 10_000):
        assert isinstance(action, Tap | (Release if down else Press))
        assert not (down and isinstance(action, Tap))
        down = isinstance(action, Press) or (down and isinstance(action, Tap))


@given(
    st.integers(250, FIRST_REPEAT_MS),
    st.integers(20, 95),
    st.lists(st.tuples(st.integers(150, 5000), st.integers(200, 4000)), max_size=6),
)
def test_holds_on_any_keyboard_are_what_the_hand_did(first_ms, repeat_ms, holds):
    now_ms, spaces, begins = 0, [], []
    for pause_ms, more_ms in holds:
        now_ms += TRAIN_MS + pause_ms
        begins.append(now_ms)
        end_ms = now_ms + first_ms + more_ms
        spaces += held(now_ms, end_ms, (first_ms, repeat_ms))
        now_ms = end_ms

    actions = done(*spaces)

    assert [at_ms for at_ms, action in actions if action == Press()] == begins
    assert len(actions) == 2 * len(holds)
