"""The companions `webhook` and `websocket`, beyond what every companion must do."""

import asyncio
import logging
import math
from contextlib import aclosing, asynccontextmanager

import pytest

from mynah.companions.agents.webhook import Webhook
from mynah.companions.agents.websocket import WebSocketCompanion
from mynah.companions.base import Act, Emotion, Reasoning, Said, Touch
from mynah.companions.fakes.webhook import FakeWebhook
from mynah.companions.fakes.websocket import FakeWebSocket
from mynah.companions.reaching.objects import MOST_HAPTICS, step_of
from mynah.companions.reaching.steps import Step
from mynah.errors import CompanionError

SAID = Said("Good morning.", "en", ring="(A tap.)")
ANSWER = "You said: Good morning."
TOUCH = Touch("hug", "(The wearer hugged the ring.)")
LONGEST_S = 5.0


@asynccontextmanager
async def talking(server, make, way="echo", **fields):
    async with asyncio.timeout(LONGEST_S), server:
        server.behave(way)
        companion = make(url=server.base_url, **fields)
        try:
            yield companion, server
        finally:
            await companion.close()


def over_http(way="echo", **fields):
    return talking(FakeWebhook(), Webhook, way, **fields)


def over_socket(way="echo", *, numbered=True, deaf=False, **fields):
    server = FakeWebSocket(numbered=numbered, deaf=deaf)
    return talking(server, WebSocketCompanion, way, **fields)


async def answer(companion, said=SAID):
    text = await spoken(companion.reply(said))
    companion.heard(said, text)
    return text


async def spoken(reply):
    async with aclosing(reply):
        return "".join([piece async for piece in reply if isinstance(piece, str)]).strip()


async def interrupted(companion, heard):
    reply = companion.reply(SAID)
    while not isinstance(await anext(reply), str):
        pass
    await reply.aclose()
    await companion.cancel(heard, 100)
    companion.heard(SAID, heard)


@pytest.mark.parametrize("talk", [over_http, over_socket])
async def test_a_turn_is_told_whole(talk):
    async with talk(session="ring-1", persona="Ann") as (companion, server):
        await answer(companion)
        body = server.requests[0].body

    assert body.pop("ts") > 1_700_000_000
    assert {key: body[key] for key in ("session", "text", "language", "events", "persona")} == {
        "session": "ring-1",
        "text": "Good morning.",
        "language": "en",
        "events": [{"kind": "ring", "line": "(A tap.)"}],
        "persona": "Ann",
    }


@pytest.mark.parametrize("talk", [over_http, over_socket])
async def test_an_interruption_is_an_event_and_not_among_the_words(talk):
    async with talk("endless") as (companion, server):
        await interrupted(companion, "Sheep number")
        server.behave("echo")
        await answer(companion)
        body = server.requests[1].body

    assert body["text"] == "Good morning."
    assert body["events"][0] == {
        "kind": "interrupted",
        "heard": "Sheep number",
        "line": "(I interrupted you just now and only heard: “Sheep number”)",
    }


@pytest.mark.parametrize("way", ["echo", "echo-lines", "whole", "unsaid-end"])
async def test_a_webhook_may_answer_in_events_in_lines_or_at_once(way):
    async with over_http(way) as (companion, _):
        assert await answer(companion) == ANSWER


async def test_a_webhook_may_feel_and_say_nothing():
    async with over_http("silent") as (companion, _):
        assert [piece async for piece in companion.reply(SAID)] == [Act("purr")]


async def test_a_touch_is_posted_and_answered():
    async with over_http("whole") as (companion, server):
        pieces = [piece async for piece in companion.notify(TOUCH)]

    assert pieces == [Emotion("happy"), Act("hug"), "You said: "]
    assert server.requests[0].body["events"] == [{"kind": "hug", "line": TOUCH.line}]


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("garbage", r"sent what is no answer; look at \[companions\.webhook\]"),
        ("html", r"sent text/html, not an answer; look at companions\.webhook\.url"),
        ("error", "gave up: out of memory; say it again"),
        ("404", r"has nothing there \(404: model not found\)"),
    ],
)
async def test_what_goes_wrong_is_said_in_one_line_without_the_secret_path(way, told):
    async with over_http(way) as (companion, _):
        with pytest.raises(CompanionError, match=told) as caught:
            await answer(companion)

    assert "1f7d" not in str(caught.value)


@pytest.mark.parametrize("numbered", [True, False])
async def test_turns_follow_each_other_over_one_connection(numbered):
    async with over_socket(numbered=numbered) as (companion, server):
        for _ in range(3):
            assert await answer(companion) == ANSWER

        assert len(server.headers) == 1


async def test_a_connection_that_broke_is_made_anew_before_a_turn():
    async with over_socket() as (companion, server):
        await companion.start()
        await server.hang_up()

        assert await answer(companion) == ANSWER
        assert len(server.headers) == 2
        assert len(server.requests) == 1


