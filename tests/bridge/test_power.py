import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.errors import UserError
from mynah.maker.boards import boards
from mynah.maker.chargers import charger_of
from mynah.maker.chargers import table as chargers_table
from mynah.maker.milliamps import (
    AMP_STANDBY,
    AMPLIFIER,
    ASLEEP,
    PARTS,
    STATES,
    UNKNOWN,
    Range,
    figures,
    measured,
    table,
)
from mynah.maker.power import DAY_H, LARGEST_MAH, USABLE, Day, forecast
from mynah_device.power import AWAKE_MS
from tests.bridge.test_cli import invoke

USERS_MISTAKE = 2
TERMINAL = 80  # columns
RING = boards()["xiao_esp32c3"]
PENDANT = boards()["xiao_esp32s3"]
TOUCH = boards()["tap_only"]
BRACELET = boards()["xiao_esp32c6"]
KNOWN = {state: Range(10.0, 10.0) for state in (*STATES, *PARTS)}
SLEEPERS = [board for board in boards().values() if board.build in AWAKE_MS]


def test_a_known_current_all_day_gives_plain_arithmetic():
    only = {**dict.fromkeys(KNOWN, Range(0.0, 0.0)), "asleep": Range(1.0, 2.0)}

    told = forecast(RING, 60.0, Day(utterances=0, connected_hours=0.0), only)

    asleep_h = DAY_H - AWAKE_MS["ring"][0] / 3_600_000
    assert told.a_day_mah == Range(asleep_h, 2 * asleep_h)
    assert told.days.high == pytest.approx(60 * USABLE / asleep_h)
    assert told.utterances_a_charge is None


def test_what_nobody_measured_is_left_out_and_said_so():
    told = forecast(RING, 50.0, Day())

    unknown = [share for share in told.shares if share.milliamps is None]
    assert {share.how for share in unknown} == {UNKNOWN}
    assert {share.milliamp_hours for share in unknown} == {None}
    assert [line.partition(":")[0] for line in told.left_out] == [share.state for share in unknown]


def test_what_its_owner_measured_takes_the_place_of_the_table():
    without = forecast(RING, 50.0, Day())

    told = forecast(RING, 50.0, Day(), measured(["amplifier=30", "talk=50-60"]))

    shares = {share.state: share for share in told.shares}
    assert shares["talk"].milliamps == Range(50.0, 60.0)
    assert shares[AMPLIFIER].how == "yours"
    assert not any(line.startswith(AMPLIFIER) for line in told.left_out)
    assert told.days.low != without.days.low


@pytest.mark.parametrize(
    "text", ["talk", "talk=", "talk=-5", "talk=9-3", "sleep=1", "talk=one", "talk=inf", "talk=4000"]
)
def test_a_measurement_that_is_none_is_refused_with_its_words(text):
    with pytest.raises(UserError, match=f"--ma {text}"):
        measured([text])


@given(
    board=st.sampled_from(SLEEPERS),
    utterances=st.integers(0, 200),
    seconds=st.floats(0.0, 60.0),
    capacity_mah=st.floats(1.0, 5000.0),
)
def test_a_day_has_24_hours_and_a_range_its_ends(board, utterances, seconds, capacity_mah):
    told = forecast(board, capacity_mah, Day(utterances, seconds), KNOWN)

    hours = sum(share.hours for share in told.shares if share.state in STATES)
    assert hours == pytest.approx(DAY_H)
    assert 0 < told.days.low <= told.days.high


@given(st.integers(0, 100))
def test_who_talks_more_charges_sooner(utterances):
    less, more = (forecast(RING, 50.0, Day(each)) for each in (utterances, utterances + 1))

    assert more.days.high < less.days.high


def test_a_day_longer_than_a_day_is_refused():
    with pytest.raises(UserError, match="hours awake: a day has 24"):
        forecast(PENDANT, 400.0, Day(utterances=5000, seconds=60.0))


def test_a_board_on_a_cable_has_no_battery_to_empty():
    with pytest.raises(UserError, match="bench build, which never sleeps"):
        forecast(boards()["esp32_s3_devkit"], 400.0, Day())


def test_a_touch_neither_talks_nor_speaks():
    told = forecast(TOUCH, 50.0, Day())

    assert {share.hours for share in told.shares if share.state in ("talk", AMPLIFIER)} == {0.0}


@pytest.mark.parametrize(
    ("board", "capacity_mah", "warnings"),
    [
        (RING, 80.0, 2),
        (RING, 399.0, 1),
        (RING, 400.0, 0),
        (TOUCH, 399.0, 1),
        (BRACELET, 149.0, 1),
        (BRACELET, 200.0, 0),
        (PENDANT, 149.0, 1),
        (PENDANT, 250.0, 0),
    ],
)
def test_a_cell_too_small_for_its_boards_charger_is_warned_of(board, capacity_mah, warnings):
    assert len(forecast(board, capacity_mah, Day()).warnings) == warnings


def test_the_warning_says_how_far_too_strong_the_charger_is_and_by_whom():
    charging, _ = forecast(RING, 80.0, Day()).warnings

    assert "350 to 370 mA, 4.4 to 4.6 C of 80 mAh" in charging
    assert "267686" in charging


