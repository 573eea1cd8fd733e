"""Servers of models under names of one's own, and vendors without a key."""

import pytest

from mynah.companions import names, open_companion
from mynah.companions.base import Said
from mynah.companions.models.openai_trouble import KEY_VARIABLE
from mynah.companions.models.presets import companion
from mynah.config import Settings
from mynah.errors import CompanionError, UserError

SAID = Said("Good evening.", "en")


def test_a_name_of_ones_own_may_be_a_preset():
    table = {"preset": "koboldcpp", "base_url": "http://127.0.0.1:9/v1"}

    assert companion("cellar", Settings(companions={"cellar": table})).free
    assert companion("stranger", Settings(companions={"stranger": {"volume": 11}})) is None


def test_a_name_of_ones_own_with_an_address_speaks_as_openai_does(monkeypatch):
    monkeypatch.setenv("MYNAH_MINE_API_KEY", "sk-mine")
    table = {"base_url": "https://chat.example.com/v1", "model": "small"}
    mine = open_companion("mine", Settings(companions={"mine": table})).companion

    assert "mine" in names(Settings(companions={"mine": table}))
    assert mine._asking._key == "sk-mine"
    assert mine._asking._base_url == table["base_url"]


def test_a_table_that_does_not_say_who_that_is_is_told_of():
    with pytest.raises(UserError, match=r"\[companions\.mine\] does not say who that is"):
        open_companion("mine", Settings(companions={"mine": {"model": "small"}}))
    with pytest.raises(UserError, match=r"companions\.mine\.base_url: an address begins with"):
        open_companion("mine", Settings(companions={"mine": {"base_url": "x"}}))


@pytest.mark.parametrize(
    ("name", "settings", "variable"),
    [
        ("deepseek", Settings(), "MYNAH_DEEPSEEK_API_KEY"),
        ("minimax-anthropic", Settings(), "MYNAH_MINIMAX_API_KEY"),
        ("openai", Settings(openai={"base_url": "https://api.openai.com/v1"}), KEY_VARIABLE),
    ],
)
async def test_a_vendor_is_not_asked_without_a_key(monkeypatch, name, settings, variable):
    monkeypatch.delenv(variable, raising=False)
    asked = open_companion(name, settings)

    with pytest.raises(CompanionError, match=rf"wants a key, and there is none; set {variable}$"):
        await anext(asked.reply(SAID))
    await asked.close()