async def test_the_other_side_hears_at_once_that_it_was_interrupted_and_then_at_which_word():
    async with over_socket("endless") as (companion, server):
        await interrupted(companion, "Sheep")
        server.behave("echo")
        await answer(companion)
        orders = [each for each in server.messages if each["op"] == "cancel"]

    assert orders == [
        {"op": "cancel", "id": 1},
        {"op": "cancel", "id": 1, "heard": "Sheep"},
    ]


@pytest.mark.parametrize("numbered", [True, False])
async def test_nothing_of_an_answer_that_was_called_off_gets_into_the_next(numbered):
    async with over_socket("endless", numbered=numbered) as (companion, server):
        await interrupted(companion, "Sheep")
        server.behave("echo")

        assert await answer(companion) == ANSWER


async def test_who_goes_on_all_the_same_is_hung_up_on():
    async with over_socket("endless", deaf=True) as (companion, server):
        await interrupted(companion, "Sheep")
        server.behave("echo")

        assert await answer(companion) == ANSWER
        assert len(server.headers) == 2


async def test_what_comes_unasked_is_handed_over_as_a_reply():
    async with over_socket() as (companion, server):
        begun = asyncio.Queue()
        companion.on_proactive(begun.put_nowait)
        await companion.start()
        await server.speak({"emotion": "loving"}, {"text": "Are you "}, {"text": "up?", "end": 1})
        reply = await begun.get()

        assert [piece async for piece in reply] == [Emotion("loving"), "Are you ", "up?"]
        assert await answer(companion) == ANSWER


async def test_what_comes_unasked_and_nobody_wants_is_dropped():
    async with over_socket() as (companion, server):
        begun = asyncio.Queue()
        companion.on_proactive(begun.put_nowait)
        await companion.start()
        await server.speak({"text": "Are you up?"})
        await (await begun.get()).aclose()

        assert await answer(companion) == ANSWER


async def test_who_is_speaking_unasked_is_interrupted_by_a_turn():
    async with over_socket() as (companion, server):
        begun = asyncio.Queue()
        companion.on_proactive(begun.put_nowait)
        await companion.start()
        await server.speak({"text": "Are you up? "})
        reply = await begun.get()
        assert await anext(reply) == "Are you up? "

        assert await answer(companion) == ANSWER
        with pytest.raises(CompanionError, match="broke off in mid-answer"):
            await anext(reply)


@pytest.mark.parametrize("odd", [{"id": []}, {"id": {}, "text": "x"}, {"text": "x", "id": 99}])
async def test_odd_numbers_harm_nobody(odd):
    async with over_socket() as (companion, server):
        await companion.start()
        await server.speak(odd)

        assert await answer(companion) == ANSWER


async def test_a_touch_is_told_and_may_be_answered_unasked():
    async with over_socket() as (companion, _):
        begun = asyncio.Queue()
        companion.on_proactive(begun.put_nowait)
        await companion.start()
        companion.notify(TOUCH)

        assert await spoken(await begun.get()) == "That tickles!"


async def test_the_key_is_sent_and_not_logged(caplog):
    caplog.set_level(logging.DEBUG)
    async with over_socket(key="sk-very-secret") as (companion, server):
        await answer(companion)

    assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert "very-secret" not in caplog.text
    assert SAID.text not in caplog.text


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"text": "Hi"}, Step(("Hi",))),
        ({"text": "Hi", "emotion": "happy"}, Step((Emotion("happy"), "Hi"))),
        ({"haptics": "hug"}, Step((Act("hug"),))),
        ({"haptics": [{"name": "purr", "gain": 999, "repeat": -3}]}, Step((Act("purr", 255, 1),))),
        ({"haptics": {"name": "purr", "repeat": math.inf}}, Step((Act("purr", 255, 20),))),
        ({"haptics": {"name": "purr", "gain": -math.inf}}, Step((Act("purr", 0),))),
        ({"haptics": {"name": "purr", "gain": math.nan}}, Step((Act("purr"),))),
        ({"haptics": {"name": "purr", "repeat": 10**400}}, Step((Act("purr", 255, 20),))),
        ({"haptics": ["tap"] * 99}, Step((Act("tap"),) * MOST_HAPTICS)),
        ({"haptics": [3, None, {}, {"name": 1}]}, Step()),
        ({"thought": "Hm."}, Step((Reasoning("Hm."),))),
        ({"text": 3, "emotion": [], "haptics": {}}, Step()),
        ({"end": True, "text": "Bye"}, Step(("Bye",), done=True)),
        ({"error": {"code": 5}}, Step(error='{"code": 5}')),
        ({"output": "Hi"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_what_an_object_means(fields, step):
    assert step_of(fields) == step
