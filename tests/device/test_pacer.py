import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.pacer import ASSUMED_INTERVAL_MS, OUTSTANDING, Pacer
from mynah_wire.clock import PERIOD_MS, after_ms

HALF_A_PERIOD_MS = PERIOD_MS // 2


def sent_at(pacer, *moments_ms):
    for moment_ms in moments_ms:
        pacer.sent(moment_ms)


def test_six_notifications_go_at_once_and_the_seventh_waits_an_interval():
    pacer = Pacer()
    for _ in range(OUTSTANDING):
        assert pacer.wait_ms(1000) == 0
        pacer.sent(1000)

    assert pacer.wait_ms(1000) == ASSUMED_INTERVAL_MS
    assert pacer.wait_ms(1010) == ASSUMED_INTERVAL_MS - 10
    assert pacer.wait_ms(1000 + ASSUMED_INTERVAL_MS) == 0


@given(
    st.integers(0, PERIOD_MS - 1),
    st.integers(8, 60),
    st.lists(st.integers(0, 100), min_size=20, max_size=60),
)
def test_never_more_than_six_in_an_interval_and_never_a_longer_wait(start_ms, interval_ms, gaps_ms):
    pacer, now_ms, sent_ms = Pacer(), 0, []
    pacer.interval_ms = interval_ms
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        wait_ms = pacer.wait_ms(after_ms(start_ms, now_ms))
        assert 0 <= wait_ms <= interval_ms
        now_ms += wait_ms
        assert pacer.wait_ms(after_ms(start_ms, now_ms)) == 0
        pacer.sent(after_ms(start_ms, now_ms))
        sent_ms.append(now_ms)

    for sixth_last_ms, last_ms in zip(sent_ms, sent_ms[OUTSTANDING:], strict=False):
        assert last_ms - sixth_last_ms >= interval_ms


@pytest.mark.parametrize("idle_ms", [HALF_A_PERIOD_MS, HALF_A_PERIOD_MS + 60_000, PERIOD_MS - 40])
def test_after_days_of_silence_nothing_waits_for_days(idle_ms):
    pacer = Pacer()
    sent_at(pacer, *[1000] * OUTSTANDING)

    assert pacer.wait_ms(after_ms(1000, idle_ms)) == 0


def test_a_wider_clock_than_a_chips_is_paced_too():
    pacer = Pacer()
    sent_at(pacer, *[5 << 40] * OUTSTANDING)

    assert pacer.wait_ms((5 << 40) + 10) == ASSUMED_INTERVAL_MS - 10
