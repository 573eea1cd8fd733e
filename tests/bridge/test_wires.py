"""What Anthropic's and Ollama's wires send, and what their streams mean."""

import json
from contextlib import aclosing, asynccontextmanager

import pytest

from mynah.companions.base import Said, ToolCall, Usage
from mynah.companions.fakes.anthropic import FakeAnthropic
from mynah.companions.fakes.ollama import FakeOllama
from mynah.companions.mind import Chat
from mynah.companions.models.anthropic import AnthropicReader, AnthropicWire
from mynah.companions.models.learned import known
from mynah.companions.models.ollama import OllamaReader, OllamaWire
from mynah.companions.models.presets import companion, presets
from mynah.companions.models.quirks import Quirks
from mynah.companions.models.wire import Chunk, Wish
from mynah.config import Settings
from mynah.errors import CompanionError

SAID = Said("Good evening.", "en")
WISH = Wish("m", 250, 1.7, ("\n",))
CHAT = Chat(
    system=("You are Ann.", "Be brief."),
    turns=(
        {"role": "assistant", "content": "Hi."},
        {"role": "system", "content": "It is late."},
        {"role": "user", "content": "Well?"},
    ),
    examples=(("Who are you?", "Ann."),),
)


@asynccontextmanager
async def talking(kind, name, way="echo", **table):
    async with kind() as server:
        server.behave(way)
        table = {"base_url": server.base_url, "wait_s": 0.2, "model": "fake", **table}
        made = companion(name, Settings(companions={name: table}))
        try:
            yield made, server
        finally:
            await made.close()


async def answered(made):
    async with aclosing(made.reply(SAID)) as reply:
        return [piece async for piece in reply]


def test_anthropic_is_told_roles_in_turn_and_what_to_keep_in_its_cache():
    sent = AnthropicWire().body(CHAT, WISH, presets()["anthropic"].quirks)

    assert sent["system"] == [
        {"type": "text", "text": "You are Ann."},
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
    ]
    assert [each["role"] for each in sent["messages"]] == ["user", "assistant", "user"]
    assert sent["messages"][-1]["content"] == "(It is late.)\nWell?"
    assert (sent["max_tokens"], sent["temperature"]) == (250, 1.0)
    assert sent["stop_sequences"] == ["\n"]


async def test_anthropic_is_shown_the_key_in_its_own_way(monkeypatch):
    monkeypatch.setenv("MYNAH_ANTHROPIC_API_KEY", "sk-of-anthropic")
    async with talking(FakeAnthropic, "anthropic") as (made, server):
        await answered(made)
        headers = server.requests[0].headers

    assert headers["x-api-key"] == "sk-of-anthropic"
    assert headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in headers


@pytest.mark.parametrize(("kind", "name"), [(FakeAnthropic, "anthropic"), (FakeOllama, "ollama")])
async def test_a_tools_call_comes_whole_beside_the_words(kind, name):
    async with talking(kind, name, "tool") as (made, _):
        pieces = await answered(made)

    (call,) = [piece for piece in pieces if isinstance(piece, ToolCall)]
    assert (call.name, call.arguments) == ("ring_vibrate", {"act": "hug"})
    assert "There." in pieces


async def test_what_an_answer_cost_holds_what_came_from_the_cache():
    async with talking(FakeAnthropic, "anthropic") as (made, _):
        pieces = await answered(made)

    assert Usage(prompt=40, answer=9, cached=32) in pieces


async def test_a_server_that_is_overloaded_says_so():
    async with talking(FakeAnthropic, "anthropic", "529") as (made, _):
        with pytest.raises(CompanionError, match=r"failed \(529: Overloaded\); say it again"):
            await answered(made)


@pytest.mark.parametrize(
    ("event", "chunk"),
    [
        ({"type": "ping"}, Chunk()),
        ({"type": "something_new"}, Chunk()),
        ({"type": "content_block_delta", "index": 0, "delta": {"type": "new"}}, Chunk()),
        ({"type": "content_block_delta", "delta": {"type": "text_delta", "text": 3}}, Chunk()),
        ({"type": "content_block_delta", "delta": []}, Chunk()),
        ({"type": "message_stop"}, Chunk(finished=True)),
        ({"type": "error", "error": {"type": "x", "message": "no"}}, Chunk(error="no")),
        ({"error": {"message": "no"}}, Chunk(error="no")),
        ({"temperature": 21.5}, None),
        ([], None),
    ],
)
def test_what_anthropics_events_mean(event, chunk):
    assert AnthropicReader().push(json.dumps(event)) == chunk


def test_ollama_is_asked_not_to_think_and_to_stay():
    sent = OllamaWire().body(CHAT, WISH, presets()["ollama"].quirks)

    assert (sent["think"], sent["keep_alive"], sent["stream"]) == (False, -1, True)
    assert sent["options"] == {"num_predict": 250, "temperature": 1.7, "stop": ["\n"]}
    assert sent["messages"][0]["content"] == "You are Ann.\n\nBe brief."


async def test_ollama_has_the_model_loaded_at_the_start():
    async with talking(FakeOllama, "ollama") as (made, server):
        await made.start()

        (call,) = server.calls
        assert call.body == {"model": "fake", "messages": [], "stream": False, "keep_alive": -1}


async def test_a_server_that_is_down_at_the_start_is_told_of_by_the_first_turn():
    async with talking(FakeOllama, "ollama", base_url="http://127.0.0.1:9") as (made, _):
        await made.start()
        with pytest.raises(CompanionError, match="can't be reached"):
            await answered(made)


async def test_an_ollama_that_does_not_know_think_is_not_asked_again():
    async with talking(FakeOllama, "ollama", "old") as (made, server):
        await answered(made)
        await answered(made)

        assert ["think" in request.body for request in server.requests] == [True, False, False]
        assert known(server.base_url, "fake") == {"quiet": {}}


@pytest.mark.parametrize(
    ("line", "chunk"),
    [
        ({"message": {"content": "Hi"}, "done": False}, Chunk("Hi")),
        ({"message": {"content": None, "thinking": "Hm"}}, Chunk(thought="Hm")),
        ({"done": True, "done_reason": "length"}, Chunk(finished=True, cut=True)),
        ({"error": "no memory"}, Chunk(error="no memory")),
        ({"message": {"tool_calls": [3, {"function": {"name": 3}}]}}, Chunk()),
        ({"message": 3}, None),
        ([], None),
    ],
)
def test_what_ollamas_lines_mean(line, chunk):
    assert OllamaReader().push(json.dumps(line)) == chunk


async def test_a_chat_that_is_too_long_for_the_model_is_shorter_the_next_time():
    async with talking(FakeOllama, "ollama") as (made, _):
        made.heard(SAID, "Yes.")
        made._asking.answer = refusing
        with pytest.raises(CompanionError):
            await answered(made)

        assert made.mind.history.turns == ()


async def refusing(chat, wish):
    raise CompanionError("the request exceeds the available context size")
    yield


def test_quirks_may_be_none_at_all():
    assert "temperature" not in OllamaWire().body(CHAT, WISH, Quirks(temperature=()))["options"]
