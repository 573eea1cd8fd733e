import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.light import DARK, RHYTHMS, colour, next_change_ms, state
from mynah_device.ring import MOODS
from mynah_device.settings import SETTINGS
from mynah_wire.downlink import BRIGHTNESS

YES_OR_NO = (False, True)
ALL_MOODS = ("idle", *MOODS.values())
EVERY = list(itertools.product(YES_OR_NO, YES_OR_NO, YES_OR_NO, ALL_MOODS))


@pytest.mark.parametrize(("hearing", "speaking", "proven", "mood"), EVERY)
def test_the_open_microphone_is_shown_whatever_else_there_is(hearing, speaking, proven, mood):
    shown = state(hearing, speaking, proven, mood)

    assert shown in RHYTHMS
    assert (shown == "hearing") == hearing


@pytest.mark.parametrize(
    ("speaking", "proven", "mood", "shown"),
    [
        (False, False, "idle", "searching"),
        (False, False, "thinking", "searching"),
        (True, False, "idle", "searching"),
        (False, False, "trouble", "trouble"),
        (True, True, "trouble", "trouble"),
        (True, True, "thinking", "speaking"),
        (False, True, "thinking", "thinking"),
        (False, True, "idle", "idle"),
    ],
)
def test_what_the_light_says_while_nobody_is_heard(speaking, proven, mood, shown):
    assert state(False, speaking, proven, mood) == shown


@given(st.integers(0, 1 << 29), st.integers(SETTINGS[BRIGHTNESS][2], 100))
def test_the_microphones_light_is_steady_and_never_dark(since_ms, brightness):
    assert colour("hearing", since_ms, brightness) == colour("hearing", 0, brightness)
    assert any(colour("hearing", since_ms, brightness))
    assert next_change_ms("hearing", since_ms) == 0


@given(st.sampled_from(sorted(RHYTHMS)), st.integers(0, 1 << 29), st.integers(5, 100))
def test_the_light_changes_when_it_says_and_not_before(name, since_ms, brightness):
    wait_ms = next_change_ms(name, since_ms)
    now = colour(name, since_ms, brightness)
    if wait_ms == 0:
        assert now == colour(name, since_ms + 12_345, brightness)
        return

    assert (now == DARK) == (colour(name, since_ms + wait_ms - 1, brightness) == DARK)
    assert (now == DARK) != (colour(name, since_ms + wait_ms, brightness) == DARK)


def test_no_two_states_look_alike():
    looks = [(rgb, period_ms, lit_ms) for rgb, period_ms, lit_ms in RHYTHMS.values()]

    assert len(set(looks)) == len(looks)
    assert all(0 < lit_ms <= period_ms for _, period_ms, lit_ms in looks)