def test_who_measured_the_charger_is_believed():
    weak, strong = measured(["charger=100"]), measured(["charger=520"])

    assert forecast(RING, 100.0, Day(), weak).warnings == ()
    assert "550 mAh" in forecast(RING, 500.0, Day(), strong).warnings[0]


def test_a_board_of_which_nobody_told_charges_no_cell():
    unknown = replace(RING, image="ANOTHER")

    assert charger_of(unknown, {}) is None
    assert "nobody has told" in forecast(unknown, 5000.0, Day()).warnings[0]


def test_every_board_that_carries_a_cell_is_in_the_table_of_chargers():
    assert all(charger_of(board, {}) for board in SLEEPERS)
    assert "| XIAO ESP32C3 | 350 to 370 mA | **400 mAh** |" in chargers_table()


@pytest.mark.parametrize("capacity_mah", [float("inf"), float("nan"), 1e9, 0.0, -5.0])
def test_a_cell_that_is_none_is_refused(capacity_mah):
    with pytest.raises(UserError, match="none to wear: give 1 to 10000"):
        forecast(RING, capacity_mah, Day())
    forecast(RING, LARGEST_MAH, Day())


@pytest.mark.parametrize("day", [Day(seconds=float("inf")), Day(reply_seconds=float("nan"))])
def test_a_day_without_an_end_is_refused(day):
    with pytest.raises(UserError, match="a day has 24"):
        forecast(RING, 80.0, day)


def test_what_draws_nothing_at_all_is_refused():
    with pytest.raises(UserError, match="draws nothing"):
        forecast(RING, 80.0, Day(), dict.fromkeys(KNOWN, Range(0.0, 0.0)))


def test_an_amplifier_that_nothing_turns_off_is_counted_day_and_night():
    shares = {share.state: share for share in forecast(PENDANT, 250.0, Day()).shares}

    assert shares[AMP_STANDBY].milliamps == Range(0.34, 0.40)
    assert shares[AMP_STANDBY].hours == pytest.approx(DAY_H - shares[AMPLIFIER].hours)
    assert AMP_STANDBY not in {share.state for share in forecast(TOUCH, 80.0, Day()).shares}


def test_an_amplifier_that_a_pin_turns_off_draws_no_more_than_the_sleeping_board():
    for board in (RING, BRACELET):
        shares = {share.state: share for share in forecast(board, 250.0, Day()).shares}
        assert shares[AMP_STANDBY].milliamps.high < shares[ASLEEP].milliamps.low


def test_every_figure_names_a_state_and_somebody_to_ask():
    for figure in figures():
        assert figure.state in (*STATES, *PARTS)
        assert figure.source
        assert (figure.milliamps is None) == (figure.how == UNKNOWN)
    chips = {board.chip for board in SLEEPERS}
    for chip in chips:
        known = {each.state for each in figures() if each.chip in ("", chip)}
        assert known == {*STATES, *PARTS}


def test_the_table_for_a_page_has_a_row_a_state_and_says_what_is_unknown():
    lines = table({"esp32c3": "XIAO ESP32C3", "esp32s3": "XIAO ESP32S3"}).splitlines()

    assert lines[0] == "| State | XIAO ESP32C3 | XIAO ESP32S3 | Whose figures |"
    assert len(lines) == 2 + len(STATES) + len(PARTS)
    assert lines[2].startswith(
        "| asleep | 0.045 mA, measured by others | 0.012 mA, measured by others |"
    )
    assert f"| haptic | {UNKNOWN} | {UNKNOWN} |" in lines[2 + len(STATES) + 3]


def test_the_command_prints_the_range_and_all_that_it_assumes(capsys):
    invoke(["power", "--board", "xiao_esp32c3", "--battery", "50"])
    out = capsys.readouterr().out

    assert "50 mAh on xiao_esp32c3:" in out
    assert "utterances a charge" in out
    assert "This assumes:" in out
    assert "Not measured on hardware, so left out" in out
    assert max(map(len, out.splitlines())) <= TERMINAL


def test_a_touch_is_pressed_and_utters_nothing(capsys):
    invoke(["power", "--board", "tap_only", "--battery", "80"])
    out = capsys.readouterr().out

    assert "presses a charge" in out
    assert "utter" not in out


def test_a_day_that_is_too_long_is_no_matter_of_form(capsys):
    uses = ["--uses", "100000x3600"]
    code = invoke(["power", "--board", "xiao_esp32c3", "--battery", "50", *uses])

    assert code == USERS_MISTAKE
    assert "hours awake: a day has 24" in capsys.readouterr().err


def test_for_programs_it_is_one_object(capsys):
    invoke(["power", "--board", "xiao_esp32s3", "--battery", "400", "--json", "--uses", "5x10s"])

    told = json.loads(capsys.readouterr().out)
    assert told["utterances_a_day"] == 5
    assert told["days"]["low"] <= told["days"]["high"]


@pytest.mark.parametrize(
    "more",
    [
        ["--uses", "often"],
        ["--board", "none"],
        ["--ma", "x=1"],
        ["--battery", "inf"],
        ["--battery", "1e9"],
    ],
)
def test_a_mistake_is_one_line(capsys, more):
    code = invoke(["power", "--board", "xiao_esp32c3", "--battery", "50", *more])

    assert code == USERS_MISTAKE
    assert capsys.readouterr().err.count("\n") == 1
