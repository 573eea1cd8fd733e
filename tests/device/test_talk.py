import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.actions import CLOSE_MICROPHONE, OPEN_MICROPHONE
from mynah_device.talk import (
    AGAIN_MS,
    CLOSE,
    CLOSING,
    HELD,
    HOLD_LIMIT_MS,
    KEEP,
    LIMIT,
    OPEN,
    OPEN_LIMIT_MS,
    PRESS,
    QUIET,
    RELEASE,
    STOPPED,
    TAP_MS,
    Talk,
)
from mynah_wire.clock import PERIOD_MS, after_ms
from mynah_wire.uplink import CANCELLED, CUT, HOLD, SAID, TAP

STATES = (QUIET, HELD, OPEN, CLOSING)
EVENTS = (PRESS, RELEASE, CLOSE, KEEP, LIMIT, STOPPED)
LONG_MS = 2000
OPENS, CLOSES, NOTHING = [OPEN_MICROPHONE], [CLOSE_MICROPHONE], []
# The whole table, each event LONG_MS after the state began: the next state and what is done.
LEGAL = {
    (QUIET, PRESS): (HELD, OPENS),
    (QUIET, RELEASE): (QUIET, NOTHING),
    (QUIET, CLOSE): (QUIET, NOTHING),
    (QUIET, KEEP): (QUIET, NOTHING),
    (HELD, RELEASE): (CLOSING, CLOSES),
    (HELD, CLOSE): (HELD, NOTHING),
    (HELD, KEEP): (HELD, NOTHING),
    (HELD, LIMIT): (CLOSING, CLOSES),
    (OPEN, PRESS): (HELD, NOTHING),
    (OPEN, CLOSE): (CLOSING, CLOSES),
    (OPEN, KEEP): (OPEN, NOTHING),
    (OPEN, LIMIT): (CLOSING, CLOSES),
    (CLOSING, PRESS): (CLOSING, NOTHING),
    (CLOSING, RELEASE): (CLOSING, NOTHING),
    (CLOSING, CLOSE): (CLOSING, NOTHING),
    (CLOSING, KEEP): (CLOSING, NOTHING),
    (CLOSING, STOPPED): (QUIET, NOTHING),
}
ILLEGAL = [pair for pair in itertools.product(STATES, EVENTS) if pair not in LEGAL]
# How to come into each state.
PATHS = {
    QUIET: [],
    HELD: [(PRESS, 0)],
    OPEN: [(PRESS, 0), (RELEASE, 100)],
    CLOSING: [(PRESS, 0), (RELEASE, 1000)],
}


def talk_in(state, start_ms=0):
    talk = Talk()
    for event, at_ms in PATHS[state]:
        talk.handle(event, after_ms(start_ms, at_ms))
    assert talk.state == state
    return talk


def names(actions):
    return [name for name, _ in actions]


@pytest.mark.parametrize(("pair", "expected"), LEGAL.items(), ids=str)
@pytest.mark.parametrize("start_ms", [0, PERIOD_MS - 500], ids=["", "clock turns over"])
def test_every_legal_pair_goes_where_the_table_says(pair, expected, start_ms):
    talk = talk_in(pair[0], start_ms)

    done = talk.handle(pair[1], after_ms(start_ms, LONG_MS))

    assert (talk.state, names(done)) == expected


@pytest.mark.parametrize(("state", "event"), ILLEGAL)
def test_every_other_pair_is_an_error_and_changes_nothing(state, event):
    talk = talk_in(state)
    before = dict(vars(talk))

    with pytest.raises(ValueError, match=f"{event} in state {state}"):
        talk.handle(event, LONG_MS)

    assert vars(talk) == before


def test_a_hold_is_a_stream_from_the_press_to_the_release():
    talk = Talk()

    assert talk.handle(PRESS, 10) == [(OPEN_MICROPHONE, None)]
    assert (talk.stream, talk.cause, talk.hears) == (1, HOLD, True)
    assert talk.handle(RELEASE, 10 + TAP_MS) == [(CLOSE_MICROPHONE, 10 + TAP_MS)]
    assert (talk.verdict, talk.ended_ms, talk.hears) == (SAID, 10 + TAP_MS, True)
    assert talk.handle(STOPPED, 300) == []
    assert not talk.hears


def test_a_tap_leaves_the_microphone_open_until_the_next_tap():
    talk = Talk()
    talk.handle(PRESS, 0)

    assert talk.handle(RELEASE, TAP_MS - 1) == []
    assert (talk.state, talk.cause) == (OPEN, TAP)
    assert talk.handle(PRESS, 5000) == []
    assert talk.handle(RELEASE, 5100) == [(CLOSE_MICROPHONE, 5100)]
    assert talk.handle(STOPPED, 5200) == []
    assert (talk.state, talk.verdict) == (QUIET, SAID)


