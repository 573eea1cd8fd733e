import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.settings import SETTINGS, Settings
from mynah_wire.downlink import BRIGHTNESS, VOLUME

VALUES = st.integers(0, 0xFFFF)


def test_what_is_not_stored_takes_its_default():
    settings = Settings({})

    assert {setting: settings.get(setting) for setting in SETTINGS} == {VOLUME: 100, BRIGHTNESS: 40}


@pytest.mark.parametrize(("stored", "volume"), [(0, 0), (100, 100), (101, 100), (-1, 100)])
def test_what_is_stored_is_used_within_its_limits(stored, volume):
    assert Settings({"volume": stored}).get(VOLUME) == volume


@given(st.sampled_from(sorted(SETTINGS)), VALUES)
def test_a_change_is_kept_under_its_name_and_within_its_limits(setting, value):
    name, default, least, most = SETTINGS[setting]
    settings = Settings({})

    kept = settings.change(setting, value)

    expected = min(max(value, least), most)
    assert settings.get(setting) == expected
    assert kept == (None if expected == default else (name, expected))
    assert kept is None or Settings(dict([kept])).get(setting) == expected


@given(st.integers(0, 0xFF).filter(lambda setting: setting not in SETTINGS), VALUES)
def test_a_setting_of_later_times_is_ignored(setting, value):
    assert Settings({}).change(setting, value) is None


def test_the_light_can_not_be_set_to_nothing():
    settings = Settings({})
    settings.change(BRIGHTNESS, 0)

    assert settings.get(BRIGHTNESS) > 0


def test_names_fit_the_chips_store():
    assert all(len(name) <= 15 for name, *_ in SETTINGS.values())
