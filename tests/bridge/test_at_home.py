"""The outermost companion: care first, tags felt, somebody answers, and all of it remembered."""

from contextlib import aclosing

import numpy as np
import pytest

from mynah.at_home import open_home
from mynah.care.caring import COMFORT, GOOD_NIGHT, Caring
from mynah.care.crisis import Crisis
from mynah.companions.base import (
    Act,
    Capabilities,
    Emotion,
    Instead,
    Reasoning,
    Said,
    Sound,
    ToolCall,
    Touch,
    Usage,
)
from mynah.companions.guest import Guest
from mynah.companions.home import Home
from mynah.config import parse
from mynah.errors import CompanionError, UserError

HELLO = Said("hello", "en")


class Scripted:
    """Says what it was given; remembers who asked and what was heard."""

    def __init__(self, *pieces, memory="client", error=None, touched=False):
        self.capabilities = Capabilities(memory=memory, touched=touched)
        self.pieces = pieces
        self.error = error
        self.asked = []
        self.told = []
        self.closed = 0

    async def reply(self, said):
        self.asked.append(said)
        try:
            for piece in self.pieces:
                yield piece
            if self.error:
                raise CompanionError(self.error)
        finally:
            self.closed += 1

    def heard(self, said, text):
        self.told.append((said.text, text))

    async def close(self):
        pass


def home(companion, **more):
    fallback = more.pop("fallback", None)
    return Home(
        Guest("here", companion),
        Caring(Crisis("US")),
        fallback=None if fallback is None else Guest("other", fallback),
        clock=lambda: 0.0,
        **more,
    )


async def all_of(reply):
    async with aclosing(reply) as pieces:
        return [piece async for piece in pieces]


async def words(reply):
    return "".join(piece for piece in await all_of(reply) if isinstance(piece, str))


async def test_what_is_written_as_an_action_is_felt_and_not_read_aloud():
    pieces = ["*hu", "gs you", "* I missed ", "you. [hap", "py]"]
    came = await all_of(home(Scripted(*pieces)).reply(HELLO))

    assert [piece.name for piece in came if isinstance(piece, Act)] == ["hug", "joy"]
    assert "".join(piece for piece in came if isinstance(piece, str)).strip() == "I missed you."


async def test_feelings_and_calls_become_acts_and_the_rest_is_nobodys_business():
    call = ToolCall("1", "ring_vibrate", {"name": "purr"})
    unknown = ToolCall("2", "open_door", {"name": "front"})
    pieces = [Emotion("laughing"), call, unknown, Reasoning("hm"), Usage(1, 1), "Yes."]

    assert await all_of(home(Scripted(*pieces)).reply(HELLO)) == [Act("joy"), Act("purr"), "Yes."]


async def test_a_voice_of_its_own_keeps_its_sound_and_loses_its_tags():
    samples = np.zeros(160, np.int16)
    came = await all_of(
        home(Scripted(Sound(samples, "*purrs* Hello."), Sound(samples))).reply(HELLO)
    )

    act, first, second = came
    assert isinstance(act, Act)
    assert (first.text.strip(), second.text) == ("Hello.", "")
    assert first.samples is samples


async def test_who_is_in_need_is_not_answered_by_the_companion():
    companion = Scripted("Do it.")
    at_home = home(companion)
    came = await all_of(at_home.reply(Said("I want to die", "en")))

    assert came[:2] == [COMFORT, Instead("care")]
    assert "9 8 8" in came[2]
    assert companion.asked == []
    at_home.heard(Said("I want to die", "en"), came[2])
    await all_of(at_home.reply(HELLO))
    assert "Be gentle" in companion.asked[0].ring


async def test_a_goodbye_is_one_line_and_the_ring_falls_asleep():
    companion = Scripted("Don't go! ", "Sleep well. ", "Tomorrow we will ", "talk.")
    came = await all_of(home(companion).reply(Said("Good night.", "en")))

    assert "".join(piece for piece in came if isinstance(piece, str)).strip() == "Sleep well."
    assert came[-1] == GOOD_NIGHT
    assert companion.closed == 1


async def test_where_not_a_word_comes_the_fallback_answers_and_is_told():
    companion, other = Scripted(error="it is gone"), Scripted("I am here.")
    at_home = home(companion, fallback=other)

    assert await all_of(at_home.reply(HELLO)) == [Instead("other", "it is gone"), "I am here."]
    at_home.heard(HELLO, "I am here.")
    assert (companion.told, other.told) == ([], [("hello", "I am here.")])


class Odd(Scripted):
    async def reply(self, said):
        raise KeyError(said.text)
        yield ""


@pytest.mark.parametrize(
    ("companion", "reason"),
    [
        (Scripted(), "the companion had nothing to say"),
        (Scripted("", " ", error="it is gone"), "it is gone"),
        (Odd(), "the companion failed: KeyError"),
    ],
    ids=["nothing", "blanks", "a fault"],
)
async def test_whatever_leaves_the_wearer_without_a_word_is_no_answer(companion, reason):
    at_home = home(companion, fallback=Scripted("I am here."))
    came = [piece for piece in await all_of(at_home.reply(HELLO)) if not isinstance(piece, str)]

    assert came == [Instead("other", reason)]


