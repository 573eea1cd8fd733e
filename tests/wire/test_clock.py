from hypothesis import given
from hypothesis import strategies as st

from mynah_wire.clock import PERIOD_MS, after_ms, elapsed_ms, wrap_ms

MOMENTS = st.integers(0, PERIOD_MS - 1)
SPANS = st.integers(-PERIOD_MS // 2, PERIOD_MS // 2 - 1)
LARGEST_SMALL_INT = (1 << 30) - 1  # of MicroPython on a 32-bit chip


@given(MOMENTS, SPANS)
def test_a_span_is_found_again_wherever_the_clock_turns_over(moment, span):
    assert elapsed_ms(after_ms(moment, span), moment) == span


@given(MOMENTS, MOMENTS)
def test_a_moment_is_on_the_clock(moment, span):
    assert 0 <= after_ms(moment, span) < PERIOD_MS
    assert after_ms(moment, PERIOD_MS) == moment


@given(MOMENTS, MOMENTS)
def test_what_is_earlier_is_negative_but_for_half_a_period(one, other):
    forth, back = elapsed_ms(one, other), elapsed_ms(other, one)

    assert forth == -back or forth == back == -PERIOD_MS // 2


@given(MOMENTS, MOMENTS)
def test_every_step_of_the_difference_is_a_small_int(later, earlier):
    difference = later - earlier
    steps = [difference, difference & LARGEST_SMALL_INT, elapsed_ms(later, earlier)]

    assert all(-LARGEST_SMALL_INT - 1 <= step <= LARGEST_SMALL_INT for step in steps)


@given(st.integers(0, 1 << 62), SPANS)
def test_a_wider_clock_says_the_same(ticks, span):
    assert wrap_ms(ticks) == ticks % PERIOD_MS
    assert elapsed_ms(ticks + span, ticks) == span
