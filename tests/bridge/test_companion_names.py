"""Companions by name: ours, and strangers' that lack what may be left out."""

import sys
import tomllib
from importlib import import_module

import pytest

from mynah.companions import Said, names, open_companion
from mynah.companions.base import GROUP
from mynah.config import parse
from mynah.errors import CompanionError, UserError
from tests.repo.sources import REPOSITORY

SAID = Said("Good morning.", "en")

STRANGERS = """
class Shouter:
    async def reply(self, said):
        yield said.text.upper()

    async def close(self):
        pass


class Chosen(Shouter):
    def __init__(self, *, greeting="Hi"):
        self.greeting = greeting

    async def reply(self, said):
        yield self.greeting


class Forgetful(Shouter):
    async def start(self):
        raise KeyError("where was I")

    def heard(self, said, text):
        raise ValueError(text)
"""


@pytest.fixture(autouse=True)
def strangers(tmp_path, monkeypatch):
    """A package of strangers' companions, as pip would have installed it."""
    (tmp_path / "strangers.py").write_text(STRANGERS)
    about = tmp_path / "strangers-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    points = [f"{name} = strangers:{name.title()}" for name in ("shouter", "chosen", "forgetful")]
    points.append("broken = strangers:Nobody")
    (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *points]))
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("strangers", None)


async def words(companion):
    return [piece async for piece in companion.reply(SAID)]


async def test_the_readmes_example_has_only_reply_and_close():
    shouter = open_companion("shouter")

    await shouter.start()
    shouter.heard(SAID, "GOOD MORNING.")

    assert await words(shouter) == ["GOOD MORNING."]
    await shouter.close()


async def test_a_stranger_is_made_with_its_own_table():
    settings = parse({"companions": {"chosen": {"greeting": "Hello"}}}, "settings")

    assert await words(open_companion("chosen", settings)) == ["Hello"]
    assert await words(open_companion("chosen")) == ["Hi"]


async def test_a_key_that_a_stranger_does_not_know_is_an_error():
    settings = parse({"companions": {"shouter": {"volume": 11}}}, "settings")

    with pytest.raises(CompanionError, match="shouter can't be loaded with volume"):
        open_companion("shouter", settings)


async def test_a_stranger_that_fails_costs_no_more_than_itself(caplog):
    forgetful = open_companion("forgetful")

    with pytest.raises(CompanionError, match="forgetful can't start"):
        await forgetful.start()
    forgetful.heard(SAID, "a secret")

    assert "did not take what was heard: ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert await words(forgetful) == ["GOOD MORNING."]


def test_a_companion_that_is_not_there_is_an_error():
    with pytest.raises(CompanionError, match="broken can't be loaded"):
        open_companion("broken")
    with pytest.raises(UserError, match="did you mean shouter"):
        open_companion("shoutr")
    assert "shouter" in names()


def test_every_companion_of_ours_is_where_its_entry_point_says():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = project["entry-points"][GROUP]

    assert set(points) >= {"local", "openai", "parrot"}
    for point in points.values():
        module, _, name = point.partition(":")
        assert getattr(import_module(module), name).reply
