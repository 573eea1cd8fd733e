"""What servers want, and how they teach it: each quirk against a fake that has it."""

import asyncio
import json
from contextlib import aclosing, asynccontextmanager

import pytest

from mynah.companions.base import Reasoning, Said, ToolCall, Usage
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.mind import Chat
from mynah.companions.models.learned import MOST_SERVERS, known, learned_file, note
from mynah.companions.models.openai_wire import OpenAIWire
from mynah.companions.models.presets import companion, presets, quirks_of_host, settings_of
from mynah.companions.models.quirks import ROLES, Quirks, changed, different, taught
from mynah.companions.models.wire import Wish, merged
from mynah.config import Settings
from mynah.errors import CompanionError, UserError

SAID = Said("Good evening.", "en")
NEXT = Said("And now?", "en")
ANSWER = f"You said: {SAID.text}"

CHAT = Chat(
    system=("You are Ann.", "Be brief."),
    turns=(
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hi."},
        {"role": "system", "content": "It is late."},
        {"role": "user", "content": "Well?"},
    ),
    examples=(("Who are you?", "Ann."), ("a", "b"), ("c", "d"), ("e", "f")),
    character="Ann",
    user="Bob",
    scene="A garden.",
)


@asynccontextmanager
async def talking(way, name="llamacpp", **table):
    async with FakeOpenAI() as server:
        server.behave(way)
        table = {"base_url": server.base_url, "wait_s": 0.2, "model": "fake", **table}
        made = companion(name, Settings(companions={name: table}))
        try:
            yield made, server
        finally:
            await made.close()


async def answered(made, said=SAID):
    """What is spoken, and all that is not."""
    async with aclosing(made.reply(said)) as reply:
        pieces = [piece async for piece in reply]
    spoken = "".join(piece for piece in pieces if isinstance(piece, str)).strip()
    return spoken, [piece for piece in pieces if not isinstance(piece, str)]


@pytest.mark.parametrize("way", ["odd-lines", "bare", "without-done", "echo"])
async def test_every_way_to_write_a_stream_says_the_same(way):
    async with talking(way) as (made, _):
        assert (await answered(made))[0] == ANSWER


@pytest.mark.parametrize("way", ["thoughts", "reasoning", "think", "thinking", "channel"])
async def test_thoughts_in_every_form_come_beside_what_is_said(way):
    async with talking(way) as (made, _):
        spoken, others = await answered(made)

    assert spoken == ANSWER
    assert any(isinstance(other, Reasoning) for other in others)


@pytest.mark.parametrize("model", ["DeepSeek-R1-Distill", "Qwen3-8B", "qwq:32b"])
async def test_a_model_that_may_think_without_saying_so_is_heard_out_first(model):
    async with talking("unopened", model=model) as (made, server):
        assert (await answered(made))[0] == ANSWER
        assert known(server.base_url, model) == {"unopened": True}


async def test_a_model_that_thought_without_saying_so_is_known_the_next_time():
    async with talking("unopened") as (made, _):
        first, _ = await answered(made)
        second, others = await answered(made)

    assert first.startswith("They want")  # nobody could know
    assert second == ANSWER
    assert any(isinstance(other, Reasoning) for other in others)


async def test_a_model_that_thinks_to_the_end_of_its_tokens_is_told_of():
    async with talking("cut-thought") as (made, _):
        with pytest.raises(CompanionError, match="thought and said nothing; turn its thinking off"):
            await answered(made)


@pytest.mark.parametrize(
    ("way", "fact"),
    [
        ("strict", {"roles": "alternate"}),
        ("strict-stream", {"roles": "alternate"}),
        ("no-system", {"roles": "no-system"}),
        ("no-usage", {"usage": False}),
        ("new-limit", {"limit_name": "max_completion_tokens"}),
    ],
)
async def test_a_refusal_teaches_once_and_for_the_next_start_too(way, fact):
    async with talking(way) as (made, server):
        made.mind.chat = lambda said: mixed(said.text)
        first, _ = await answered(made)
        tries = len(server.requests)
        assert (await answered(made))[0] == first

        assert first.endswith(SAID.text)
        assert tries > 1
        assert len(server.requests) == tries + 1
        assert known(server.base_url, "fake") == fact


def mixed(words):
    """A greeting first, and a line of nobody's in the middle."""
    hello, late = {"role": "assistant", "content": "Hi."}, {"role": "system", "content": "Late."}
    return Chat(("You are Ann.",), (hello, late, {"role": "user", "content": words}))


