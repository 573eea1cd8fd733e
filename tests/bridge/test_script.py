import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.speech.plain import plain_text
from mynah.speech.script import CLAUSES_AHEAD, Script
from mynah.speech.sentences import ClauseSplitter
from mynah.speech.sizing import CHARACTER_MS, MARGIN_MS, Pace
from tests.bridge.virtual_time import in_virtual_time

SOUND_MS = 50.0  # of a character: Piper's joe, pauses included
TOKEN = re.compile(r"\s*\S{1,6}")

PARIS = "The capital of France is Paris and it lies on the river Seine in the north of the country."
WALK = """I think a walk before dinner is a lovely idea because the rain has stopped and the light
is soft at this hour. Take your grey coat with you, the one with the deep pockets, since the wind
is still cold near the river. When you come back I would like to hear what you saw."""
BRIDGE = """Well, the short answer is that nobody knows for certain. Some people believe the old
bridge was built by monks who lived on the island until the great flood carried most of their
houses away in a single night. Others say it was paid for by a merchant."""
PASTA = """Of course! First boil the water and add a good pinch of salt. Then put in the pasta and
stir it for a minute so that nothing sticks to the bottom of the pot. After about nine minutes
taste one piece."""
REPLIES = [text.replace("\n", " ") for text in (PARIS, WALK, BRIDGE, PASTA)]


class Listener:
    """Hears a reply whose every character costs and sounds alike."""

    def __init__(self, cost_ms, pace=None):
        self.cost_ms = cost_ms
        self.pace = pace or Pace(character_ms=max(cost_ms, CHARACTER_MS))
        self.clauses = []
        self.silences_ms = []
        self._ends_s = None

    def lead_ms(self):
        return (self._ends_s - asyncio.get_running_loop().time()) * 1000

    async def hear(self, text, tokens_per_s):
        script = Script(self.pace)
        writing = asyncio.create_task(_write(script, text, tokens_per_s))
        while (clause := await script.read(self.lead_ms)) is not None:
            self.clauses.append(clause)
            await asyncio.sleep(self.cost_ms * len(clause) / 1000)
            self.pace.made(clause, self.cost_ms * len(clause))
            self._sound(SOUND_MS * len(clause) / 1000)
        await writing

    def _sound(self, length_s):
        now_s = asyncio.get_running_loop().time()
        if self._ends_s is not None and self._ends_s < now_s:
            self.silences_ms.append((now_s - self._ends_s) * 1000)
        self._ends_s = max(now_s, self._ends_s or 0) + length_s


async def _write(script, text, tokens_per_s):
    for token in TOKEN.findall(text):
        await script.write(token)
        await asyncio.sleep(1 / tokens_per_s)
    script.end()


def sentences_of(text):
    splitter = ClauseSplitter()
    return splitter.push(text) + splitter.flush()


@pytest.mark.parametrize("tokens_per_s", [8, 20, 60, 100_000])
@pytest.mark.parametrize("share", [0.03, 0.07, 0.115, 0.25, 0.5])
@in_virtual_time
async def test_the_voice_never_falls_silent_within_a_reply(tokens_per_s, share):
    for text in REPLIES:
        listener = Listener(share * SOUND_MS)
        await listener.hear(text, tokens_per_s)

        assert listener.silences_ms == []
        assert " ".join(listener.clauses) == text


@in_virtual_time
async def test_with_time_enough_sentences_stay_whole():
    for text in REPLIES:
        listener = Listener(0.05 * SOUND_MS)
        await listener.hear(text, 60)

        assert listener.clauses == sentences_of(text)


@in_virtual_time
async def test_a_companion_who_stops_to_think_is_heard_so_far():
    script = Script(Pace())
    await script.write("Well, I think so. Only the green one was on the shelf ")
    loop = asyncio.get_running_loop()

    assert await script.read(lambda: 0.0) == "Well, I think so."
    ends_s = loop.time() + 2.0
    assert await script.read(lambda: (ends_s - loop.time()) * 1000) == "Only the green one was"
    assert MARGIN_MS < (ends_s - loop.time()) * 1000 < 2 * MARGIN_MS


@in_virtual_time
async def test_a_first_clause_is_not_hurried():
    script = Script(Pace())
    await script.write("Only the green one ")
    asyncio.get_running_loop().call_later(3, script.end)

    assert await script.read(lambda: 0.0) == "Only the green one"
    assert asyncio.get_running_loop().time() > 3
    assert await script.read(lambda: 0.0) is None


@in_virtual_time
async def test_a_companion_waits_for_the_voice():
    script = Script(Pace())
    writing = asyncio.create_task(_write(script, "This is a sentence. " * 100, 1e9))
    await asyncio.sleep(10)
    assert not writing.done()

    heard = 0
    while await script.read(lambda: 60_000.0):
        heard += 1
    assert heard == 100 > CLAUSES_AHEAD
    await writing


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.sampled_from("aB7é .,!?\n…-'。、好我"), max_size=300),
    st.sampled_from([8, 60, 100_000]),
    st.sampled_from([0.05, 0.5, 2.0]),
)
def test_no_word_is_lost_however_late_the_voice_is(text, tokens_per_s, share):
    listener = Listener(share * SOUND_MS)
    in_virtual_time(listener.hear)(text, tokens_per_s)

    said = [letter for letter in "".join(listener.clauses) if letter.isalnum()]
    assert said == [letter for letter in plain_text(text) if letter.isalnum()]
    assert all(any(map(str.isalnum, clause)) for clause in listener.clauses)
