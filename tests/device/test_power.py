from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device import actions, power
from mynah_device.power import Facts, Power
from mynah_wire.making import LOW, SILENT

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
CALM = {
    "talks": False,
    "sends": False,
    "linked": False,
    "proven": False,
    "holds": False,
    "safe": True,
    "on_trial": False,
}


class Bench:
    """A power core in virtual time, and how the ring around it is."""

    def __init__(self, build="ring", chip="esp32c3", start=power.BY_PRESS):
        self.power = Power(power.AWAKE_MS.get(build, power.FOR_EVER), chip, start, 0)
        self.now = SimpleNamespace(**CALM)
        self.now_ms = 0
        self.clocks = []
        self.slept = []
        self.parted = 0

    def tell(self, event=actions.TICK, value=None, todo=()):
        facts = Facts(**vars(self.now))
        for action, how in self.power.decide(event, value, list(todo), facts, self.now_ms):
            if action == actions.CLOCK:
                self.clocks.append(how)
            elif action == actions.SLEEP:
                self.slept.append((self.now_ms, how))
            elif action == actions.DISCONNECT:
                self.parted += 1

    def be(self, **how):
        vars(self.now).update(how)
        self.tell()

    def wait(self, span_ms):
        """Until something sleeps, or for so long."""
        until_ms, before = self.now_ms + span_ms, len(self.slept)
        while len(self.slept) == before:
            due_ms = self.power.deadline_ms()
            if due_ms is None or due_ms > until_ms:
                self.now_ms = until_ms
                return
            self.now_ms = max(self.now_ms, due_ms)
            self.tell()


def test_a_ring_that_nobody_reaches_sleeps_half_a_minute_after_its_last_use():
    bench = Bench()
    bench.tell()
    bench.now_ms = 20_000
    bench.tell(actions.PRESSED)

    bench.wait(HOUR_MS)

    assert bench.slept == [(50_000, None)]
    assert bench.power.state == power.ASLEEP


@pytest.mark.parametrize(
    ("build", "alone_ms", "linked_ms"),
    [
        ("touch", 15_000, 15_000),
        ("ring", 30_000, 30_000),
        ("bracelet", 10 * MINUTE_MS, None),
        ("pendant", 10 * MINUTE_MS, None),
        ("desk", None, None),
        ("bench", None, None),
    ],
)
def test_each_build_has_its_own_patience(build, alone_ms, linked_ms):
    alone, linked = Bench(build), Bench(build)
    alone.tell()
    linked.be(linked=True, proven=True)

    alone.wait(HOUR_MS)
    linked.wait(HOUR_MS)

    assert [slept_ms for slept_ms, _ in alone.slept] == ([] if alone_ms is None else [alone_ms])
    assert (linked.parted > 0) == (linked_ms is not None)


def test_a_host_is_hung_up_on_first_and_then_nothing_is_said_to_anybody():
    bench = Bench()
    bench.be(linked=True, proven=True)
    bench.wait(30_000)
    assert bench.parted == 1

    bench.now.linked = bench.now.proven = False
    bench.tell(actions.DISCONNECTED)

    assert bench.slept == [(30_000, None)]


def test_a_host_that_goes_by_itself_is_waited_for():
    bench = Bench("pendant")
    bench.be(linked=True, proven=True)
    bench.wait(HOUR_MS)
    bench.now.linked = bench.now.proven = False
    bench.tell(actions.DISCONNECTED)

    bench.wait(HOUR_MS)

    assert bench.slept == [(HOUR_MS + 10 * MINUTE_MS, None)]


@pytest.mark.parametrize("build", sorted(power.AWAKE_MS))
def test_who_has_no_key_keeps_nothing_awake_however_often_he_comes(build):
    bench = Bench(build)
    bench.tell()
    for _ in range(1000):
        bench.wait(6000)
        bench.tell(actions.CONNECTED, False)
        bench.be(linked=True)
        bench.wait(4000)
        bench.now.linked = False
        bench.tell(actions.DISCONNECTED)
        if bench.slept:
            break

    assert bench.now_ms <= power.AWAKE_MS[build][0] + 10_000


def test_an_empty_cell_is_no_place_for_a_trial():
    bench = Bench()
    bench.tell(actions.FAULT, (LOW, "battery: empty"))
    bench.be(on_trial=True)

    bench.wait(MINUTE_MS)

    assert bench.slept == [(power.EMPTY_MS, None)]


def test_what_is_held_is_offered_again_after_an_hour_for_a_moment_only():
    bench = Bench()
    bench.be(holds=True)
    bench.wait(HOUR_MS)
    assert bench.slept == [(30_000, power.LOOK_AGAIN_MS)]

    woken = Bench(start=power.BY_TIMER)
    woken.be(holds=True)
    woken.wait(HOUR_MS)

    assert woken.slept == [(power.LOOK_MS, power.LOOK_AGAIN_MS)]


def test_whoever_just_plugged_it_in_has_ten_minutes():
    bench = Bench(start=power.BY_POWER)
    bench.tell()

    bench.wait(HOUR_MS)

    assert bench.slept == [(10 * MINUTE_MS, None)]


