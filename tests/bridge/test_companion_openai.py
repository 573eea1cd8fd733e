"""The companion `openai` against a server that behaves, and against all that do not."""

import asyncio
import logging
import re
from contextlib import aclosing, asynccontextmanager

import pytest

from mynah.companions.base import Said
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.models.openai import OpenAICompanion
from mynah.companions.models.openai_chunks import LONGEST_REASON, OpenAIReader, one_line
from mynah.companions.models.openai_trouble import KEY_VARIABLE
from mynah.companions.models.wire import Chunk
from mynah.companions.plausible import MOST_CHARACTERS
from mynah.config import parse
from mynah.errors import CompanionError, UserError

SAID = Said("Good morning. Did you sleep well?", "en")
ANSWER = f"You said: {SAID.text} "
SECRET = "sk-very-secret"
GONE_S = 1.0
"""The promise: a connection that nobody listens to any more is closed within this time."""


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def made(base_url, **fields):
    settings = parse({"openai": {"base_url": base_url, **fields}}, "settings")
    return OpenAICompanion(settings.openai)


@asynccontextmanager
async def talking_to(model, **fields):
    async with FakeOpenAI() as server:
        companion = made(server.base_url, model=model, **fields)
        try:
            yield companion, server
        finally:
            await companion.close()


async def answer(companion, said=SAID):
    """The text, and the error that ended it if one did."""
    text = ""
    try:
        async with aclosing(companion.reply(said)) as pieces:
            async for piece in pieces:
                text += piece if isinstance(piece, str) else ""
    except CompanionError as error:
        return text, error
    return text, None


async def gone(request):
    async with asyncio.timeout(GONE_S):
        await request.ended.wait()
    return request.hung_up


@pytest.mark.parametrize("model", ["echo", "without-done"])
async def test_an_answer_comes_word_by_word(model):
    async with talking_to(model) as (companion, server):
        pieces = [piece async for piece in companion.reply(SAID) if isinstance(piece, str)]

        assert "".join(pieces) == ANSWER
        assert len(pieces) == 1 + len(SAID.text.split())
        assert server.requests[0].path == "/v1/chat/completions"
        assert server.requests[0].body["stream"] is True


async def test_thoughts_are_not_spoken():
    async with talking_to("thoughts") as (companion, _):
        assert await answer(companion) == (ANSWER, None)


async def test_the_next_turn_uses_the_same_connection():
    async with talking_to("echo") as (companion, server):
        for _ in range(3):
            assert await answer(companion) == (ANSWER, None)

        assert {request.connection for request in server.requests} == {1}


async def test_the_server_is_told_what_was_heard_and_not_what_was_written():
    async with talking_to("echo", persona="You are Ann.") as (companion, server):
        await answer(companion)
        companion.heard(SAID, "You said: Good")
        await answer(companion, Said("What?", "en"))

        first, *turns = server.requests[1].body["messages"]
        assert first["role"] == "system"
        assert first["content"].startswith("You are Ann. Everything you write is read aloud")
        assert [turn["content"] for turn in turns] == [SAID.text, "You said: Good…", "What?"]


async def test_an_answer_that_is_thrown_away_is_not_remembered():
    async with talking_to("echo") as (companion, server):
        await answer(companion)
        await answer(companion)

        assert server.requests[0].body == server.requests[1].body
        assert companion.mind.history.turns == ()


@pytest.mark.parametrize("model", ["echo", "stall", "endless", "comments"])
async def test_closing_the_answer_closes_the_connection(model):
    async with talking_to(model) as (companion, server):
        reply = companion.reply(SAID)
        if model == "comments":
            first = asyncio.create_task(anext(reply))
            await server.asked.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
        else:
            assert await anext(reply)
        await reply.aclose()

        assert await gone(server.requests[0])


@pytest.mark.parametrize("model", ["hang", "silence", "stall"])
async def test_a_turn_that_is_cancelled_closes_the_connection(model):
    async with talking_to(model) as (companion, server):
        task = asyncio.create_task(answer(companion))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await gone(server.requests[0])


BROKEN = {
    "hang": ("", r"did not begin to answer in 0\.2 s; say it again, or set openai\.wait_s", True),
    "silence": ("", r"did not begin to answer in 0\.2 s", True),
    "comments": ("", r"did not begin to answer in 0\.2 s", True),
    "stall": (ANSWER, r"fell silent in mid-answer for 0\.2 s", True),
    "cut": (ANSWER, "broke off in mid-answer; say it again", True),
    "unfinished": (ANSWER, "broke off in mid-answer", True),
    "error": (ANSWER, "gave up in mid-answer: out of memory; say it again", True),
    "not-http": ("", "ended without a word", True),
    "html": ("", r"sent text/html, not a stream of words; is openai\.base_url complete", False),
    "html-stream": ("", "ended without a word; say it again", True),
    "binary": ("", "sent application/octet-stream, not a stream", False),
    "binary-stream": ("", "ended without a word; say it again", True),
    "garbage": ("", "sent an event that is no chat completion", False),
    "not-streamed": ("", "sent application/json, not a stream", False),
    "controls": ("Hello there. ", "sent unprintable characters", False),
    "one-line": ("", "sent over 4 MB for one answer and was stopped", True),
    "301": ("", r"has moved \(301\); set openai\.base_url", False),
    "401": ("", rf"refused the key \(401\); set {KEY_VARIABLE}", False),
    "404": ("", r"no model '404' \(404: model not found\); set openai\.base_url", False),
    "429": ("", r"no more requests for now \(429: slow down\); ask in 7 s", True),
    "500": ("", r"failed \(500: CUDA out of memory\); say it again", True),
    "503": ("", r"failed \(503: loading model\)", True),
}


