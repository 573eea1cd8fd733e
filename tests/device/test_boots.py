"""After how many bad ends the ring starts without its parts, and what makes a start a good one."""

import pytest

from mynah_device.boots import (
    BAD_STARTS,
    CLEAN,
    DEEP_SLEEP,
    HARD,
    POWER,
    SOFT,
    WATCHDOG,
    WELL_MS,
    Boots,
    standing_still,
    who_stood_still,
)


def started(*causes, kept=0):
    """The last of some starts, each of which ended badly."""
    for cause in causes:
        boots = Boots(cause, kept, 0)
        kept = boots.kept
    return boots


@pytest.mark.parametrize("cause", [HARD, WATCHDOG, 0])
def test_the_third_bad_start_in_a_row_is_safe(cause):
    assert not started(POWER, *[cause] * (BAD_STARTS - 1)).safe
    assert started(POWER, *[cause] * BAD_STARTS).safe


@pytest.mark.parametrize("cause", [POWER, DEEP_SLEEP, SOFT])
def test_what_nobody_did_wrong_is_never_counted(cause):
    assert not started(*[cause] * 10).safe
    assert not started(WATCHDOG, WATCHDOG, cause, WATCHDOG).safe


def test_a_start_on_purpose_begins_the_count_anew():
    assert started(HARD, HARD).kept == 2
    assert started(HARD, kept=CLEAN).kept == 0


def test_a_proven_host_or_a_minute_makes_the_start_a_good_one_and_that_is_written_once():
    for proven, now_ms in ((True, 5), (False, WELL_MS)):
        boots = started(WATCHDOG)

        assert not boots.is_well(proven=False, now_ms=1)
        assert boots.is_well(proven, now_ms)
        assert boots.kept == 0
        assert not boots.is_well(proven, now_ms + 1)


def test_a_start_after_no_bad_one_turns_out_well_too():
    boots = started(POWER)

    assert boots.kept == 0
    assert boots.is_well(proven=True, now_ms=5)
    assert not boots.is_well(proven=True, now_ms=WELL_MS)


@pytest.mark.parametrize("kept", [2**31 - 1, -(2**31), -2, 10**9])
def test_whatever_nvs_holds_can_be_kept_there_again(kept):
    assert 0 < started(WATCHDOG, kept=kept).kept < 2**31


def test_safe_mode_lasts_a_minute_whoever_is_there():
    boots = started(WATCHDOG, WATCHDOG, WATCHDOG)

    assert boots.is_well(proven=True, now_ms=5)
    assert not boots.safe_is_over(WELL_MS - 1)
    assert boots.safe_is_over(WELL_MS)
    assert not started(POWER).safe_is_over(WELL_MS)


def test_the_log_names_who_stood_still_before_the_watchdog_bit():
    assert who_stood_still("12.3 s " + standing_still("light")) == "light"
    assert who_stood_still("12.3 s the host is gone") == who_stood_still("") == "firmware"