async def test_an_error_of_minimaxs_kind_is_told():
    async with talking("base-resp") as (made, _):
        with pytest.raises(CompanionError, match="insufficient balance"):
            await answered(made)


async def test_a_tools_call_in_pieces_is_whole_at_the_end():
    async with talking("tool") as (made, _):
        spoken, others = await answered(made)

    assert spoken == "There."
    assert ToolCall("call_1", "ring_vibrate", {"act": "hug"}) in others


async def test_what_an_answer_cost_is_told_and_counted():
    counted = []
    async with talking("echo") as (made, server):
        made.mind.used = counted.append
        _, others = await answered(made)

        assert server.requests[0].body["stream_options"] == {"include_usage": True}
    assert counted == [other for other in others if isinstance(other, Usage)]
    assert counted == [Usage(40, 9, 32)]


@pytest.mark.parametrize(
    ("name", "path"),
    [("koboldcpp", "/api/extra/abort"), ("textgen", "/v1/internal/stop-generation")],
)
async def test_a_server_that_would_go_on_is_told_to_stop_before_it_is_asked_again(name, path):
    async with talking("stall", name) as (made, server):
        reply = made.reply(SAID)
        await anext(reply)
        await reply.aclose()
        server.behave("echo")
        spoken, _ = await answered(made, NEXT)

        (call,) = server.calls
        assert (call.method, call.path) == ("POST", path)
        assert spoken.endswith(NEXT.text)
        assert server.requests[0].hung_up
        assert made.capabilities.cancel == "call"


@pytest.mark.parametrize("patient", [True, False])
async def test_a_server_that_has_not_begun_is_told_to_stop_as_well(patient):
    async with talking("hang", "koboldcpp") as (made, server):
        task = asyncio.create_task(answered(made))
        await server.asked.wait()
        if not patient:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await made.close()

        assert [call.path for call in server.calls] == ["/api/extra/abort"]


async def test_an_answer_that_ended_by_itself_needs_no_order_to_stop():
    async with talking("echo", "koboldcpp") as (made, server):
        await answered(made)
        await asyncio.sleep(0)

        assert server.calls == []


@pytest.mark.parametrize(("way", "requests"), [("429", 1), ("503", 1), ("busy", 2)])
async def test_a_server_is_asked_again_only_if_it_says_that_it_is_free_soon(way, requests):
    async with talking(way) as (made, server):
        if way == "busy":
            assert (await answered(made))[0] == ANSWER
        else:
            with pytest.raises(CompanionError):
                await answered(made)

        assert len(server.requests) == requests


async def test_a_connection_is_tried_again_only_if_it_was_kept():
    async with talking("not-http") as (made, server):
        with pytest.raises(CompanionError):
            await answered(made)

        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reason", "learned"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'", "limit_name"),
        ("Unrecognized request argument supplied: stream_options", "usage"),
        ("chat_template_kwargs is not supported", "quiet"),
        ("temperature does not support 0.5 with this model", "temperature"),
        ("tools are not supported", "tools"),
        ("Conversation roles must alternate user/assistant/user/...", "roles"),
        ("Error rendering prompt with jinja template: ...", "roles"),
    ],
)
def test_what_a_refusal_teaches(reason, learned):
    before = Quirks(quiet={"a": 1})

    after = taught(before, reason)

    assert after is not None
    assert list(different(before, after)) == [learned]
    assert taught(after, reason) is None or learned == "roles"


def test_who_refuses_every_role_is_not_asked_for_ever():
    quirks, reason = Quirks(), "System role not supported"
    for _ in ROLES[1:]:
        quirks = taught(quirks, reason)

    assert quirks.roles == "no-system"
    assert taught(quirks, reason) is None
    assert taught(Quirks(), "out of memory") is None


@pytest.mark.parametrize(
    "facts",
    [{"roles": 3}, {"usage": "no"}, {"unknown": 1}, {"temperature": "hot"}, {"quiet": []}],
)
def test_a_file_that_somebody_edited_badly_changes_nothing(facts):
    assert changed(Quirks(), facts) == Quirks()


def test_what_was_learned_is_read_again_and_bounded():
    for number in range(MOST_SERVERS + 5):
        note(f"http://h{number}", "m", {"roles": "alternate"})
    note("http://h50", "m", {"temperature": ()})

    assert len(json.loads(learned_file().read_text())) == MOST_SERVERS
    assert known("http://h0", "m") == {}
    quirks = changed(Quirks(), known("http://h50", "m"))
    assert (quirks.roles, quirks.temperature) == ("alternate", ())


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"http://h m": 3}'])
def test_a_file_that_is_broken_is_as_good_as_none(text):
    learned_file().parent.mkdir(parents=True, exist_ok=True)
    learned_file().write_text(text)

    assert known("http://h", "m") == {}
    note("http://h", "m", {"usage": False})
    assert known("http://h", "m") == {"usage": False}