@pytest.mark.parametrize(
    "kept_by", ["talks", "sends", "safe", "trial", "charging", "cable", "update"]
)
def test_it_never_sleeps_meanwhile_and_does_so_afterwards(kept_by):
    bench = Bench()
    begin, end = {
        "talks": (lambda: bench.be(talks=True), lambda: bench.be(talks=False)),
        "sends": (lambda: bench.be(sends=True), lambda: bench.be(sends=False)),
        "safe": (lambda: bench.be(safe=False), lambda: bench.be(safe=True)),
        "trial": (lambda: bench.be(on_trial=True), lambda: bench.be(on_trial=False)),
        "charging": (
            lambda: bench.tell(actions.BATTERY, (4000, 80, True)),
            lambda: bench.tell(actions.BATTERY, (4000, 80, False)),
        ),
        "cable": (
            lambda: bench.tell(actions.CONNECTED, True),
            lambda: bench.tell(actions.DISCONNECTED),
        ),
        "update": (lambda: None, lambda: None),
    }[kept_by]
    begin()
    for _ in range(60):
        if kept_by == "update":
            bench.tell(actions.UPDATED, (1, 0, 0, b""))
        bench.wait(MINUTE_MS // 6)
    assert bench.slept == []

    end()
    bench.wait(HOUR_MS)

    assert bench.slept


def test_an_empty_cell_says_so_and_sleeps_with_no_timer():
    bench = Bench("pendant")
    bench.be(linked=True, proven=True, holds=True)
    bench.tell(actions.FAULT, (SILENT, "imu: silent"))
    bench.tell(actions.FAULT, (LOW, "battery: empty"))
    bench.wait(power.EMPTY_MS - 1)
    assert bench.parted == 0
    bench.wait(1)
    assert bench.parted

    bench.now.linked = bench.now.proven = False
    bench.tell(actions.DISCONNECTED)

    assert bench.slept == [(power.EMPTY_MS, None)]


def test_charging_ends_the_emptiness():
    bench = Bench("pendant")
    bench.tell(actions.FAULT, (LOW, "battery: empty"))
    bench.tell(actions.BATTERY, (3600, 5, True))
    bench.tell(actions.BATTERY, (3900, 60, False))

    bench.wait(HOUR_MS)

    assert bench.slept == [(10 * MINUTE_MS, None)]


@pytest.mark.parametrize(("chip", "full_hz"), [("esp32s3", 240_000_000), ("esp32c6", 160_000_000)])
def test_the_clock_is_full_while_there_is_something_to_do_and_never_too_slow_for_the_radio(
    chip, full_hz
):
    bench = Bench(chip=chip)
    bench.tell()
    for begin, end in (
        ({"talks": True}, {"talks": False}),
        ({"linked": True}, {"proven": True}),
        ({"sends": True}, {"sends": False}),
    ):
        bench.be(**begin)
        bench.be(**end)
        bench.wait(10_000)
    bench.tell(actions.RECEIVED, b"", [(actions.UPDATE, None)])

    assert bench.clocks == [80_000_000, full_hz] * 4


def test_between_the_words_of_a_conversation_the_clock_stays():
    bench = Bench()
    for talks in (True, False, True, False, True):
        bench.now_ms += 1000
        bench.be(talks=talks)

    assert bench.clocks == [160_000_000]


EVENTS = st.sampled_from(
    [
        (actions.TICK, None),
        (actions.PRESSED, None),
        (actions.RELEASED, None),
        (actions.CONNECTED, None),
        (actions.CONNECTED, True),
        (actions.DISCONNECTED, None),
        (actions.RECEIVED, b""),
        (actions.BATTERY, (3700, 30, True)),
        (actions.BATTERY, (3200, 0, False)),
        (actions.FAULT, (LOW, "battery: empty")),
        (actions.UPDATED, (1, 0, 0, b"")),
        (actions.MOVED, 4),
    ]
)
STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(sorted(CALM)), st.booleans(), max_size=3),
        EVENTS,
        st.sampled_from([1, 999, 10_000, MINUTE_MS, 11 * MINUTE_MS, 5 * HOUR_MS]),
    ),
    max_size=30,
)


@given(
    build=st.sampled_from([*power.AWAKE_MS, "desk", "bench"]),
    start=st.sampled_from([power.BY_POWER, power.BY_PRESS, power.BY_TIMER]),
    steps=STEPS,
)
def test_it_is_never_asleep_while_anything_needs_it(build, start, steps):
    bench = Bench(build, start=start)
    charging = wired = False
    worked_ms = None
    for how, (event, value), span_ms in steps:
        vars(bench.now).update(how)
        if event == actions.BATTERY:
            charging = value[2]
        elif event in (actions.CONNECTED, actions.DISCONNECTED):
            wired = bool(value)
        elif event == actions.UPDATED:
            worked_ms = bench.now_ms
        for told in ((event, value), None):
            before = len(bench.slept)
            if told:
                bench.tell(*told)
            else:
                bench.wait(span_ms)
            if len(bench.slept) > before:
                now = bench.now
                assert not any((now.talks, now.sends, now.linked, not now.safe, charging, wired))
                assert not now.on_trial or bench.power._empty
                assert worked_ms is None or bench.now_ms - worked_ms >= power.WORK_MS
                assert build in power.AWAKE_MS