def test_what_is_said_with_the_button_held_after_a_tap_is_heard_until_the_release():
    talk = talk_in(OPEN)
    talk.handle(PRESS, LONG_MS)

    assert (talk.stream, talk.cause, talk.hears) == (1, TAP, True)
    assert talk.handle(CLOSE, 2 * LONG_MS) == []  # the wearer decides
    assert talk.handle(RELEASE, 3 * LONG_MS) == [(CLOSE_MICROPHONE, 3 * LONG_MS)]
    assert talk.verdict == SAID


@pytest.mark.parametrize(
    ("after_ms", "verdict"), [(1, CANCELLED), (AGAIN_MS - 1, CANCELLED), (AGAIN_MS, SAID)]
)
def test_a_second_tap_at_once_cancels_what_the_first_one_opened(after_ms, verdict):
    talk = Talk()
    talk.handle(PRESS, 0)
    talk.handle(RELEASE, 100)
    talk.handle(KEEP, 100)  # whatever the host says
    pressed = names(talk.handle(PRESS, 100 + after_ms))
    released = names(talk.handle(RELEASE, 150 + after_ms))

    assert (pressed, released) == ((CLOSES, NOTHING) if verdict == CANCELLED else (NOTHING, CLOSES))
    assert talk.verdict == verdict


def test_a_touch_that_stopped_a_reply_says_nothing():
    talk = Talk()
    talk.handle(PRESS, 0, stops_reply=True)

    assert talk.handle(RELEASE, 100) == [(CLOSE_MICROPHONE, 100)]
    assert talk.verdict == CANCELLED


def test_a_hold_that_stopped_a_reply_is_said():
    talk = Talk()
    talk.handle(PRESS, 0, stops_reply=True)
    talk.handle(RELEASE, TAP_MS)

    assert talk.verdict == SAID


@pytest.mark.parametrize(("state", "limit_ms"), [(HELD, HOLD_LIMIT_MS), (OPEN, OPEN_LIMIT_MS)])
def test_an_open_microphone_has_a_time_limit(state, limit_ms):
    talk = talk_in(state)

    assert talk.deadline_ms() == limit_ms
    talk.handle(LIMIT, limit_ms)
    assert (talk.state, talk.verdict) == (CLOSING, CUT)


def test_a_host_that_still_listens_puts_off_the_limit_of_a_tap():
    talk = talk_in(OPEN)
    talk.handle(KEEP, OPEN_LIMIT_MS - 1)

    assert talk.deadline_ms() == 2 * OPEN_LIMIT_MS - 1


def test_no_host_puts_off_the_limit_of_a_hold():
    talk = talk_in(HELD)
    talk.handle(KEEP, HOLD_LIMIT_MS - 1)

    assert talk.deadline_ms() == HOLD_LIMIT_MS


@pytest.mark.parametrize("state", [QUIET, CLOSING])
def test_a_closed_microphone_has_none(state):
    assert talk_in(state).deadline_ms() is None


def test_a_press_while_closing_opens_the_next_stream_and_counts_from_the_press():
    talk = talk_in(CLOSING)
    talk.handle(PRESS, 1010)

    assert talk.handle(STOPPED, 1200) == [(OPEN_MICROPHONE, None)]
    assert (talk.state, talk.stream, talk.deadline_ms()) == (HELD, 2, 1010 + HOLD_LIMIT_MS)
    assert names(talk.handle(RELEASE, 1010 + TAP_MS)) == CLOSES


def test_a_press_released_while_closing_leaves_the_microphone_closed():
    talk = talk_in(CLOSING)
    talk.handle(PRESS, 1010)
    talk.handle(RELEASE, 1040)

    assert talk.handle(STOPPED, 1200) == []
    assert talk.state == QUIET


def test_streams_are_numbered_from_1_to_65535():
    talk = Talk()
    talk.stream = 0xFFFF
    talk.handle(PRESS, 0)

    assert talk.stream == 1


@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_whatever_happens_the_microphone_closes_when_the_button_is_up_and_time_passes(events):
    talk, is_open, now_ms = Talk(), False, 0
    for event in [*events, RELEASE, LIMIT, STOPPED, LIMIT, STOPPED]:
        now_ms += 100
        try:
            done = names(talk.handle(event, now_ms))
        except ValueError:
            continue
        is_open = is_open and event != STOPPED
        assert not (done == OPENS and is_open)
        is_open = is_open or done == OPENS
        assert talk.hears == is_open

    assert (talk.state, is_open) == (QUIET, False)