async def test_what_is_begun_unasked_is_felt_as_well():
    begun = []
    companion = Scripted()
    companion.on_proactive = begun.append
    home(companion).on_proactive(begun.append)
    (begin,) = begun
    begin(all_pieces("*hugs you* Hello.", ToolCall("1", "ring", {"name": "sos", "repeat": 10**9})))

    came = await all_of(begun[1])
    assert [piece.name for piece in came if isinstance(piece, Act)] == ["hug"]


async def all_pieces(*pieces):
    for piece in pieces:
        yield piece


async def test_no_model_moves_the_ring_for_ever_or_cries_for_help():
    pieces = [Act("purr", 999, 10**9), Act("sos"), Act("goodnight"), Act("../etc")]
    call = ToolCall("1", "ring", {"name": "purr", "repeat": -5, "gain": -1})

    came = await all_of(home(Scripted(*pieces, call, "Hi.")).reply(HELLO))
    assert came == [Act("purr", 255, 5), Act("purr", 0, 1), "Hi."]


@pytest.mark.parametrize("samples", [None, [1, 2], np.zeros(4), np.zeros((2, 2), np.int16)])
async def test_what_is_no_sound_is_told(samples):
    with pytest.raises(CompanionError, match="a Sound has to be a row of 16-bit numbers"):
        await all_of(home(Scripted(Sound(samples, "Hi."))).reply(HELLO))


async def test_an_answer_that_broke_off_is_not_begun_again_by_another():
    companion, other = Scripted("I am ", error="it is gone"), Scripted("I am here.")

    with pytest.raises(CompanionError, match="it is gone"):
        await words(home(companion, fallback=other).reply(HELLO))
    assert other.asked == []


async def test_closing_it_closes_whoever_was_asked():
    companion = Scripted("one. ", "two. ", "three. ")
    reply = home(companion).reply(HELLO)
    await anext(reply)
    await reply.aclose()

    assert companion.closed == 1


async def test_a_touch_is_answered_by_who_can_and_only_by_those():
    touch = Touch("double_tap", "[ring] two taps")
    talks = Scripted("Hello.", touched=True)

    assert home(Scripted("Hello.")).notify(touch) is None
    assert await words(home(talks).notify(touch)) == "Hello."
    assert (talks.asked[0].text, talks.asked[0].ring) == ("", "[ring] two taps")


async def test_a_companion_without_a_mind_is_written_down_as_well(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))
    table = {"companion": "webhook", "companions": {"webhook": {"url": "http://127.0.0.1:1/"}}}
    at_home = open_home(parse(table, "here"))
    at_home.heard(Said("My cat is called Miso.", "en"), "What a name!")
    await at_home.close()

    again = open_home(parse({"companion": "openai"}, "here"))
    chat = again.companion.companion.mind.chat(Said("Who is Miso?", "en")).messages()
    assert "My cat is called Miso." in [each["content"] for each in chat]
    await again.close()


async def test_the_parrot_keeps_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))
    at_home = open_home(parse({"companion": "parrot"}, "here"))
    at_home.heard(HELLO, "hello")
    await at_home.close()

    assert list(tmp_path.rglob("*")) == []


async def test_what_was_heard_is_told_to_who_answered_it_whatever_was_asked_since():
    companion = Scripted("Hello.")
    at_home = home(companion)
    first, need = Said("hello", "en"), Said("I want to die", "en")
    await all_of(at_home.reply(first))
    await all_of(at_home.reply(need))
    at_home.heard(first, "Hello.")
    at_home.heard(need, "I'm really glad")
    at_home.heard(Said("", "en"), "Good morning.")

    assert companion.told == [("hello", "Hello."), ("", "Good morning.")]


async def test_a_voice_of_its_own_says_goodbye_in_one_line_too():
    samples = np.zeros(160, np.int16)
    pieces = [Sound(samples, "Don't leave me!"), Sound(samples), Sound(samples, "Sleep well.")]
    pieces += [Sound(samples), Sound(samples, "And one more thing.")]
    came = await all_of(home(Scripted(*pieces)).reply(Said("Good night.", "en")))

    assert [piece.text for piece in came if isinstance(piece, Sound)] == ["Sleep well.", ""]


class Unreachable(Scripted):
    async def start(self):
        raise CompanionError("it is gone")

    async def close(self):
        raise OSError("it is gone")


async def test_a_companion_that_can_not_start_or_close_does_not_take_the_others_along():
    other, mind = Scripted("I am here."), Closed()
    other.close = mind.close
    at_home = home(Unreachable(error="it is gone"), fallback=other, mind=mind)
    await at_home.start()
    assert await words(at_home.reply(HELLO)) == "I am here."
    with pytest.raises(OSError, match="it is gone"):
        await at_home.close()

    assert mind.times == 2


class Closed:
    meter = None
    times = 0

    async def close(self):
        self.times += 1


def test_a_fallback_that_keeps_its_own_conversation_is_refused():
    table = {"companion": "openai", "fallback": "webhook"}
    table["companions"] = {"webhook": {"url": "http://127.0.0.1:1/"}}
    with pytest.raises(UserError, match="fallback webhook keeps the conversation itself"):
        open_home(parse(table, "here"))
