"""The companion for OpenAI's clients: POST /v1/chat/completions, GET /v1/models."""

import asyncio
import json

import pytest

from mynah.serving.services import Names
from tests.bridge.serving_scene import (
    DOWN,
    HEADERS,
    body,
    served,
    services,
    until,
)

CHAT = {"model": "x", "messages": [{"role": "user", "content": "Hello?"}]}


async def test_the_companion_answers_what_was_said_last():
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "Who?"},
        {"role": "assistant", "content": "I."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "And "}, {"type": "text", "text": "you?"}],
        },
    ]
    offered = services()
    async with served(offered) as (_, _, client):
        reply = await client.post("/v1/chat/completions", json={"messages": messages})

    told = body(reply)
    assert told["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there."},
            "finish_reason": "stop",
        }
    ]
    assert told["usage"] == {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    assert "secret" not in reply.text
    assert offered.companion.asked == ["And you?"]
    assert offered.companion.told == [("And you?", "Hello there.")]


async def test_half_a_letter_reaches_nobody():
    sent = b'{"messages": [{"role": "user", "content": "Hi \\ud83d, \\ud83d\\ude00"}]}'
    offered = services()
    async with served(offered) as (_, _, client):
        reply = await client.post("/v1/chat/completions", content=sent)

    assert reply.status_code == 200
    assert offered.companion.asked == ["Hi \N{REPLACEMENT CHARACTER}, \N{GRINNING FACE}"]


async def test_what_is_written_in_chinese_is_said_to_be(monkeypatch):
    offered = services()
    heard = []
    monkeypatch.setattr(offered.companion, "heard", lambda said, _: heard.append(said.language))
    async with served(offered) as (_, _, client):
        for text in ("你好吗", "Hello"):
            chat = {"messages": [{"role": "user", "content": text}]}
            await client.post("/v1/chat/completions", json=chat)

    assert heard == ["zh", "en"]


def events(text):
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    return [json.loads(line) if line != "[DONE]" else line for line in lines]


async def test_an_answer_is_streamed_as_openai_streams_it():
    asked = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
    async with served() as (_, _, client):
        reply = await client.post("/v1/chat/completions", json=asked)

    assert reply.headers["content-type"] == "text/event-stream"
    *chunks, counted, done = events(reply.text)
    assert done == "[DONE]"
    assert counted["choices"] == []
    assert counted["usage"]["total_tokens"] == 12
    assert {each["object"] for each in chunks} == {"chat.completion.chunk"}
    assert len({each["id"] for each in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(each["choices"][0]["delta"].get("content", "") for each in chunks)
    assert text == "Hello there."
    assert [each["choices"][0]["finish_reason"] for each in chunks][-1] == "stop"
    assert "secret" not in reply.text


async def test_who_hangs_up_frees_the_companion_and_is_taken_to_have_read_so_far():
    offered = services("Once upon ", None)
    async with served(offered) as (_, _, client):
        async with client.stream(
            "POST", "/v1/chat/completions", json={**CHAT, "stream": True}
        ) as reply:
            async for line in reply.aiter_lines():
                if "Once" in line:
                    break
        await until(lambda: offered.companion.told)
        assert not offered.asked.locked()

    assert offered.companion.closed == 1
    assert offered.companion.cancelled == ["Once upon "]
    assert offered.companion.told == [("Hello?", "Once upon ")]


async def test_who_hangs_up_before_a_word_frees_the_companion_as_well():
    offered = services(None)
    async with served(offered) as (_, _, client):
        asking = asyncio.create_task(client.post("/v1/chat/completions", json=CHAT))
        await until(lambda: offered.companion.asked)
        asking.cancel()
        await until(lambda: offered.companion.closed)

    assert offered.companion.told == [("Hello?", "")]


async def test_sillytavern_is_not_asked_by_itself():
    async with served(services(names=Names("sillytavern"))) as (offered, _, client):
        reply = await client.post("/v1/chat/completions", json=CHAT)

    assert reply.status_code == 409
    assert offered.companion.asked == []


async def test_a_companion_that_is_down_is_told_of():
    async with served(services(DOWN)) as (_, _, client):
        reply = await client.post("/v1/chat/completions", json={**CHAT, "stream": True})

    assert reply.status_code == 503
    assert body(reply)["error"] == {
        "message": "the companion is down; start it",
        "type": "server_error",
        "param": None,
        "code": None,
    }


async def test_a_companion_that_breaks_off_says_so_in_the_stream():
    async with served(services("Once ", DOWN)) as (_, _, client):
        reply = await client.post("/v1/chat/completions", json={**CHAT, "stream": True})

    assert events(reply.text)[-1]["error"]["message"] == "the companion is down; start it"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"messages": []}, "a list with something in it"),
        ({"messages": "hello"}, "a list with something in it"),
        ({"messages": [{"role": "king", "content": "x"}]}, "each message needs a role"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "has to be the user's"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "needs a role of"),
        ({"messages": [{"role": "user", "content": " "}]}, "says nothing"),
        ({"messages": [{"role": "user", "content": 5}]}, "a text as its content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "text alone"),
        ({"messages": [{"role": "user", "content": "x" * 8001}]}, "longer than 8000"),
        ({"n": 2}, "n can only be 1"),
        ({"tools": [{"type": "function"}]}, "the companion only talks"),
        ({"stream": "yes"}, "true or false"),
        ({"stream_options": []}, None),
        ({"stream_options": [1]}, "a JSON object"),
    ],
)
async def test_what_is_no_chat_is_refused(more, told):
    async with served() as (offered, _, client):
        reply = await client.post("/v1/chat/completions", json=CHAT | more)

    if told is None:
        assert reply.status_code == 200
        return
    assert reply.status_code == 400
    assert told in body(reply)["error"]["message"]
    assert offered.companion.asked == []


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000])
async def test_a_body_that_is_no_object_is_refused(sent):
    async with served() as (_, _, client):
        reply = await client.post("/v1/chat/completions", content=sent)

    assert reply.status_code == 400


async def test_the_models_are_who_answers_whose_ears_and_whose_voice():
    async with served() as (_, _, client):
        reply = await client.get("/v1/models")

    assert [each["id"] for each in body(reply)["data"]] == ["local", "tiny.en", "joe"]


async def test_without_the_token_the_error_is_of_openais_shape():
    async with served() as (_, _, client):
        reply = await client.get("/v1/models", headers={**HEADERS, "Authorization": "Bearer no"})

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert body(reply)["error"]["type"] == "authentication_error"
