"""The companion `realtime` against a fake of the family, in both forms of its protocol."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from urllib.parse import urlsplit

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Act, Said, Sound, Touch, Usage
from mynah.companions.fakes.realtime import FakeRealtime
from mynah.companions.reaching.openai_http import key_variable
from mynah.companions.voices.realtime import RealtimeCompanion
from mynah.companions.voices.realtime_events import Calls, Ends, Fails, Odd, Other, Voice, parse
from mynah.companions.voices.realtime_settings import (
    SERVERS,
    SOUND_HZ,
    RealtimeSettings,
    address_of,
    session_of,
)
from mynah.errors import CompanionError, UserError

SAID = Said("Good morning.", "en")
ANSWER = "You said: Good morning."
LONG = "One two three four. Five six seven eight. Nine ten eleven twelve."
SECRET = "sk-very-secret-1234"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for server in SERVERS:
        monkeypatch.delenv(key_variable(server), raising=False)


@asynccontextmanager
async def talking(way="echo", **table):
    async with asyncio.timeout(10), FakeRealtime() as fake:
        fake.behave(way)
        wanted = {"url": fake.address, "server": "localai", "wait_s": 0.2}
        companion = RealtimeCompanion(**wanted | table)
        try:
            yield companion, fake
        finally:
            await companion.close()


async def answer(companion, said=SAID):
    async with aclosing(companion.reply(said)) as pieces:
        return [piece async for piece in pieces]


def heard(pieces):
    return [each for each in pieces if isinstance(each, str | Sound)]


def words(pieces):
    texts = [each.text if isinstance(each, Sound) else each for each in heard(pieces)]
    return "".join(texts).strip()


def kinds(fake):
    return [message["type"] for message in fake.messages]


@pytest.mark.parametrize("server", SERVERS)
async def test_an_answer_is_sound_with_its_words_and_what_it_cost(server):
    async with talking(server=server) as (companion, _):
        pieces = await answer(companion)

    assert words(pieces) == ANSWER
    assert Usage(20, 30, 10) in pieces
    sounds = heard(pieces)
    assert sum(len(piece.samples) for piece in sounds) == len(ANSWER) * 3 * SPEECH_HZ // 1000
    assert sounds[0].text.startswith("You said:")


@pytest.mark.parametrize("server", SERVERS)
async def test_with_our_voice_an_answer_is_text(server):
    async with talking(server=server, voice="bridge") as (companion, _):
        pieces = await answer(companion)

        assert all(isinstance(piece, str) for piece in heard(pieces))
        assert words(pieces) == ANSWER


async def test_words_are_sent_as_text_and_the_rings_line_before_them():
    async with talking() as (companion, fake):
        await answer(companion, Said("Hello.", "en", "[ring] a hug"))

    assert kinds(fake) == ["session.update", "conversation.item.create", "response.create"]
    content = {"type": "input_text", "text": "[ring] a hug\nHello."}
    assert fake.messages[1]["item"] == {"type": "message", "role": "user", "content": [content]}


async def test_with_its_ears_the_server_is_sent_the_voice():
    voice = np.zeros(SPEECH_HZ, np.int16)
    async with talking(ears="server") as (companion, fake):
        pieces = await answer(companion, Said("Never sent.", "en", sound=voice))

        assert words(pieces) == f"You said: I heard {2 * SOUND_HZ} bytes."
        assert "Never sent" not in str(fake.messages)
        assert companion.capabilities.hears


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_is_told_who_it_is_and_what_it_can_do(server):
    settings = RealtimeSettings(server=server, persona="You are Ann.")
    session = session_of(settings)

    assert urlsplit(address_of(settings)).query == f"model={SERVERS[server].model}"
    assert session["instructions"].startswith("You are Ann.")
    assert [tool["name"] for tool in session["tools"]] == [
        "ring_vibrate",
        "ring_light",
        "ring_get_state",
    ]


def test_nobody_but_us_says_when_a_turn_ends():
    new, old = (session_of(RealtimeSettings(server=name)) for name in ("openai", "xai"))

    assert new["audio"]["input"]["turn_detection"] is None
    assert old["turn_detection"] is None
    assert "turn_detection" not in session_of(RealtimeSettings(server="stepfun"))


async def test_the_model_moves_the_ring_and_goes_on():
    async with talking("tool") as (companion, fake):
        pieces = await answer(companion)

        assert Act("hug", 102) in pieces
        assert words(pieces) == ANSWER
    assert kinds(fake)[-3:] == ["response.create", "conversation.item.create", "response.create"]
    assert fake.messages[-2]["item"]["output"] == "done"


async def test_what_no_ring_can_do_is_told_to_the_model():
    async with talking("bad-tool") as (companion, fake):
        pieces = await answer(companion)

        assert words(pieces) == ANSWER
        assert [piece for piece in pieces if isinstance(piece, Act)] == []
    results = [each["item"] for each in fake.messages if "call_id" in each.get("item", {})]
    assert [each["output"].split(";")[0] for each in results] == [
        "no such tool",
        "the ring can't do that",
    ]


async def test_an_interruption_cuts_what_the_server_remembers():
    async with talking(server="openai") as (companion, fake):
        fake.say([LONG])
        pieces = await answer(companion)
        samples = sum(len(piece.samples) for piece in heard(pieces))
        heard_ms = samples * 1000 // SPEECH_HZ // 2
        await companion.cancel("One two three four. Five", heard_ms)
        await companion.cancel("One two three four. Five", heard_ms)
        companion.heard(SAID, "One two three four. Five")
        await answer(companion)

        (truncate,) = [each for each in fake.messages if each["type"].endswith("truncate")]
        assert truncate["audio_end_ms"] == heard_ms
        remembered = fake.clients[0].items[1]["text"]
        assert LONG.startswith(remembered)
        assert len(remembered) == pytest.approx(len(LONG) / 2, abs=2)


@pytest.mark.parametrize("server", SERVERS)
async def test_what_was_not_heard_at_all_is_forgotten(server):
    async with talking(server=server) as (companion, fake):
        await answer(companion)
        await companion.cancel("", 0)
        await answer(companion, Said("What?", "en"))

        roles = [item["role"] for item in fake.clients[0].items]
        assert roles == ["user", "user", "assistant"]


@pytest.mark.parametrize(("server", "voice"), [("localai", "server"), ("xai", "bridge")])
async def test_what_can_not_be_cut_is_told_again_as_it_was_heard(server, voice):
    async with talking(voice=voice, server=server) as (companion, fake):
        await answer(companion)
        await companion.cancel("You said", 400)
        await answer(companion, Said("What?", "en"))

        said, cut, *_ = fake.clients[0].items
        assert said["role"] == "user"
        assert cut["content"] == [{"type": "output_text", "text": "You said"}]


async def test_an_interruption_stops_the_server_and_the_next_turn_is_its_own():
    async with talking("endless") as (companion, fake):
        async with aclosing(companion.reply(SAID)) as reply:
            await anext(reply)
        fake.behave("echo")

        assert words(await answer(companion, Said("What?", "en"))) == "You said: What?"
        assert fake.requests[0].hung_up
        assert kinds(fake).count("response.cancel") == 1
        assert {request.connection for request in fake.requests} == {1}


async def test_an_answer_that_is_over_is_not_stopped():
    async with talking() as (companion, fake):
        await answer(companion)

    assert "response.cancel" not in kinds(fake)


async def test_a_server_that_does_not_stop_is_hung_up_on_and_told_the_conversation(monkeypatch):
    monkeypatch.setattr("mynah.companions.voices.live_line.STOP_S", 0.1)
    async with talking() as (companion, fake):
        await answer(companion)
        companion.heard(SAID, ANSWER)
        fake.behave("deaf")
        async with aclosing(companion.reply(Said("Go on.", "en"))) as reply:
            await anext(reply)
        await companion.cancel("", 0)
        companion.heard(Said("Go on.", "en"), "")
        while "response.cancel" not in kinds(fake):  # noqa: ASYNC110 - over a socket
            await asyncio.sleep(0)
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER
        assert [request.connection for request in fake.requests] == [1, 1, 2]
        assert ANSWER in fake.requests[2].told
        assert "Go on." in fake.requests[2].told


async def test_a_server_that_gives_up_without_an_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("mynah.companions.voices.live_line.STOP_S", 0.1)
    async with talking("fails-open") as (companion, fake):
        with pytest.raises(CompanionError, match="gave up: TTS generation failed"):
            await answer(companion)
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER


async def test_a_session_is_renewed_before_the_server_ends_it(monkeypatch):
    monkeypatch.setattr("mynah.companions.voices.realtime_line.MOST_AGE_S", 0)
    async with talking() as (companion, fake):
        await answer(companion)
        companion.heard(SAID, "You said: Good")
        await answer(companion, Said("What?", "en"))

        assert [request.connection for request in fake.requests] == [1, 2]
        words = [item["content"][0]["text"] for item in fake.clients[1].items[:3]]
        assert words == ["Good morning.", "You said: Good", "What?"]


async def test_a_connection_that_the_server_gave_up_is_replaced_unheard():
    async with talking() as (companion, fake):
        await answer(companion)
        await fake.hang_up()

        assert words(await answer(companion)) == ANSWER
        assert [request.connection for request in fake.requests] == [1, 2]


async def test_a_touch_is_answered():
    async with talking() as (companion, _):
        reply = companion.notify(Touch("tap", "[ring] a tap"))

        assert words([piece async for piece in reply]) == "You said: [ring] a tap"


BROKEN = {
    "mute": (r"can't be reached: it does not greet", True),
    "refuses": (r"refused the key \(invalid_api_key\); set MYNAH_LOCALAI_API_KEY", False),
    "401": (r"refused the key \(401\); set MYNAH_LOCALAI_API_KEY", False),
    "301": (r"has moved \(301\); set companions\.realtime\.url", False),
    "binary": (r"sent what is no answer; look at \[companions\.realtime\]", False),
    "error": (r"gave up: out of memory; say it again", True),
    "wordless": (r"ended without a word", True),
    "hang": (r"did not begin to answer in 0\.2 s", True),
    "stall": (r"fell silent in mid-answer for 0\.2 s", True),
    "cut": (r"broke off in mid-answer", True),
}


@pytest.mark.parametrize(("way", "expected"), BROKEN.items(), ids=BROKEN)
async def test_what_goes_wrong_is_one_line_and_the_next_turn_works(way, expected):
    message, retryable = expected
    async with talking(way, api_key=SECRET) as (companion, fake):
        with pytest.raises(CompanionError, match=message) as caught:
            await answer(companion)
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.retryable is retryable


async def test_the_key_is_sent_and_never_shown(caplog):
    caplog.set_level("DEBUG")
    async with talking(api_key=SECRET) as (companion, fake):
        await answer(companion)

        assert fake.headers[0]["Authorization"] == f"Bearer {SECRET}"
        assert "very-secret" not in f"{caplog.text} {companion!r}"
        assert SAID.text not in caplog.text


def test_a_wrong_setting_is_named():
    with pytest.raises(UserError, match=r"companions\.realtime\.server: 'openai', 'xai', "):
        RealtimeCompanion(server="acme")
    with pytest.raises(UserError, match=r"companions\.realtime\.url: an address begins with"):
        RealtimeCompanion(url="acme")


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (b"\x00", Odd()),
        ("[]", Odd()),
        ("{", Odd()),
        ('{"type": 5}', Odd()),
        ('{"type": "response.audio.delta", "delta": "%"}', Odd()),
        ('{"type": "response.audio.delta", "delta": "QQ=="}', Odd()),
        ('{"type": "response.output_audio.delta"}', Voice),
        ('{"type": "rate_limits.updated"}', Other()),
        ('{"type": "response.output_item.done", "item": {"type": "message"}}', Other()),
        ('{"type": "response.output_item.done", "item": 5}', Other()),
        ('{"type": "response.done"}', Ends(None)),
        ('{"type": "response.done", "response": {"status": "failed"}}', Ends(None, "failed")),
        ('{"type": "error"}', Fails("")),
        (
            '{"type": "error", "error": {"code": "invalid_item_id", "event_id": "event_TODO"}}',
            Fails("invalid_item_id", "invalid_item_id", "event_TODO"),
        ),
        ('{"type": "error", "error": {"message": "no"}}', Fails("no")),
        (
            '{"type": "response.function_call_arguments.done", "call_id": "1", "arguments": "{}"}',
            Calls("1", "", "{}"),
        ),
    ],
)
def test_an_event_is_what_it_says(message, event):
    found = parse(message)

    assert isinstance(found, event) if isinstance(event, type) else found == event
