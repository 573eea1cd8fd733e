"""A character whose home dies in mid-sentence goes on in the next one, and knows what it knew."""

import asyncio
import time
from contextlib import aclosing

import pytest

from mynah.at_home import open_home
from mynah.characters import jsons
from mynah.characters.capsule import Soul
from mynah.characters.home_folder import find
from mynah.characters.moving_in import settle
from mynah.characters.reading import read
from mynah.cli import invoke
from mynah.companions.base import Said
from mynah.companions.fakes.ollama import FakeOllama
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.config import load
from mynah.errors import CompanionError
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from tests.bridge.strange_cards import MOCHI

YESTERDAY = time.time() - 86_400
FACT = Fact("{{user}} is allergic to walnuts", ("walnut", "cake"), created=YESTERDAY).entry()
LONG = "Once upon a time there was a cat who lived in a ring and told no one. " * 20
SOME = 60  # characters: in mid-sentence


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))


def settings_file(tmp_path, first, second):
    path = tmp_path / "mynah.toml"
    path.write_text(
        'companion = "openai"\ncharacter = "Mochi"\nfallback = "none"\n'
        f'[openai]\nbase_url = "{first.base_url}"\n[companions.ollama]\n'
        f'base_url = "{second.base_url}"\nmodel = "echo"\n[memory]\nuser_name = "Ann"\n'
    )
    return path


async def command(*arguments):
    """As typed in another terminal."""
    assert await asyncio.to_thread(invoke, [*map(str, arguments)]) == 0


async def spoken(reply, into):
    """The answer's words, as they come."""
    async with aclosing(reply) as pieces:
        async for piece in pieces:
            into.append(piece if isinstance(piece, str) else "")
    return "".join(into).strip()


async def heard_until_it_dies(home, server, said):
    """What of the answer came before the server was killed."""
    words = []
    reply = home.reply(said)
    while len("".join(words)) <= SOME:
        piece = await anext(reply)
        words.append(piece if isinstance(piece, str) else "")
    await server.__aexit__()
    with pytest.raises(CompanionError):
        await spoken(reply, words)
    return "".join(words)


async def test_the_next_home_knows_yesterday_and_what_was_said_last(tmp_path):
    soul = Soul(read(jsons.write(MOCHI), "it"), (FACT,), (Turn("night", "sleep well", YESTERDAY),))
    settle(soul, "Mochi")
    async with FakeOpenAI() as first, FakeOllama() as second:
        config = settings_file(tmp_path, first, second)
        home = open_home(load(config))
        first.say([LONG])
        story = Said("Tell me a story.", "en")
        words = await heard_until_it_dies(home, first, story)
        home.heard(story, words)
        await home.close()

        await command("move", "--to", "ollama", "--config", config)
        home = open_home(load(config))
        second.say(["Walnuts are not for you."])
        answer = await spoken(home.reply(Said("May I eat that cake?", "en")), [])
        await home.close()

    assert answer == "Walnuts are not for you."
    told = second.requests[-1].told
    assert "allergic to walnuts" in told
    assert "Mochi" in told or "麻薯" in told
    assert "sleep well" in told
    assert words[:40] in told
    assert LONG[len(words) + 20 :] not in told


async def test_a_capsule_has_it_all_and_knows_it_on_another_computer(tmp_path, monkeypatch):
    soul = Soul(read(jsons.write(MOCHI), "it"), (FACT,), (Turn("night", "sleep well", YESTERDAY),))
    settle(soul, "Mochi")
    capsule = tmp_path / "mochi.charx"
    await command("card", "export", "Mochi", "--capsule", "--to", capsule)
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "elsewhere"))
    await command("card", "import", capsule, "--name", "Mochi")
    assert find("Mochi").card().view == read(jsons.write(MOCHI), "it").view

    async with FakeOpenAI() as unused, FakeOllama() as server:
        config = settings_file(tmp_path, unused, server)
        await command("move", "--to", "ollama", "--config", config)
        home = open_home(load(config))
        server.say(["Hm."])
        assert await spoken(home.reply(Said("I bake a cake.", "en")), []) == "Hm."
        await home.close()

    assert "allergic to walnuts" in server.requests[-1].told
    assert "sleep well" in server.requests[-1].told
