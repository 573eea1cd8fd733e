import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.glow import EFFECTS, FULL, Glow, glow_of, level
from mynah_device.light import RHYTHMS
from mynah_wire.downlink import BREATHE, EFFECT_BITS, FLICKER, PULSE, SOLID

WHITE = 0xFFFFFF
LIGHTS = st.integers(0, 0xFFFFFFFF)
MINUTE_MS = 60_000


def shown(glow, span_ms=4000):
    return {glow.colour(since_ms, 100) for since_ms in range(0, span_ms, 10)}


@pytest.mark.parametrize(
    ("effect", "looks"), [(SOLID, 1), (BREATHE, 20), (PULSE, 2), (FLICKER, 8)], ids=str
)
def test_each_effect_does_what_its_name_says(effect, looks):
    assert len(shown(Glow(effect << EFFECT_BITS | WHITE, 0, MINUTE_MS))) >= looks


@given(st.sampled_from(EFFECTS), st.integers(0, MINUTE_MS), st.integers(5, 100))
def test_it_changes_when_it_says_and_not_before(effect, since_ms, brightness):
    glow = Glow(effect << EFFECT_BITS | WHITE, 0, MINUTE_MS)
    wait_ms = glow.next_change_ms(since_ms)
    now = glow.colour(since_ms, brightness)

    later_ms = since_ms + (wait_ms - 1 if wait_ms else 12_345)
    assert glow.colour(later_ms, brightness) == now


@given(LIGHTS, st.integers(5, 100))
def test_no_light_is_the_steady_red_of_an_open_microphone(light, brightness):
    glow = glow_of(light, 0, MINUTE_MS)
    if glow is None:
        return
    (red, green, blue), *others = {glow.colour(at_ms, brightness) for at_ms in range(0, 600, 50)}

    assert others or red <= green + blue
    assert RHYTHMS["hearing"][0] == (255, 0, 0)


@given(LIGHTS, st.integers(0, 0xFFFF), st.integers(0, MINUTE_MS))
def test_any_light_that_a_host_asks_for_is_a_colour_or_none(light, span_ms, since_ms):
    glow = glow_of(light, 0, span_ms)

    assert (glow is None) == (light >> EFFECT_BITS not in EFFECTS or span_ms == 0)
    assert glow is None or all(0 <= part <= 255 for part in glow.colour(since_ms, 100))


def test_a_breath_is_dark_at_its_end_for_a_lamp_that_is_on_or_off():
    levels = [level(BREATHE, since_ms) for since_ms in range(0, 4000, 50)]

    assert levels[0] == 0
    assert max(levels) == FULL
    assert 0.15 < levels.count(0) / len(levels) < 0.6
