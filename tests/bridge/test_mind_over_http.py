"""A mind in the companion `openai`, against the fake server: what really goes over the wire."""

from contextlib import aclosing

import pytest

from mynah.companions import open_companion
from mynah.companions.base import Said
from mynah.companions.fakes.anthropic import FakeAnthropic
from mynah.companions.fakes.openai import USAGE, FakeOpenAI
from mynah.companions.models.openai import OpenAICompanion
from mynah.config import Budget, Settings, parse
from mynah.errors import CompanionError
from mynah.prompting.meter import Meter
from tests.bridge.minds import mind_of
from tests.bridge.test_meter import DAY

DOG = Said("I have a dog called Basil.", "en")
FACTS = "FACT: The user has a dog, Basil. | dog, Basil\nSUMMARY: They spoke of a dog.\n"


async def said_by(companion, said):
    async with aclosing(companion.reply(said)) as pieces:
        return "".join([piece async for piece in pieces if isinstance(piece, str)])


async def test_a_strict_servers_fake_says_back_what_was_said_and_no_note_beside_it():
    async with FakeAnthropic() as server:
        table = {"base_url": server.base_url}
        guest = open_companion("anthropic", Settings(companions={"anthropic": table}))
        guest.inhabit(mind_of())
        said = Said(DOG.text, "en", ring="(The wearer tapped.)")

        assert (await said_by(guest, said)).strip() == f"You said: {DOG.text}"
        assert "(" in server.requests[0].body["messages"][-1]["content"]
        await guest.close()


async def test_a_companion_with_a_mind_is_told_of_it_and_thinks_back_alone():
    async with FakeOpenAI() as server:
        settings = parse({"openai": {"base_url": server.base_url}}, "here")
        companion = OpenAICompanion(settings.openai)
        companion.mind = mind_of(meter=Meter(Budget(), "m", lambda: DAY))
        server.say(["A dog, how nice!"])
        text = await said_by(companion, DOG)
        companion.heard(DOG, text)
        server.say([FACTS])

        facts = await companion.mind.reflect(companion.reply)

        assert [fact.content for fact in facts] == ["{{user}} has a dog, Basil."]
        assert "Luna" in server.requests[0].body["messages"][0]["content"]
        assert [each["role"] for each in server.requests[1].body["messages"]] == ["user"]
        server.say(["Basil!"])
        await said_by(companion, Said("What is my dog called?", "en"))
        told = [each["content"] for each in server.requests[2].body["messages"]]
        assert any("- the user has a dog, Basil." in line for line in told)
        assert any("They spoke of a dog." in line for line in told)
        assert companion.mind.meter.spent.answers >= 2
        assert companion.mind.meter.spent.prompt % USAGE["prompt_tokens"] == 0
        await companion.close()
        await companion.mind.close()


async def test_a_question_that_no_server_took_costs_nothing():
    async with FakeOpenAI() as server:
        settings = parse({"openai": {"base_url": server.base_url}}, "here")
    companion = OpenAICompanion(settings.openai)
    companion.mind = mind_of(meter=Meter(Budget(), "m", lambda: DAY))

    for _ in range(2):
        with pytest.raises(CompanionError):
            await said_by(companion, DOG)
        companion.heard(DOG, "")

    assert companion.mind.meter.spent.tokens == 0
    await companion.close()
    await companion.mind.close()
