import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.link.clock import DRIFT_PPM, ClockEstimate
from mynah_wire.clock import PERIOD_MS, wrap_ms

STAMP_MS = 1  # a ring stamps whole milliseconds
pings = st.lists(
    st.tuples(st.floats(0, 3000), st.floats(0, 500), st.floats(0, 500)), min_size=1, max_size=30
)


class Ring:
    """A clock that shows something else, and runs at its own speed."""

    def __init__(self, ahead_ms=0, ppm=0):
        self.ahead_ms = ahead_ms
        self.rate = 1 + ppm / 1e6

    def shows(self, host_ms):
        return wrap_ms(int(host_ms * self.rate) + self.ahead_ms)


def ask(clock, ring, sent_ms, up_ms, down_ms):
    """A PING and its PONG; when it came back."""
    received_ms = sent_ms + down_ms + up_ms
    clock.learn(sent_ms, received_ms, ring.shows(sent_ms + down_ms))
    return received_ms


def exchange(clock, ring, pings):
    """One after the other; all round trips, and the time afterwards."""
    now_ms, trips_ms = 0.0, []
    for wait_ms, up_ms, down_ms in pings:
        now_ms = ask(clock, ring, now_ms + wait_ms, up_ms, down_ms)
        trips_ms.append(up_ms + down_ms)
    return trips_ms, now_ms


def error_ms(clock, ring, now_ms):
    return abs(clock.host_ms(ring.shows(now_ms)) - now_ms)


def test_before_the_first_answer_there_is_no_telling():
    with pytest.raises(ValueError, match="not known yet"):
        ClockEstimate().host_ms(0)


@given(pings, st.integers(0, PERIOD_MS - 1))
def test_it_is_right_within_half_the_best_round_trip_however_lopsided_the_delays(pings, ahead_ms):
    clock, ring = ClockEstimate(), Ring(ahead_ms)

    trips_ms, now_ms = exchange(clock, ring, pings)

    drift_ms = now_ms * DRIFT_PPM / 1e6
    assert error_ms(clock, ring, now_ms) <= min(trips_ms) / 2 + drift_ms + STAMP_MS


@given(pings, st.integers(-DRIFT_PPM, DRIFT_PPM))
def test_a_quartz_that_drifts_is_followed(pings, ppm):
    clock, ring = ClockEstimate(), Ring(ppm=ppm)

    trips_ms, now_ms = exchange(clock, ring, pings)

    drift_ms = now_ms * DRIFT_PPM / 1e6
    assert error_ms(clock, ring, now_ms) <= min(trips_ms) / 2 + 2 * drift_ms + STAMP_MS


def test_a_slow_answer_does_not_spoil_a_good_estimate():
    clock, ring = ClockEstimate(), Ring()
    now_ms = ask(clock, ring, 0.0, up_ms=10, down_ms=10)

    for _ in range(60):  # two minutes of it
        now_ms = ask(clock, ring, now_ms + 1900, up_ms=100, down_ms=0)

    assert clock.round_trip_ms == 20
    assert error_ms(clock, ring, now_ms) <= 10 + STAMP_MS


def test_an_old_estimate_gives_way_before_the_clocks_have_drifted_apart():
    clock, ring = ClockEstimate(), Ring(ppm=DRIFT_PPM)
    ask(clock, ring, 0.0, up_ms=10, down_ms=10)
    hour_ms = 3_600_000.0

    now_ms = ask(clock, ring, hour_ms, up_ms=30, down_ms=30)

    assert clock.round_trip_ms == 60
    assert error_ms(clock, ring, now_ms) <= 30 + STAMP_MS


def test_it_goes_on_when_the_rings_clock_turns_over():
    clock, ring = ClockEstimate(), Ring(ahead_ms=PERIOD_MS - 500)
    ask(clock, ring, 0.0, up_ms=20, down_ms=20)

    assert ring.shows(1000) == 500
    assert clock.host_ms(ring.shows(1000)) == pytest.approx(1000, abs=20)
    assert clock.host_ms(wrap_ms(PERIOD_MS - 700)) == pytest.approx(-200, abs=20)
