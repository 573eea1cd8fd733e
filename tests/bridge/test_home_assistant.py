"""The companion `home_assistant`, beyond what every companion must do."""

import logging
from contextlib import asynccontextmanager

import pytest

from mynah.companions.agents.home_assistant import HomeAssistant
from mynah.companions.agents.home_assistant_events import Pipeline, Run, pipeline_for
from mynah.companions.base import Reasoning, Said
from mynah.companions.fakes.home_assistant import CONVERSATION_ID, FakeHomeAssistant
from mynah.companions.reaching.steps import Step
from mynah.errors import CompanionError

TOKEN = "eyJhbGciOi.very.secret"
SAID = Said("Is the lamp on?", "en")


@asynccontextmanager
async def talking(way="echo", **fields):
    async with FakeHomeAssistant() as server:
        server.behave(way)
        companion = HomeAssistant(url=server.address, token=TOKEN, **fields)
        try:
            yield companion, server
        finally:
            await companion.close()


async def answer(companion, said=SAID):
    pieces = [piece async for piece in companion.reply(said)]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    companion.heard(said, text)
    return text


def sent(server, kind):
    return [each for each in server.messages if each["type"] == kind]


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("plain", "You said: Is the lamp on?"),
        ("tool", "Let me see. It is on."),
        ("half", "Let me see. It is on."),
        ("echo", "You said: Is the lamp on? "),
    ],
)
async def test_all_that_it_says_is_heard_once_streamed_or_not(way, text):
    async with talking(way) as (companion, _):
        assert await answer(companion) == text


async def test_the_conversation_that_the_server_names_goes_on_over_one_connection():
    async with talking() as (companion, server):
        for _ in range(2):
            await answer(companion)
        first, second = sent(server, "assist_pipeline/run")

        assert "conversation_id" not in first
        assert second["conversation_id"] == CONVERSATION_ID
        assert len(server.headers) == 1


async def test_a_connection_that_the_server_closed_is_made_anew_and_nobody_hears_of_it():
    async with talking() as (companion, server):
        await answer(companion)
        await server.hang_up()

        assert await answer(companion) == "You said: Is the lamp on? "
        assert len(server.headers) == 2
        assert len(sent(server, "assist_pipeline/run")) == 2


async def test_an_interruption_has_the_server_end_the_run_and_keeps_the_connection():
    async with talking("endless") as (companion, server):
        reply = companion.reply(SAID)
        await anext(reply)
        await reply.aclose()
        await companion.cancel("Sheep", 100)
        companion.heard(SAID, "Sheep")
        server.behave("echo")
        text = await answer(companion)

        run, _ = sent(server, "assist_pipeline/run")
        (order,) = sent(server, "unsubscribe_events")
        assert order["subscription"] == run["id"]
        assert "only heard: “Sheep”" in text
        assert len(server.headers) == 1


async def test_the_agent_for_commands_is_told_the_command_alone():
    async with talking() as (companion, server):
        await answer(companion)
        await companion.cancel("You", 100)
        await answer(companion, Said("Licht an", "de", ring="(The wearer tapped.)"))
        run = sent(server, "assist_pipeline/run")[1]

        assert run["input"] == {"text": "Licht an"}
        assert run["pipeline"] == "01orders"


async def test_the_agent_for_commands_is_asked_nothing_without_words():
    async with talking(pipeline="Orders") as (companion, server):
        with pytest.raises(CompanionError, match="its agent takes commands and nothing else"):
            await answer(companion, Said("", "en", ring="(The wearer put the ring on.)"))

        assert sent(server, "assist_pipeline/run") == []


@pytest.mark.parametrize(
    ("way", "told", "retryable"),
    [
        ("no-token", r"refused the key .*; set MYNAH_HOME_ASSISTANT_API_KEY", False),
        ("ended", "gave up: the pipeline ended without an answer; say it again", True),
    ],
)
async def test_what_goes_wrong_is_said_in_one_line(way, told, retryable):
    async with talking(way) as (companion, _):
        with pytest.raises(CompanionError, match=told) as caught:
            await answer(companion)

        assert caught.value.retryable is retryable


async def test_a_pipeline_that_is_not_there_is_a_matter_of_settings():
    async with talking(pipeline="Cellar") as (companion, _):
        with pytest.raises(CompanionError, match=r"Pipeline not found: .*; look at \[companions"):
            await answer(companion)


async def test_a_server_that_is_down_is_no_reason_not_to_start():
    async with FakeHomeAssistant() as server:
        address = server.address
    companion = HomeAssistant(url=address, token=TOKEN)
    await companion.start()

    with pytest.raises(CompanionError, match=r"can't be reached: .*; start it, or set companions"):
        await answer(companion)
    await companion.close()


async def test_a_token_that_is_no_good_is_told_at_the_start():
    async with talking("no-token") as (companion, _):
        with pytest.raises(CompanionError, match="refused the key"):
            await companion.start()


async def test_neither_the_token_nor_a_word_reaches_a_log(caplog):
    caplog.set_level(logging.DEBUG)
    async with talking() as (companion, server):
        await answer(companion)

    assert sent(server, "auth")[0]["access_token"] == TOKEN
    assert TOKEN not in caplog.text
    assert SAID.text not in caplog.text


def test_a_thought_is_a_thought_and_what_a_tool_says_is_nobodys_business():
    run = Run()
    steps = [
        run.read({"event": {"type": "intent-progress", "data": {"chat_log_delta": delta}}})
        for delta in (
            {"role": "assistant", "thinking_content": "Hm."},
            {"role": "tool_result", "tool_result": {"content": "secret"}},
            {"content": "no"},
        )
    ]

    assert steps == [Step((Reasoning("Hm."),)), Step(), Step()]


LISTED = {
    "preferred_pipeline": "1",
    "pipelines": [
        {"id": "1", "name": "Home", "language": "en", "conversation_engine": "homeassistant"},
        {"id": "2", "name": "家", "conversation_language": "zh-CN", "conversation_engine": "llm"},
        {"id": "3", "name": "All", "conversation_language": "*", "conversation_engine": "llm"},
    ],
}


@pytest.mark.parametrize(
    ("language", "wanted", "found", "pipeline"),
    [
        ("en", "", LISTED, Pipeline(chats=False)),
        ("zh", "", LISTED, Pipeline("2")),
        ("fr", "", LISTED, Pipeline("3")),
        ("zh", "Home", LISTED, Pipeline("1", chats=False)),
        ("en", "2", LISTED, Pipeline("2")),
        ("en", "Cellar", LISTED, Pipeline("Cellar")),
        ("en", "", {}, Pipeline()),
        (
            "fr",
            "",
            {"preferred_pipeline": "1", "pipelines": LISTED["pipelines"][:2]},
            Pipeline(chats=False),
        ),
        ("en", "", {"pipelines": [3, {"id": 4, "language": 5}]}, Pipeline()),
    ],
)
def test_the_pipeline_is_the_one_that_speaks_the_wearers_language(
    language, wanted, found, pipeline
):
    assert pipeline_for(language, wanted, found) == pipeline
