"""A ring is reached again whatever happened, and never in a storm; the person is told once."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.link.events import (
    AdapterCame,
    AdapterWent,
    Cheer,
    Connect,
    Connected,
    Ended,
    Exchange,
    Failed,
    Forget,
    Found,
    Greet,
    HangUp,
    Lost,
    MtuKnown,
    Proven,
    Scan,
    Tell,
    Tick,
    Wanted,
)
from mynah.link.supervisor import (
    ASLEEP_MS,
    JITTER,
    LIMITS_MS,
    SCAN_LIMIT_MS,
    STEADY_MS,
    TOO_LATE,
    State,
    Supervisor,
)
from mynah.link.trouble import LONGEST_MS, TROUBLES, Kind

WAY = [Wanted(), Found(), Connected(), MtuKnown(), Proven()]
STEPS = [State.SCAN, State.CONNECT, State.MTU, State.HELLO, State.RUN]
EVERY = [
    *[Wanted(), Found(), Connected(), MtuKnown(), Proven(), Tick(), Ended()],
    *[AdapterWent(), AdapterCame()],
    *[kind(each) for kind in (Lost, Failed) for each in Kind],
]
WAITS_FOR = {  # what is under way in each state, and how it may end well
    State.SCAN: Found(),
    State.CONNECT: Connected(),
    State.MTU: MtuKnown(),
    State.HELLO: Proven(),
}


class Story:
    """A supervisor, its time, and all that it did."""

    def __init__(self, chance=lambda: 0.0):
        self.it = Supervisor(chance)
        self.now_ms = 0.0
        self.did = []

    def happens(self, *events):
        for event in events:
            self.did += self.it.handle(event, self.now_ms)
        return self

    def due(self):
        """The deadline comes; how long that took."""
        wait_ms = self.it.deadline_ms() - self.now_ms
        self.now_ms = self.it.deadline_ms()
        self.happens(Tick())
        return wait_ms

    def until(self, state):
        return self.happens(*WAY[: STEPS.index(state) + 1])

    def told(self):
        return [action.kind for action in self.did if isinstance(action, Tell) and action.loud]


def test_the_way_to_a_ring_is_taken_step_by_step():
    story = Story().until(State.RUN)

    assert story.did == [Scan(), Connect(cached=True), Exchange(), Greet(), Cheer()]
    assert story.it.state is State.RUN
    assert story.it.deadline_ms() is None


def test_a_ring_that_went_is_looked_for_at_once():
    story = Story().until(State.RUN)
    story.did.clear()

    story.happens(Lost(Kind.AWAY))

    assert story.did == [HangUp(), Tell(Kind.AWAY, 0.0, loud=True), Scan()]
    assert story.it.state is State.SCAN


def test_while_it_is_away_the_scan_goes_on_and_no_pause_is_made():
    story = Story().until(State.RUN).happens(Lost(Kind.AWAY))
    story.did.clear()

    for _ in range(20):
        assert story.due() == SCAN_LIMIT_MS

    assert [each for each in story.did if not isinstance(each, Tell)] == [HangUp(), Scan()] * 20
    assert story.told() == [Kind.ASLEEP]


def test_one_that_went_to_sleep_is_no_trouble_and_looked_for_at_once():
    story = Story().until(State.RUN)
    story.did.clear()

    story.happens(Lost(Kind.ASLEEP))
    for _ in range(20):
        story.due()

    assert story.did[:3] == [HangUp(), Tell(Kind.ASLEEP, 0.0, loud=False), Scan()]
    assert story.told() == []
    assert story.it.state is State.SCAN


def test_one_that_stays_away_is_taken_for_asleep_once():
    story = Story().until(State.SCAN)
    while Kind.ASLEEP not in story.told():
        story.due()

    assert ASLEEP_MS <= story.now_ms <= ASLEEP_MS + SCAN_LIMIT_MS


@pytest.mark.parametrize("state", STEPS[1:4])
def test_a_step_that_never_ends_is_given_up_in_time(state):
    story = Story().until(state)
    story.did.clear()

    assert story.due() == LIMITS_MS[state]
    assert story.did[0] == HangUp()
    assert story.told() == [TOO_LATE[state]]
    assert story.it.state is State.BACK_OFF


def waits(kind, chance=lambda: 0.0, times=12):
    story = Story(chance).until(State.CONNECT)
    waited = []
    for _ in range(times):
        story.happens(Failed(kind))
        waited.append(story.due())
        story.happens(Found())
    return waited


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind not in (Kind.ADAPTER_OFF, Kind.NO_ADAPTER)]
)
def test_waits_begin_as_the_kind_says_and_double_up_to_a_minute_at_most(kind):
    waited, trouble = waits(kind), TROUBLES[kind]

    assert waited[0] == trouble.first_ms
    assert waited[-1] == trouble.most_ms <= LONGEST_MS
    assert all(after in (2 * before, trouble.most_ms) for before, after in pairwise(waited))


def test_waits_are_jittered():
    waited = waits(Kind.STALLED, random.Random(1).random)
    plain = waits(Kind.STALLED)

    assert all((1 - JITTER) * most < one <= most for one, most in zip(waited, plain, strict=True))
    assert len(set(waited[-5:])) == 5


def test_a_link_that_held_for_a_while_begins_the_waits_anew():
    story = Story().until(State.CONNECT)
    for _ in range(5):
        story.happens(Failed(Kind.STALLED))
        story.due()
        story.happens(Found())
    story.happens(Connected(), MtuKnown(), Proven())
    story.now_ms += STEADY_MS
    story.happens(Lost(Kind.STALLED))

    assert story.due() == TROUBLES[Kind.STALLED].first_ms


def test_a_link_that_flaps_is_waited_for_ever_longer():
    story = Story().happens(Wanted())
    waited = []
    for _ in range(4):
        story.happens(*WAY[1:], Lost(Kind.BUSY))
        waited.append(story.due())

    assert waited == [5000.0, 10_000.0, 15_000.0, 15_000.0]


@pytest.mark.parametrize("kind", [Kind.STALE_CACHE, Kind.IN_PROGRESS])
def test_what_this_computer_remembers_wrongly_is_cleared_and_asked_anew_once(kind):
    story = Story().until(State.MTU)
    story.did.clear()
    story.happens(Failed(kind))
    story.due()
    story.happens(Found(), Failed(Kind.AWAY))
    story.due()
    story.happens(Found())

    assert story.did[:2] == [HangUp(), Forget()]
    assert [each for each in story.did if isinstance(each, Connect)] == [
        Connect(cached=False),
        Connect(cached=True),
    ]


def test_an_adapter_that_is_off_is_waited_for_and_taken_at_once_when_it_is_back():
    story = Story().until(State.RUN)
    story.did.clear()
    story.happens(AdapterWent())

    assert story.did == [HangUp(), Tell(Kind.ADAPTER_OFF, 2000.0, loud=True)]
    assert story.it.state is State.IDLE

    story.did.clear()
    story.happens(AdapterCame())
    assert story.did == [Scan()]


def test_where_nobody_tells_of_the_adapter_it_is_tried_every_two_seconds():
    story = Story().until(State.SCAN)
    for _ in range(100):
        story.happens(Failed(Kind.ADAPTER_OFF))
        assert story.due() == 2000.0

    assert story.told() == [Kind.ADAPTER_OFF]


def test_a_wrong_key_is_tried_seldom_and_told_of_again():
    story = Story().until(State.HELLO)
    for _ in range(16):
        story.happens(Lost(Kind.WRONG_KEY))
        assert story.due() == LONGEST_MS
        story.happens(Found(), Connected(), MtuKnown())

    assert story.told() == [Kind.WRONG_KEY] * 5  # after 1, 2, 4, 8 and 16 minutes


def test_what_has_no_end_is_told_of_once():
    story = Story().until(State.HELLO)
    for _ in range(50):
        story.happens(Lost(Kind.SILENT))
        story.due()
        story.happens(Found(), Connected(), MtuKnown())

    assert story.told() == [Kind.SILENT]


@pytest.mark.parametrize("event", EVERY, ids=repr)
@pytest.mark.parametrize("state", [*STEPS, State.BACK_OFF, State.IDLE])
def test_what_can_not_happen_is_an_error_that_names_state_and_event(state, event):
    story = Story()
    if state is State.BACK_OFF:
        story.until(State.CONNECT).happens(Failed(Kind.STALLED))
    elif state is not State.IDLE:
        story.until(state)
    assert story.it.state is state

    try:
        story.happens(event)
    except ValueError as error:
        assert f"{type(event).__name__} can't happen in state {state}" in str(error)  # noqa: PT017
        assert story.it.state is state


@pytest.mark.parametrize("state", STEPS)
def test_an_end_ends_it_whatever_it_was_at(state):
    story = Story().until(state)
    story.did.clear()

    story.happens(Ended())

    assert (story.did, story.it.state, story.it.deadline_ms()) == ([HangUp()], State.IDLE, None)
    assert story.happens(AdapterCame(), Tick()).did == [HangUp()]


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_from_any_history_a_healthy_radio_leads_to_a_proven_ring_within_five_seconds(chance):
    """Unless its last trouble is one for which waiting is the cure."""
    curable = [Kind.AWAY, Kind.STALE_CACHE, Kind.ADAPTER_OFF, Kind.ASLEEP]
    story = Story(chance.random).happens(Wanted())
    for _ in range(chance.randrange(40)):
        story.now_ms += chance.random() * 5000
        good = WAITS_FOR.get(story.it.state)
        bad = (
            Lost(chance.choice(curable)) if story.it.state is not State.SCAN else Failed(Kind.AWAY)
        )
        if story.it.state in (State.IDLE, State.BACK_OFF):
            story.due()
        else:
            story.happens(good if good and chance.random() < 0.7 else bad)

    radio_back_ms = story.now_ms = max(story.now_ms, 0.0)
    while story.it.state is not State.RUN:
        if story.it.state in WAITS_FOR:
            story.now_ms += 400
            story.happens(WAITS_FOR[story.it.state])
        else:
            story.due()

    assert story.now_ms - radio_back_ms <= 5000