@pytest.mark.parametrize(("model", "expected"), BROKEN.items(), ids=BROKEN)
async def test_a_broken_answer_is_one_line_after_its_text_and_the_next_turn_works(model, expected):
    said, message, retryable = expected
    async with talking_to(model, wait_s=0.2) as (companion, server):
        text, error = await answer(companion)
        server.behave("echo")
        after = await answer(companion)

    assert text == said
    assert error is not None
    assert_one_line(error, server.base_url, message)
    assert error.retryable is retryable
    assert after == (ANSWER, None)


@pytest.mark.parametrize("model", ["long", "endless"])
async def test_an_answer_without_end_is_stopped_and_its_connection_closed(model):
    async with talking_to(model) as (companion, server):
        text, error = await answer(companion)

        assert len(text) == MOST_CHARACTERS
        assert_one_line(error, server.base_url, "answered without end and was stopped")
        await gone(server.requests[0])


async def test_a_server_that_is_down_is_named_with_what_to_do():
    async with FakeOpenAI() as server:
        base_url = server.base_url
    companion = made(base_url)

    text, error = await answer(companion)
    await companion.close()

    assert text == ""
    assert_one_line(error, base_url, r"can't be reached: .*; start it, or set openai\.base_url")
    assert error.retryable


async def test_a_server_that_died_between_two_turns_costs_the_second_nothing():
    async with talking_to("cut") as (companion, server):
        await answer(companion)
        server.behave("echo")

        assert await answer(companion) == (ANSWER, None)
        assert [request.connection for request in server.requests] == [1, 2]


async def test_a_kept_connection_that_the_server_gave_up_is_replaced():
    async with talking_to("once") as (companion, server):
        for _ in range(2):
            assert await answer(companion) == (ANSWER, None)

        assert [request.connection for request in server.requests] == [1, 1, 2]


async def test_a_server_that_wants_the_other_name_of_the_limit_gets_it():
    async with talking_to("400", answer_tokens=9) as (companion, server):
        await answer(companion)
        await answer(companion)

    limits = [[key for key in request.body if "max" in key] for request in server.requests]
    assert limits == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]
    assert server.requests[-1].body["max_completion_tokens"] == 9


async def test_the_key_is_sent_and_never_shown(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    async with talking_to("401", api_key="sk-older") as (companion, server):
        _, error = await answer(companion)

        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert SECRET not in f"{error!r} {companion!r} {companion._asking._client.headers!r}"
        assert SECRET not in caplog.text
        assert SAID.text not in caplog.text


def test_a_key_in_the_settings_is_not_printed():
    settings = parse({"openai": {"api_key": SECRET}}, "settings")

    assert SECRET not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("key", ["sk secret", "sk-\nsecret", "sk-ключ"])
def test_a_key_that_can_not_be_one_is_refused_without_printing_it(key, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, key)

    with pytest.raises(UserError, match=KEY_VARIABLE) as caught:
        made("http://127.0.0.1:1")
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080/v1", "ftp://host", "http://", f"http://a:{SECRET}@host/v1", "http://h?k"],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(url):
    with pytest.raises(UserError, match=r"openai\.base_url") as caught:
        made(url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "chunk"),
    [
        ("[DONE]", Chunk(finished=True)),
        ('{"choices": []}', Chunk()),
        ('{"choices": [{"delta": {"content": "Hi"}}]}', Chunk("Hi")),
        (
            '{"choices": [{"delta": null, "finish_reason": "length"}]}',
            Chunk(finished=True, cut=True),
        ),
        ('{"choices": [{"delta": {"content": [1]}}]}', Chunk()),
        ('{"error": "no memory"}', Chunk(error="no memory")),
        ('{"error": {"error": {"message": "deep"}}}', Chunk(error="deep")),
        ('{"object": "error", "message": "vLLM"}', Chunk(error="vLLM")),
        ('{"error": {}, "choices": [{}]}', Chunk()),
        ('{"error": {"code": 1}}', Chunk(error="an error without a message")),
        ('{"choices": [3]}', None),
        ("[" * 100_000, None),
        ("[]", None),
        ("<html>", None),
        ("", None),
    ],
)
def test_what_an_event_means(data, chunk):
    assert OpenAIReader().push(data) == chunk


def test_a_servers_own_words_are_one_short_line_without_the_key():
    line = one_line(f"bad key {SECRET}\x1b[2J\n" + "x" * 1000, SECRET)

    assert line.startswith("bad key … [2J xxx")
    assert len(line) == LONGEST_REASON + 1


def assert_one_line(error, base_url, message):
    line = str(error)
    assert line.startswith(f"the companion at {base_url} ")
    assert "\n" not in line
    assert not line.endswith(".")
    assert re.search(message, line), line