def body(name, **wish):
    wished = Wish(**{"model": "m", "answer_tokens": 250, **wish})
    return OpenAIWire().body(CHAT, wished, presets()[name].quirks)


def test_minimax_gets_its_own_roles_and_limits():
    sent = body("minimax", temperature=0.0, answer_tokens=5000)
    lines = [(each["role"], each.get("name"), each["content"]) for each in sent["messages"]]

    assert lines == [
        ("system", "Ann", "You are Ann.\n\nBe brief."),
        ("user_system", "Bob", "The user's name is Bob."),
        ("group", None, "A garden."),
        ("sample_message_user", "Bob", "Who are you?"),
        ("sample_message_ai", "Ann", "Ann."),
        ("sample_message_user", "Bob", "a"),
        ("sample_message_ai", "Ann", "b"),
        ("sample_message_user", "Bob", "c"),
        ("sample_message_ai", "Ann", "d"),
        ("user", "Bob", "Hello."),
        ("assistant", "Ann", "Hi."),
        ("user", "Bob", "(It is late.)\nWell?"),
    ]
    assert sent["max_completion_tokens"] == 2048
    assert "max_tokens" not in sent
    assert sent["temperature"] == 0.01


def test_zhipu_gets_one_stop_its_limits_and_who_is_who():
    sent = body("zhipu", stop=("\n", "###"), temperature=1.5)

    assert sent["stop"] == ["\n"]
    assert sent["temperature"] == 1.0
    assert sent["thinking"] == {"type": "disabled"}
    assert sent["meta"]["bot_name"] == "Ann"
    assert "stream_options" not in sent


def test_tools_are_not_offered_to_whom_they_stop_from_streaming():
    tool = {"type": "function", "function": {"name": "ring_vibrate"}}

    assert "tools" not in body("stepfun", tools=(tool,))
    assert body("deepseek", tools=(tool,))["tools"] == [tool]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("deepseek", {"thinking": {"type": "disabled"}}),
        ("ark", {"thinking": {"type": "disabled"}}),
        ("qwen", {"enable_thinking": False}),
        ("gemini", {"reasoning_effort": "none"}),
        ("llamacpp", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("vllm", {"chat_template_kwargs": {"enable_thinking": False}}),
    ],
)
def test_thinking_is_turned_off_as_each_host_wants_it(name, said):
    assert said.items() <= body(name).items()


def test_what_the_wearer_adds_is_sent_over_everything_else():
    sent = body("textgen", extra={"mode": "chat-instruct", "character": "Ann"})

    assert (sent["mode"], sent["character"]) == ("chat-instruct", "Ann")
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}) == {"a": {"b": 1, "c": 3}}


def test_the_companion_openai_knows_a_vendor_by_its_host():
    assert quirks_of_host("https://api.deepseek.com/v1") == presets()["deepseek"].quirks
    assert quirks_of_host("https://api.openai.com/v1").limit_name == "max_completion_tokens"
    assert quirks_of_host("http://127.0.0.1:8080/v1") == Quirks()


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_complete_and_hears_its_own_settings(name):
    preset = presets()[name]
    settings = settings_of(preset, name, {"model": "mine", "api_key": "k"})

    assert settings.model == "mine"
    assert settings.base_url == preset.base_url
    assert not preset.base_url.endswith("/")
    assert preset.origin in {"documented", "memory"}
    assert preset.quirks.roles in ROLES


def test_a_preset_is_made_with_its_key_from_the_environment(monkeypatch):
    monkeypatch.setenv("MYNAH_DEEPSEEK_API_KEY", "sk-of-deepseek")
    made = companion("deepseek", Settings())

    assert made._asking._key == "sk-of-deepseek"
    assert not made.free


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"modle": "x"}, "unknown setting 'companions.deepseek.modle'; there are: base_url"),
        ({"base_url": "ftp://x"}, "companions.deepseek.base_url: an address begins"),
        ({"wait_s": 0}, "companions.deepseek.wait_s: "),
        ({"preset": "deepsek"}, "companions.deepseek.preset: no such preset"),
        ({"preset": "dify"}, "companions.deepseek.preset: dify is no model's server"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(table, told):
    with pytest.raises(UserError) as caught:
        companion("deepseek", Settings(companions={"deepseek": table}))

    assert str(caught.value).startswith(told)
