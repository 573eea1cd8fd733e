"""The companion `open_llm_vtuber` against a fake that keeps a turn open as the real server does."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Emotion, Said, Sound, Touch
from mynah.companions.fakes.vtuber import FakeVTuber
from mynah.companions.voices.vtuber import VTuberCompanion
from mynah.companions.voices.vtuber_messages import Odd, Other, Ready, Sentence, parse
from mynah.errors import CompanionError

SAID = Said("Good morning.", "en")
ANSWER = "You said: Good morning."


@asynccontextmanager
async def talking(way="echo", **table):
    async with asyncio.timeout(10), FakeVTuber() as fake:
        fake.behave(way)
        companion = VTuberCompanion(**{"url": fake.address, "wait_s": 0.2, **table})
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


async def test_an_answer_is_a_face_and_sound_with_its_words():
    async with talking() as (companion, _):
        first, *rest = await answer(companion)

    assert first == Emotion("joy")
    assert all(isinstance(piece, Sound) for piece in rest)
    assert words(rest) == ANSWER
    wanted = len(ANSWER) * 3 * SPEECH_HZ // 1000
    assert sum(len(piece.samples) for piece in rest) == pytest.approx(wanted, abs=2)


@pytest.mark.parametrize(("way", "table"), [("echo", {"voice": "bridge"}), ("silent", {})])
async def test_without_its_voice_ours_speaks(way, table):
    async with talking(way, **table) as (companion, _):
        assert [each.strip() for each in heard(await answer(companion))] == [ANSWER]


async def test_an_answer_that_was_played_is_written_down_whole():
    async with talking() as (companion, fake):
        await answer(companion)
        companion.heard(SAID, ANSWER)
        await answer(companion, Said("What?", "en"))

        assert fake.clients[0].history[:2] == [("human", "Good morning."), ("ai", ANSWER)]
        assert [each["type"] for each in fake.messages if "interrupt" in each["type"]] == []


async def test_an_answer_that_was_interrupted_while_it_played_is_written_down_as_it_was_heard():
    async with talking() as (companion, fake):
        await answer(companion)
        await companion.cancel("You said", 300)
        companion.heard(SAID, "You said")
        await answer(companion, Said("What?", "en"))

        assert fake.clients[0].history[:3] == [
            ("human", "Good morning."),
            ("ai", "You said"),
            ("system", "[Interrupted by user]"),
        ]


async def test_an_answer_that_was_interrupted_while_it_was_made_is_told_once():
    async with talking("endless") as (companion, fake):
        async with aclosing(companion.reply(SAID)) as reply:
            await anext(reply)
        await companion.cancel("Sheep", 300)
        companion.heard(SAID, "Sheep")
        fake.behave("echo")
        assert words(await answer(companion, Said("What?", "en"))) == "You said: What?"

        assert fake.requests[0].hung_up
        assert [each["text"] for each in fake.messages if "interrupt" in each["type"]] == ["Sheep"]


async def test_an_answer_that_nobody_tells_of_was_not_heard():
    async with talking() as (companion, fake):
        await answer(companion)
        await answer(companion, Said("What?", "en"))

        assert fake.clients[0].history[1] == ("ai", "")


async def test_with_its_ears_the_server_is_sent_the_voice():
    voice = np.zeros(SPEECH_HZ, np.int16)
    async with talking(ears="server") as (companion, fake):
        pieces = await answer(companion, Said("Never sent.", "en", sound=voice))

        assert words(pieces) == f"You said: I heard {SPEECH_HZ} samples."
        assert "Never sent" not in str(fake.messages)


async def test_a_connection_that_was_lost_goes_on_with_the_same_history():
    async with talking() as (companion, fake):
        await answer(companion)
        companion.heard(SAID, ANSWER)
        await fake.hang_up()
        assert words(await answer(companion)) == ANSWER

        opened = [each for each in fake.messages if "history" in each["type"]]
        assert opened == [
            {"type": "create-new-history"},
            {"type": "fetch-and-set-history", "history_uid": "history-1"},
        ]


async def test_a_touch_is_answered():
    async with talking() as (companion, _):
        reply = companion.notify(Touch("tap", "[ring] a tap"))

        assert words([piece async for piece in reply]) == "You said: [ring] a tap"


BROKEN = {
    "mute": (r"can't be reached: it does not greet", True),
    "binary": (r"sent what is no answer; look at \[companions\.open_llm_vtuber\]", False),
    "error": (r"gave up: Conversation error: no model; say it again", True),
    "wordless": (r"ended without a word", True),
    "hang": (r"did not begin to answer in 0\.2 s", True),
    "stall": (r"fell silent in mid-answer for 0\.2 s", True),
    "cut": (r"broke off in mid-answer", True),
    "301": (r"has moved \(301\); set companions\.open_llm_vtuber\.url", False),
}


@pytest.mark.parametrize(("way", "expected"), BROKEN.items(), ids=BROKEN)
async def test_what_goes_wrong_is_one_line_and_the_next_turn_works(way, expected):
    message, retryable = expected
    async with talking(way) as (companion, fake):
        with pytest.raises(CompanionError, match=message) as caught:
            await answer(companion)
        fake.behave("echo")

        assert words(await answer(companion)) == ANSWER
    assert "\n" not in str(caught.value)
    assert caught.value.retryable is retryable


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        ("[", Odd()),
        ('{"type": 5}', Odd()),
        ('{"type": "tool_call_status"}', Other()),
        ('{"type": "audio"}', Sentence("")),
        ('{"type": "audio", "audio": "UklGRg=="}', Sentence("")),
        ('{"type": "audio", "audio": "%", "actions": {"expressions": [[]]}}', Sentence("")),
        ('{"type": "set-model-and-conf", "model_info": {"emotionMap": {"joy": "x"}}}', Ready()),
    ],
)
def test_a_message_is_what_it_says(message, heard):
    assert parse(message) == heard
