"""The companion `xiaozhi` against a fake that has the real server's quirks."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Act, Emotion, Said, Sound, Touch
from mynah.companions.fakes.xiaozhi import FakeXiaozhi
from mynah.companions.reaching.openai_http import key_variable
from mynah.companions.voices.xiaozhi import XiaozhiCompanion
from mynah.companions.voices.xiaozhi_messages import CALL, Odd, Refused, injected, parse
from mynah.errors import CompanionError, UserError

SAID = Said("Good morning.", "en")
ANSWER = "You said: Good morning. "
SOON_S = 1.0


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))
    monkeypatch.delenv(key_variable("xiaozhi"), raising=False)


@asynccontextmanager
async def talking(way="echo", **table):
    async with asyncio.timeout(10), FakeXiaozhi() as fake:
        fake.behave(way)
        companion = XiaozhiCompanion(**{"url": fake.address, "wait_s": 0.2, **table})
        try:
            yield companion, fake
        finally:
            await companion.close()


async def answer(companion, said=SAID):
    async with aclosing(companion.reply(said)) as pieces:
        return [piece async for piece in pieces]


async def failure(companion, said=SAID):
    with pytest.raises(CompanionError) as caught:
        await answer(companion, said)
    return caught.value


def words(pieces):
    return "".join(each.text if isinstance(each, Sound) else each for each in heard(pieces))


def heard(pieces):
    return [each for each in pieces if isinstance(each, str | Sound)]


async def until(true):
    """Poll the other side of a socket; the loop is not ours to step."""
    async with asyncio.timeout(SOON_S):
        while not true():  # noqa: ASYNC110 - what is polled is the fake's, over a socket
            await asyncio.sleep(0)


async def test_an_answer_is_an_emotion_and_sound_with_its_words():
    async with talking() as (companion, _):
        first, *rest = await answer(companion)

    assert first == Emotion("happy")
    assert all(isinstance(piece, Sound) for piece in rest)
    assert words(rest) == ANSWER
    assert sum(len(piece.samples) for piece in rest) == 2 * SPEECH_HZ * 60 // 1000
    assert max(np.abs(piece.samples).max() for piece in rest) > 4000


async def test_with_our_voice_an_answer_is_text():
    async with talking(voice="bridge") as (companion, _):
        assert heard(await answer(companion)) == [ANSWER]
        assert not companion.capabilities.speaks


async def test_a_server_whose_voice_fails_is_spoken_for():
    async with talking("silent") as (companion, _):
        assert heard(await answer(companion)) == [ANSWER]


async def test_the_wearers_words_are_sent_as_text():
    async with talking() as (companion, fake):
        await answer(companion, Said("Hello.", "en", "[ring] a hug"))

    hello, *_, detect = [each for each in fake.messages if each["type"] != "mcp"]
    assert hello["features"] == {"mcp": True}
    assert hello["audio_params"]["sample_rate"] == SPEECH_HZ
    assert detect["state"] == "detect"
    assert detect["text"] == "[ring] a hug\nHello."
    assert detect["session_id"] == "session-1"


async def test_with_its_ears_the_server_is_sent_the_voice():
    voice = np.zeros(SPEECH_HZ, np.int16)
    async with talking(ears="server") as (companion, fake):
        pieces = await answer(companion, Said("Never sent.", "en", sound=voice))

        assert companion.capabilities.hears
        assert "Never sent" not in str(fake.messages)
    assert words(pieces) == "You said: I heard 18 packets. "


async def test_with_its_ears_a_turn_without_a_voice_is_sent_as_text():
    async with talking(ears="server") as (companion, _):
        assert words(await answer(companion)) == ANSWER


@pytest.mark.parametrize(
    "text", [f"{CALL}Say this.", f" {CALL}{CALL} Say this.", '{"speaker": "Ann"}', f"{{{CALL}x"]
)
def test_no_words_of_a_wearer_are_an_order(text):
    sent = injected("session", text)["text"]

    assert not sent.startswith((CALL, "{"))
    assert sent


async def test_the_connection_is_kept_between_turns_and_the_device_stays_who_it_is():
    async with talking() as (companion, fake):
        for _ in range(3):
            assert words(await answer(companion)) == ANSWER
        assert [request.connection for request in fake.requests] == [1, 1, 1]

        again = XiaozhiCompanion(url=fake.address)
        await again.start()
        await again.close()
        one, two = fake.headers
    assert one["Device-Id"] == two["Device-Id"]
    assert int(one["Device-Id"][:2], 16) & 3 == 2  # nobody's hardware, and one device
    assert one["Client-Id"] == two["Client-Id"]


async def test_a_connection_that_the_server_gave_up_is_replaced_unheard():
    async with talking() as (companion, fake):
        await answer(companion)
        await fake.hang_up()

        assert words(await answer(companion)) == ANSWER
        assert [request.connection for request in fake.requests] == [1, 2]


async def test_an_interruption_is_told_to_the_server_and_the_next_turn_is_its_own():
    async with talking("endless") as (companion, fake):
        async with aclosing(companion.reply(SAID)) as reply:
            assert await anext(reply)
        await companion.cancel("You", 300)
        companion.heard(SAID, "You")
        fake.behave("echo")

        assert words(await answer(companion, Said("What?", "en"))) == "You said: What? "
        assert fake.requests[0].hung_up
        assert [each["type"] for each in fake.messages if each["type"] == "abort"] == ["abort"]
        assert "only heard: “You”" in fake.requests[1].told
        assert {request.connection for request in fake.requests} == {1}


async def test_a_server_that_does_not_stop_is_hung_up_on(monkeypatch):
    monkeypatch.setattr("mynah.companions.voices.live_line.STOP_S", 0.1)
    async with talking("deaf") as (companion, fake):
        async with aclosing(companion.reply(SAID)) as reply:
            await anext(reply)
        await until(lambda: any(each["type"] == "abort" for each in fake.messages))
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER
        assert [request.connection for request in fake.requests] == [1, 2]


async def test_another_turn_takes_the_place_of_one_that_nobody_ended():
    async with talking("stall") as (companion, fake), aclosing(companion.reply(SAID)) as reply:
        await anext(reply)
        fake.behave("echo")
        assert words(await answer(companion)) == ANSWER
        rest = [piece async for piece in reply]

    assert words(rest) == ANSWER  # what had come before it was given up
    assert fake.requests[0].hung_up


async def test_the_model_moves_the_ring_in_its_answer():
    async with talking("tool") as (companion, fake):
        pieces = await answer(companion)

        assert Act("hug", 102) in pieces
        await until(lambda: fake.clients[0].results)
        assert fake.clients[0].results[0]["result"]["isError"] is False
        assert [tool["name"] for tool in fake.clients[0].tools] == [
            "self.ring.vibrate",
            "self.ring.light",
            "self.ring.get_state",
        ]


async def test_what_no_ring_can_do_is_refused_and_the_answer_goes_on():
    async with talking("bad-tool") as (companion, fake):
        pieces = await answer(companion)

        assert words(pieces) == ANSWER
        assert [piece for piece in pieces if isinstance(piece, Act)] == []
        await until(lambda: len(fake.clients[0].results) == 2)
        assert all(each["result"]["isError"] for each in fake.clients[0].results)


async def test_the_server_is_told_how_the_ring_is():
    async with talking() as (companion, fake):
        companion.tools.state = lambda: {"battery_percent": 80}
        await companion.start()
        await fake.clients[0].call("get_state", {})
        await until(lambda: fake.clients[0].results)

        (content,) = fake.clients[0].results[0]["result"]["content"]
        assert content["text"] == '{"battery_percent": 80}'


async def test_a_touch_is_answered():
    async with talking() as (companion, fake):
        reply = companion.notify(Touch("hug", "[ring] they squeezed your hand"))
        pieces = [piece async for piece in reply]

        assert words(pieces) == "You said: [ring] they squeezed your hand "
        assert [each["state"] for each in fake.messages if each["type"] == "listen"] == ["detect"]


async def test_after_a_touch_the_servers_ears_are_opened_by_a_packet():
    async with talking(ears="server") as (companion, fake):
        assert [piece async for piece in companion.notify(Touch("tap", "[ring] a tap"))]
        await until(lambda: fake.clients[0].packets)

        assert len(fake.clients[0].packets) == 1


async def unasked(companion, said):
    """The pieces of what the companion begins by itself, once `said` was done."""
    begun = asyncio.Queue()
    companion.on_proactive(begun.put_nowait)
    await companion.start()
    await said()
    async with asyncio.timeout(SOON_S), aclosing(await begun.get()) as reply:
        return [piece async for piece in reply]


async def test_the_server_may_begin():
    async with talking() as (companion, fake):

        async def speak():
            await fake.clients[0].speak("Are you there?")

        assert words(await unasked(companion, speak)) == "Are you there? "
        assert words(await answer(companion)) == ANSWER


async def test_who_is_not_listened_to_by_itself_is_told_so():
    async with talking("stall") as (companion, fake):
        begun = asyncio.Queue()
        companion.on_proactive(begun.put_nowait)
        await companion.start()
        await fake.clients[0].speak("Are you there?")
        async with aclosing(await begun.get()) as reply:
            await anext(reply)
        await until(lambda: any(each["type"] == "abort" for each in fake.messages))


async def test_what_the_server_begins_is_dropped_if_nobody_wants_it():
    async with talking() as (companion, fake):
        await companion.start()
        await fake.clients[0].speak("Are you there?")
        await until(lambda: fake.clients[0].tools)  # our side has read all that was sent before

        assert words(await answer(companion)) == ANSWER


async def test_an_alert_is_said_and_an_act_is_done_while_nobody_speaks():
    async with talking() as (companion, fake):

        async def alert():
            await fake.clients[0].tell("alert", message="Battery low", emotion="sad")

        async def act():
            await fake.clients[0].call("light", {"feeling": "joy"})

        assert await unasked(companion, alert) == [Emotion("sad"), "Battery low "]
        assert await unasked(companion, act) == [Act("joy")]


async def test_a_server_that_leaves_is_called_again():
    async with talking() as (companion, fake):
        await companion.start()
        await fake.clients[0].tell("goodbye")

        assert words(await answer(companion)) == ANSWER


BROKEN = {
    "mute": (r"can't be reached: it does not greet; start it, or set companions\.xiaozhi", True),
    "refuses": (r"refused the key \(.+\); set MYNAH_XIAOZHI_API_KEY", False),
    "401": (r"refused the key \(401\); set MYNAH_XIAOZHI_API_KEY", False),
    "301": (r"has moved \(301\); set companions\.xiaozhi\.url", False),
    "html": (r"set companions\.xiaozhi\.url|look at \[companions\.xiaozhi\]", False),
    "binary": (r"sends sound that is not Opus; set", False),
    "error": (r"gave up: it said goodbye; say it again", True),
    "wordless": (r"ended without a word", True),
    "hang": (r"did not begin to answer in 0\.2 s", True),
    "stall": (r"fell silent in mid-answer for 0\.2 s", True),
    "cut": (r"broke off in mid-answer", True),
}


@pytest.mark.parametrize(("way", "expected"), BROKEN.items(), ids=BROKEN)
async def test_what_goes_wrong_is_one_line_and_the_next_turn_works(way, expected):
    message, retryable = expected
    async with talking(way, token="sk-very-secret-1234") as (companion, fake):
        error = await failure(companion)
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER
    assert str(error).startswith("the companion at ws://127.0.0.1:")
    assert "\n" not in str(error)
    assert "secret" not in str(error)
    assert error.retryable is retryable
    with pytest.raises(CompanionError, match=message):
        raise error


async def test_a_server_that_is_down_does_not_stop_us_from_starting():
    async with FakeXiaozhi() as fake:
        url = fake.address
    companion = XiaozhiCompanion(url=url, wait_s=0.3)

    await companion.start()
    error = await failure(companion)
    await companion.close()

    assert "can't be reached" in str(error)
    assert error.retryable


async def test_the_token_is_sent_and_never_shown(caplog):
    caplog.set_level("DEBUG")
    async with talking(token="sk-very-secret-1234") as (companion, fake):
        await answer(companion)

        assert fake.headers[0]["Authorization"] == "Bearer sk-very-secret-1234"
        assert "very-secret" not in f"{caplog.text} {companion!r}"
        assert SAID.text not in caplog.text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"ulr": "ws://x"}, r"unknown setting 'companions\.xiaozhi\.ulr'; did you mean 'url'"),
        ({"url": "x"}, r"companions\.xiaozhi\.url: .*an address begins with"),
        ({"device_id": "a\nb"}, r"companions\.xiaozhi\.device_id: a hardware address is expected"),
        ({"ears": "mine"}, r"companions\.xiaozhi\.ears: 'bridge' or 'server' is expected"),
    ],
)
def test_a_wrong_setting_is_named(table, message):
    with pytest.raises(UserError, match=message):
        XiaozhiCompanion(**table)


@pytest.mark.parametrize("text", ["[]", "5", "nul", '{"type": 5}', '{"type": "tts"}', "{" * 5000])
def test_what_is_no_message_is_odd(text):
    assert isinstance(parse(text), Odd | Refused)
