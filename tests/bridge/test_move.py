import asyncio
import datetime as dt
import socket
import tomllib
from random import Random

import pytest

from mynah.characters.arrival import arrive
from mynah.characters.briefing import MOST_CHARACTERS, Briefed, briefed, briefing
from mynah.characters.capsule import Soul
from mynah.characters.card import new_card
from mynah.characters.macros import Context
from mynah.characters.moving_in import settle
from mynah.characters.reading import read
from mynah.characters.writing import written
from mynah.cli import invoke
from mynah.companions.base import Capabilities, Said
from mynah.companions.guest import Guest
from mynah.config import Settings
from mynah.errors import CompanionError
from mynah.memory.fact import Fact
from mynah.memory.log import Turn

CARD = {"name": "Mochi", "description": "{{char}} is a cat.", "scenario": "a ring"}
FACTS = (Fact("{{user}} drinks tea", created=2.0), Fact("a cat was pinned", pinned=True))
TURNS = tuple(Turn(f"said {at}", f"heard {at}", float(at)) for at in range(1, 9))


class Fake:
    """Answers in these pieces, and keeps what it was told."""

    def __init__(self, *pieces, memory="client"):
        self.capabilities = Capabilities(memory=memory)
        self.pieces = pieces
        self.told = []
        self.heards = []
        self.closed = False

    async def reply(self, said):
        self.told.append(said.ring)
        for piece in self.pieces:
            yield piece

    def heard(self, said, text):
        self.heards.append((said, text))

    async def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))


@pytest.fixture
def opened(monkeypatch):
    """Makes a fake answer to any name."""

    def choose(fake):
        opening = lambda name, _settings: Guest(name, fake)  # noqa: E731
        monkeypatch.setattr("mynah.characters.arrival.open_companion", opening)
        monkeypatch.setattr("mynah.companions.open_companion", opening)
        return fake

    return choose


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "mynah.toml"
    path.write_text('companion = "local"\ncharacter = "Mochi"\n[memory]\nuser_name = "Ann"\n')
    return path


@pytest.fixture
def mochi():
    entries = tuple(fact.entry() for fact in FACTS)
    return settle(Soul(read(written(new_card(CARD)), "mochi.json"), entries, TURNS), "Mochi").folder


def settings_in(path):
    return tomllib.loads(path.read_text())


async def pieces_of(reply):
    return [piece async for piece in reply]


def test_the_conversation_goes_on_with_who_can_answer(opened, config, mochi, capsys):
    fake = opened(Fake("", "Hello", " there"))

    assert invoke(["move", "--to", "another", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "another answers, its first words after" in out
    assert "2 facts, 8 turns" in out
    assert "said 8" in out
    assert f"from local to another; go on with: mynah run --config {config}" in out
    assert settings_in(config) | {"companion": "another"} == settings_in(config)
    assert fake.closed
    assert fake.heards == []
    assert mochi.briefing == ""


@pytest.mark.parametrize(
    ("fake", "told"),
    [(Fake(), "it answered nothing"), (Fake(" \n"), "it answered nothing")],
)
def test_who_can_not_answer_is_not_moved_to(opened, config, mochi, capsys, fake, told):
    before = config.read_text()
    opened(fake)

    assert invoke(["move", "--to", "another", "--config", str(config)]) == 1
    assert told in capsys.readouterr().err
    assert config.read_text() == before


def test_a_companion_that_keeps_its_conversation_is_told_first(opened, config, mochi, capsys):
    fake = opened(Fake("never asked", memory="server"))

    assert invoke(["move", "--to", "another", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "another can be reached" in out
    assert fake.told == []
    lines = mochi.briefing.split("\n")
    assert lines[:3] == [
        "From now on you are Mochi. Stay Mochi whatever comes.",
        "Mochi is a cat.",
        "a ring",
    ]
    assert lines[3:6] == [
        "What you know of me and of us:",
        "- a cat was pinned",
        "- Ann drinks tea",
    ]
    assert lines[-3:-1] == ["Ann: said 8", "Mochi: heard 8"]
    assert "Ann: said 3" in lines
    assert "Ann: said 2" not in lines


def test_moving_back_to_a_stateless_one_takes_the_briefing_away(opened, config, mochi):
    opened(Fake("x", memory="server"))
    assert invoke(["move", "--to", "a", "--config", str(config)]) == 0
    assert mochi.briefing
    opened(Fake("x"))
    assert invoke(["move", "--to", "b", "--no-check", "--config", str(config)]) == 0
    assert not mochi.briefing


def test_without_a_character_only_the_companion_changes(opened, config, capsys):
    config.write_text("")
    opened(Fake("x"))

    assert invoke(["move", "--to", "another", "--config", str(config)]) == 0
    assert "No character is chosen" in capsys.readouterr().out
    assert settings_in(config) == {"companion": "another"}


def test_a_character_that_is_not_there_is_told(opened, config, capsys):
    opened(Fake("x"))

    assert invoke(["move", "--to", "a", "--character", "x", "--config", str(config)]) == 2
    assert "no character is called 'x'" in capsys.readouterr().err


async def test_a_server_that_is_not_there_is_told_with_its_address():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    settings = Settings.model_validate({"openai": {"base_url": f"http://127.0.0.1:{port}/v1"}})

    with pytest.raises(CompanionError, match=f"127.0.0.1:{port} can't be reached"):
        await arrive("openai", settings)


async def test_who_has_no_key_is_told_so_before_anybody_looks_for_the_server(monkeypatch):
    monkeypatch.delenv("MYNAH_DEEPSEEK_API_KEY", raising=False)
    monkeypatch.setattr("mynah.companions.reaching.openai_http.system_vault", lambda: None)

    with pytest.raises(CompanionError, match="set MYNAH_DEEPSEEK_API_KEY"):
        await arrive("deepseek", Settings())


async def test_a_host_that_nobody_knows_is_told_as_such(monkeypatch):
    async def unknown(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("asyncio.open_connection", unknown)
    settings = Settings.model_validate({"openai": {"base_url": "http://localhost:1/v1"}})

    with pytest.raises(CompanionError, match=r"can't be reached \(no such host\)"):
        await arrive("openai", settings)


class TestBriefed:
    SAID = Said("hello", "en", "[ring] a tap")

    def of(self, folder, fake):
        folder.write(folder.briefing_file, b"who you are")
        return briefed(Guest("it", fake), folder)

    async def test_it_is_told_until_an_answer_was_heard_and_never_again(self, mochi):
        fake = Fake("hi", memory="server")
        companion = self.of(mochi, fake)

        for heard in ("", "hi", "hi"):
            assert await pieces_of(companion.reply(self.SAID)) == ["hi"]
            companion.heard(self.SAID, heard)
        assert fake.told == ["who you are\n[ring] a tap"] * 2 + ["[ring] a tap"]
        assert mochi.briefing == ""
        assert fake.heards == [(self.SAID, heard) for heard in ("", "hi", "hi")]

    async def test_a_stateless_one_is_not(self, mochi):
        assert not isinstance(self.of(mochi, Fake("hi")), Briefed)


def test_a_briefing_is_bounded_and_in_the_characters_language():
    long = new_card(CARD | {"description": "猫" * 9000, "personality": "x" * 9000}).view
    context = Context("麻薯", "Ann", dt.datetime.now(dt.UTC), Random(1))
    told = briefing(long, ["fact " * 50] * 50, TURNS, context)

    assert len(told) <= MOST_CHARACTERS + 1
    assert told.startswith("从现在起你就是Mochi")
    assert told.endswith("接下来是我要说的话。")
