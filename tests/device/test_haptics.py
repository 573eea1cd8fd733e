import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.haptics import BUDGET_MS, FULL, LONGEST_MS, SHARE_PERCENT, Player
from mynah_wire.clock import PERIOD_MS, after_ms, elapsed_ms
from mynah_wire.programs import BUILT_IN, LONGEST_BYTES, is_program

STEPS = st.tuples(st.integers(0, 255), st.integers(1, 255))
PROGRAMS = st.lists(STEPS, min_size=1, max_size=10).map(
    lambda steps: bytes(byte for step in steps for byte in step)
)
PULSE = bytes((200, 5, 0, 10))


def played(player, from_ms, until_ms):
    """Each change as (ms after the start, amplitude), with `handle` called when it is due."""
    changes, now_ms, last = [], from_ms, None
    while True:
        amplitude = player.handle(now_ms)
        if amplitude != last:
            changes.append((elapsed_ms(now_ms, from_ms), amplitude))
            last = amplitude
        due_ms = player.deadline_ms()
        if due_ms is None or elapsed_ms(due_ms, from_ms) > until_ms:
            return changes
        now_ms = due_ms


@pytest.mark.parametrize("start_ms", [0, PERIOD_MS - 60], ids=["", "clock turns over"])
def test_a_program_is_played_step_by_step_and_then_rests(start_ms):
    player = Player()
    player.play(PULSE, start_ms, 2)

    assert played(player, start_ms, 1000) == [(0, 200), (50, 0), (150, 200), (200, 0)]
    assert not player.plays


def test_a_call_that_comes_late_makes_nothing_longer():
    player = Player()
    player.play(PULSE, 0, 3)

    assert player.handle(160) == 200
    assert player.deadline_ms() == 200


def test_gain_and_pace_move_evenly_from_first_to_last():
    player = Player()
    player.play(bytes((100, 10)), 0, 3, (255, 55), (200, 100))

    assert played(player, 0, 1000) == [(0, 100), (50, 60), (116, 21), (216, 0)]


def test_a_touch_ends_it_at_once():
    player = Player()
    player.play(PULSE, 0, 100)
    player.stop(20)

    assert (player.handle(25), player.deadline_ms(), player.plays) == (0, None, False)


def test_another_program_takes_its_place():
    player = Player()
    player.play(PULSE, 0, 100)
    player.play(bytes((40, 1)), 20)

    assert played(player, 20, 100) == [(0, 40), (10, 0)]


def test_nothing_goes_on_for_ever():
    player = Player()
    player.play(bytes((1, 255)), 0, 0xFFFF)
    last_ms = played(player, 0, 10 * LONGEST_MS)[-1][0]

    assert LONGEST_MS <= last_ms < LONGEST_MS + 2550


@given(
    st.lists(st.tuples(PROGRAMS, st.integers(1, 50), st.integers(0, 9000)), max_size=8),
    st.integers(0, 255),
    st.integers(0, 255),
)
def test_whatever_a_host_asks_for_the_motor_runs_no_more_than_it_may(asked, gain, pace):
    player, now_ms, run = Player(), 0, 0.0
    for program, rounds, wait_ms in asked:
        player.play(program, now_ms, rounds, (gain, FULL), (pace, 255))
        end_ms = now_ms + wait_ms
        while now_ms < end_ms:
            amplitude = player.handle(now_ms)
            due_ms = player.deadline_ms()
            next_ms = end_ms if due_ms is None else min(due_ms, end_ms)
            run += (next_ms - now_ms) * amplitude / FULL
            now_ms = next_ms
        assert run <= BUDGET_MS + now_ms * SHARE_PERCENT / 100 + 1


def test_a_heart_at_ninety_a_minute_may_beat_for_ever():
    player = Player()
    player.play(bytes((200, 7, 0, 10, 120, 9, 0, 40)), 0, 1000, (FULL, FULL), (100, 100))
    strongest = {amplitude for at_ms, amplitude in played(player, 0, 600_000) if at_ms > 500_000}

    assert strongest == {0, 120, 200}


def test_after_a_long_hug_strength_comes_back_with_rest():
    player = Player()
    player.play(bytes((255, 255, 255, 255)), 0)
    player.handle(6000)
    player.play(bytes((255, 100)), 6000)
    weak = player.amplitude
    player.stop(6000)
    player.play(bytes((255, 100)), after_ms(6000, 30_000))

    assert weak < 255
    assert player.amplitude == 255


@pytest.mark.parametrize(
    ("data", "playable"),
    [
        (b"", True),
        (bytes((1, 1)) * 10, True),
        (bytes((1, 1)) * 11, False),
        (bytes((1, 1, 1)), False),
        (bytes((255, 0)), False),
    ],
)
def test_a_program_is_whole_short_and_takes_time(data, playable):
    assert is_program(data) == playable


def test_what_is_built_in_is_as_short_as_what_is_sent():
    assert all(is_program(program) and program for program in BUILT_IN.values())
    assert max(map(len, BUILT_IN.values())) <= LONGEST_BYTES
