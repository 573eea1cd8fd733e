"""The companions `dify` and `letta`, beyond what every companion must do."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from mynah.companions.agents import dify, letta
from mynah.companions.base import Reasoning, Said, Usage
from mynah.companions.fakes.dify import CONVERSATION_ID, TASK_ID, FakeDify
from mynah.companions.fakes.letta import RUN_ID, FakeLetta
from mynah.companions.reaching.steps import Step
from mynah.errors import CompanionError

SAID = Said("Good morning.", "en")
GONE_S = 1.0
LONGEST_S = 5.0


@asynccontextmanager
async def talking(kind, make, way, **fields):
    async with asyncio.timeout(LONGEST_S), kind() as server:
        if way:
            server.behave(way)
        companion = make(url=server.base_url, **fields)
        try:
            yield companion, server
        finally:
            await companion.close()


def with_dify(way=None, **fields):
    return talking(FakeDify, dify.Dify, way, **fields)


def with_letta(way=None, **fields):
    return talking(FakeLetta, letta.Letta, way, agent="agent/1", **fields)


async def answer(companion, said=SAID):
    pieces = [piece async for piece in companion.reply(said)]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    companion.heard(said, text)
    return text


async def interrupted(companion, heard):
    reply = companion.reply(SAID)
    while not isinstance(await anext(reply), str):
        pass
    await reply.aclose()
    await companion.cancel(heard, 100)
    companion.heard(SAID, heard)


async def test_dify_is_told_what_is_new_and_which_conversation_it_belongs_to():
    async with with_dify(user="ann", inputs={"mood": "calm"}) as (companion, server):
        await answer(companion)
        await answer(companion, Said("And then?", "en", ring="(A tap.)"))
        first, second = (request.body for request in server.requests)

        assert first == {
            "query": "Good morning.",
            "inputs": {"mood": "calm"},
            "user": "ann",
            "response_mode": "streaming",
            "conversation_id": "",
            "auto_generate_name": False,
        }
        assert second["query"] == "(A tap.)\nAnd then?"
        assert second["conversation_id"] == CONVERSATION_ID


async def test_the_conversation_with_dify_goes_on_after_a_restart():
    async with with_dify() as (companion, server):
        await answer(companion)
        again = dify.Dify(url=server.base_url)
        await answer(again)
        await again.close()
        other = dify.Dify(url=server.base_url, user="ann")
        await other.close()

        assert server.requests[1].body["conversation_id"] == CONVERSATION_ID
        assert other._conversation_id == ""


async def test_a_conversation_that_dify_has_lost_is_begun_anew():
    async with with_dify() as (companion, server):
        companion._conversation_id = "of-another-app"

        assert await answer(companion) == "You said: Good morning. "
        ids = [request.body["conversation_id"] for request in server.requests]
        assert ids == ["of-another-app", ""]


async def test_dify_is_told_to_stop_and_next_time_what_was_heard():
    async with with_dify("endless") as (companion, server):
        await interrupted(companion, "Sheep number")
        server.behave("echo")
        text = await answer(companion)
        (stop,) = server.calls

        assert stop.path == f"/v1/chat-messages/{TASK_ID}/stop"
        assert stop.body == {"user": "mynah"}
        assert "only heard: “Sheep number”" in text


async def test_an_answer_that_ended_by_itself_is_not_stopped():
    async with with_dify() as (companion, server):
        await answer(companion)

    assert server.calls == []


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("agent", "You said: Good morning."),
        ("moderated", "The card number is 4111.\nI can't tell you that."),
    ],
)
async def test_dify_says_everything_once(way, text):
    async with with_dify(way) as (companion, _):
        assert await answer(companion) == text


async def test_pings_are_no_answer():
    async with with_dify("pings", wait_s=0.1) as (companion, _):
        with pytest.raises(CompanionError, match=r"did not begin to answer in 0\.1 s"):
            await answer(companion)


@pytest.mark.parametrize(
    ("before", "whole", "pieces"),
    [
        ("", "No.", ("No.",)),
        ("I can", "I can not.", (" not.",)),
        ("Yes.", "", ()),
        ("Yes.", "No.", ("\nNo.",)),
    ],
)
def test_what_replaces_an_answer_goes_on_with_it_if_it_can(before, whole, pieces):
    stream = dify.Stream()
    stream.read(json.dumps({"event": "message", "answer": before}))

    got = stream.read(json.dumps({"event": "message_replace", "answer": whole}))

    assert got == Step(pieces)


def test_a_task_whose_id_is_none_is_never_a_part_of_an_address():
    stream = dify.Stream()
    stream.read(json.dumps({"event": "message", "task_id": "../../secret", "answer": "Hi"}))

    assert stream.task_id == ""


async def test_letta_is_told_what_is_new_and_streams_tokens():
    async with with_letta() as (companion, server):
        await answer(companion)
        (request,) = server.requests

        assert request.path == "/v1/agents/agent%2F1/messages"
        assert request.body == {
            "messages": [{"role": "user", "content": "Good morning."}],
            "streaming": True,
            "stream_tokens": True,
            "include_pings": True,
        }


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("echo", "You said: Good morning. "),
        ("steps", "Let me see. It is late."),
        ("whole", "You said: Good morning."),
    ],
)
async def test_letta_says_everything_once_and_what_it_cost(way, text):
    async with with_letta(way) as (companion, _):
        pieces = [piece async for piece in companion.reply(SAID)]

    assert "".join(piece for piece in pieces if isinstance(piece, str)) == text
    assert [piece for piece in pieces if isinstance(piece, Usage)] == [Usage(40, 9)]


async def test_letta_is_told_to_cancel_its_run():
    async with with_letta("endless") as (companion, server):
        await interrupted(companion, "Sheep")
        await companion.close()

    (call,) = server.calls
    assert call.path.endswith("/messages/cancel")
    assert call.body == {"run_ids": [RUN_ID]}


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("stopped", "gave up: it stopped: llm_api_error; say it again"),
        ("old-error", "gave up: no such model; say it again"),
        ("error", "gave up: out of memory; say it again"),
        ("404", r"has nothing there \(404: model not found\); look at companions\.letta\.url"),
        ("401", r"refused the key \(401\); set MYNAH_LETTA_API_KEY"),
        ("429", "takes no more requests for now .*; ask in 7 s"),
        ("301", r"has moved \(301\); set companions\.letta\.url"),
        ("html", "sent text/html, not an answer"),
        ("one-line", "sent over 4 MB for one answer and was stopped"),
    ],
)
async def test_what_goes_wrong_with_letta_is_said_in_one_line(way, told):
    async with with_letta(way) as (companion, _):
        with pytest.raises(CompanionError, match=told):
            await answer(companion)


async def test_a_connection_that_was_kept_too_long_is_replaced_and_nothing_is_said_twice():
    async with with_letta("once") as (companion, server):
        for _ in range(2):
            assert await answer(companion) == "You said: Good morning. "

        assert [request.connection for request in server.requests] == [1, 1, 2]


async def test_a_fresh_connection_that_breaks_is_not_tried_again():
    async with with_letta("not-http") as (companion, server):
        with pytest.raises(CompanionError, match="ended without a word"):
            await answer(companion)

        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ('{"message_type": "reasoning_message", "reasoning": "Hm."}', Step((Reasoning("Hm."),))),
        ('{"message_type": "hidden_reasoning_message"}', Step()),
        ('{"message_type": "assistant_message", "content": [{"text": 1}, 2]}', Step()),
        ('{"message_type": "stop_reason", "stop_reason": "end_turn"}', Step(done=True)),
        ('{"message_type": "ping"}', Step(idle=True)),
        ('{"message_type": 3}', None),
        ("[" * 100_000, None),
        ("[]", None),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_what_an_event_of_letta_means(data, step):
    assert letta.Stream().read(data) == step
