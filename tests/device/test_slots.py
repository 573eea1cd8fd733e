"""Whatever happens to a ring's slots and its power, a build that started once goes on starting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_boot.boot import PART, Boot
from mynah_boot.record import (
    BUILT_IN,
    FAILURES_LIMIT,
    NONE,
    A,
    B,
    Record,
    decoded,
    failed,
    met,
    start,
    trying,
)
from mynah_device import updating
from mynah_device.boots import BAD_STARTS, WATCHDOG, Boots

ALL = {A, B, BUILT_IN}
HAPPENINGS = ("reset", "raises", "bites", "met", "update", "power at NVS")


class Nvs:
    """One number, and a power that may go before it is written."""

    def __init__(self, number=None):
        self.number = number
        self.broken = False

    def get_i32(self, _key):
        if self.number is None or self.broken:
            raise OSError(-4354)
        return self.number

    def set_i32(self, _key, number):
        if self.broken:
            raise OSError(-4357)
        self.number = number

    def commit(self):
        pass


@given(st.integers(-(2**31), 2**31 - 1))
def test_any_number_is_a_record_that_starts_something(number):
    slot, after = start(decoded(number), ALL)

    assert slot in ALL
    assert decoded(after.encoded()) == after


def test_every_record_is_read_as_it_was_written():
    records = [
        Record(current, trial, begun, failures, broken)
        for current in (A, B, BUILT_IN)
        for trial in (A, B, BUILT_IN, NONE)
        for begun in (False, True)
        for failures in range(8)
        for broken in range(8)
    ]

    assert [decoded(record.encoded()) for record in records] == records
    assert len({record.encoded() for record in records}) == len(records)


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=60), st.sampled_from([A, B]))
def test_one_good_slot_is_found_whatever_the_other_does(happenings, good):
    """`good` never raises; the other one always does, and only a trial may choose it."""
    nvs = Nvs(Record(good).encoded())
    bitten = False
    for happening in happenings:
        boot = Boot(nvs)
        slot = boot.begin({A, B}, bitten)
        bitten = False
        if slot != good:
            assert boot.on_trial
            boot.failed()
        elif happening == "met":
            boot.met()
        elif happening == "update":
            boot.met()
            boot.try_next()
        elif happening == "bites":
            boot.met()  # it hung later: that is no reason to leave it
            bitten = True
    assert Boot(nvs).begin({good}) == good


@given(st.booleans(), st.integers(0, 3))
def test_a_trial_has_one_boot(ends_by_raising, resets):
    nvs = Nvs()
    boot = Boot(nvs)
    boot.begin({A})
    boot.try_next()
    trial = Boot(nvs)
    assert trial.begin({A, B}) == B
    assert trial.on_trial
    if ends_by_raising:
        trial.failed()
    for _ in range(resets + 1):
        after = Boot(nvs)
        assert after.begin({A, B}) == A
        assert not after.on_trial


def test_a_host_makes_it_the_one_that_stays():
    record = trying(Record(), A, B)
    slot, record = start(record, {A, B})
    record = met(record, slot)

    assert start(record, {A, B}) == (B, Record(B))
    assert trying(record, B, A) == Record(B, A)


def test_what_raises_again_and_again_is_left_and_what_runs_then_updates_the_broken_one():
    record = Record(B)
    for _ in range(FAILURES_LIMIT):
        assert start(record, {A, B})[0] == B
        record = failed(record, B)
    assert start(record, {A, B})[0] == A
    record = trying(record, A, B)
    assert start(record, {A, B}) == (B, Record(A, B, begun=True))
    assert start(failed(record, B), {A, B})[0] == A


def test_when_all_are_broken_nothing_starts_and_then_all_are_tried_again():
    record = Record(broken=7)
    slot, after = start(record, ALL)

    assert slot == NONE
    assert start(after, ALL)[0] == A


def test_a_slot_that_is_not_whole_is_not_started():
    assert start(Record(A, B), {A})[0] == A
    assert start(Record(B), {A, BUILT_IN})[0] == A
    assert start(Record(A), {BUILT_IN})[0] == BUILT_IN


def test_a_trial_that_can_not_be_noted_is_none():
    nvs = Nvs(Record(A, B).encoded())
    nvs.set_i32 = lambda _key, _number: (_ for _ in ()).throw(OSError(-4357))

    boot = Boot(nvs)
    assert boot.begin({A, B}) == A
    assert not boot.on_trial


@pytest.mark.parametrize("nvs", [None, Nvs()])
def test_a_broken_nvs_is_slot_a(nvs):
    if nvs is not None:
        nvs.broken = True
    boot = Boot(nvs)

    assert boot.begin({A, B}) == A
    assert not boot.try_next()
    assert boot.met() is False


def test_the_updater_marks_a_slot_as_the_loader_knows_it():
    assert updating.PART == PART


def test_a_bite_counts_as_a_failure_but_not_twice_for_a_trial():
    nvs = Nvs()
    for _ in range(FAILURES_LIMIT):
        assert Boot(nvs).begin({A, B}, bitten=True) in (A, B)
    assert Boot(nvs).begin({A, B}) == B
    nvs = Nvs(Record(A, B, begun=True).encoded())
    assert Boot(nvs).begin({A, B}, bitten=True) == A
    assert decoded(nvs.number).failures == 0


@pytest.mark.parametrize("present", [{A}, {A, B}])
def test_safe_mode_has_its_chance_before_a_slot_is_given_up(present):
    nvs, kept = Nvs(), 0
    for bites in range(1, FAILURES_LIMIT):
        assert Boot(nvs).begin(present, bitten=True) == A
        starts = Boots(WATCHDOG, kept, 0)
        kept = starts.kept
        assert starts.safe == (bites >= BAD_STARTS)
    assert FAILURES_LIMIT >= 2 * BAD_STARTS


def test_a_run_that_is_well_forgives_the_failures_before_and_ends_no_trial():
    nvs = Nvs()
    for _ in range(3 * FAILURES_LIMIT):
        boot = Boot(nvs)
        assert boot.begin({A, B}, bitten=True) == A
        boot.well()
    assert decoded(nvs.number) == Record()

    boot.try_next()
    trial = Boot(nvs)
    trial.begin({A, B})
    trial.well()
    assert trial.on_trial
    assert Boot(nvs).begin({A, B}) == A
