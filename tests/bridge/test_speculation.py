"""Answers that are begun in a pause: heard at once if it was the end, else never."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from mynah.companions.base import Capabilities
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.errors import CompanionError, WorkerError
from mynah.stages import ATTEMPTS, PAID_ATTEMPTS, _attempts
from mynah.turn.delay import Profile
from mynah_device import playback
from tests.bridge.listening import Loud
from tests.bridge.marked import SURE, Attentive, Ears, Voice, falling, played, tone
from tests.bridge.scene import Wearer, stages, started
from tests.bridge.virtual_time import in_virtual_time

HEARING_S, THINKING_S, SPEAKING_S = 0.3, 0.2, 0.1
WORK_MS = 1000 * (HEARING_S + THINKING_S + SPEAKING_S)
PAUSE_S = 0.9  # enough for all of it
SHORT_S = 0.5  # enough to begin
WORDS = ("one", "two", "three", "four", "five", "six")


@asynccontextmanager
async def speculating(attempts=3, *, ears=None, companion=None, voice=None, profile=None):
    made = stages(
        transcriber=ears or Ears(*WORDS, delays_s=[HEARING_S]),
        companion=companion or Attentive(thinks_s=THINKING_S),
        voice=voice or Voice(SPEAKING_S),
        new_detector=Loud,
        attempts=attempts,
        profile=profile,
    )
    async with started(made) as scene:
        yield scene, Wearer(scene)


async def holds(scene, wearer, words=1, pause_s=PAUSE_S):
    """The button, while so many words are said, with a pause after each."""
    scene.press()
    for number in range(words):
        await asyncio.sleep(0.1)
        await wearer.says(sound=tone(number))
        await asyncio.sleep(pause_s)


@in_virtual_time
async def test_the_answer_to_a_pause_that_was_the_end_is_in_the_ring_before_the_release():
    companion = Attentive(thinks_s=THINKING_S)
    async with speculating(companion=companion) as (scene, wearer):
        await holds(scene, wearer)

        assert scene.ring.core.playback.state == playback.LOADED
        assert not scene.sound().any()
        scene.release()
        record = await scene.turn()

    assert (record.transcript, record.heard, record.error) == ("one", "one.", None)
    assert (record.guesses.hits, record.guesses.misses, record.revisions) == (1, 0, 0)
    assert (companion.asked, companion.told) == (["one"], [("one", "one.")])
    assert sum(record.waterfall.values()) == pytest.approx(record.v2v_ms, abs=5)


@in_virtual_time
async def test_it_sounds_sooner_than_one_that_is_begun_at_the_release():
    v2v_ms = {}
    for attempts in (3, 0):
        async with speculating(attempts) as (scene, wearer):
            await holds(scene, wearer)
            scene.release()
            v2v_ms[attempts] = (await scene.turn()).v2v_ms

    assert v2v_ms[0] - v2v_ms[3] == pytest.approx(WORK_MS, abs=50)
    assert v2v_ms[3] < v2v_ms[0] / 3


@in_virtual_time
async def test_an_answer_that_is_half_made_at_the_release_is_not_made_again():
    companion = Attentive(thinks_s=THINKING_S)
    async with speculating(companion=companion) as (scene, wearer):
        await holds(scene, wearer, pause_s=HEARING_S + THINKING_S)
        scene.release()
        record = await scene.turn()

    assert (companion.asked, record.heard) == (["one"], "one.")
    assert record.guesses.hits == 1


@in_virtual_time
async def test_who_goes_on_never_hears_the_first_answer_and_is_answered_to_all_words():
    companion, voice = Attentive(thinks_s=THINKING_S, sentences=100), Voice(SPEAKING_S)
    async with speculating(companion=companion, voice=voice) as (scene, wearer):
        await holds(scene, wearer, words=2)
        scene.release()
        await scene.until(lambda: len(played(scene.ring)) > 0)
        await asyncio.sleep(1.0)
        assert companion.left == ["one"]
        await scene.hold(400)
        record = await scene.turn()

    assert companion.asked == ["one", "one two"]
    assert (record.transcript, record.revisions, record.error) == ("one two", 1, None)
    assert [said.split(".")[0] for said in voice.said] == ["one", "one two"]
    assert played(scene.ring) == [1]
    assert record.heard.startswith("one two.")
    assert companion.told[0] == ("one two", record.heard)


@in_virtual_time
async def test_who_goes_on_leaves_nothing_in_the_ring():
    async with speculating() as (scene, wearer):
        await holds(scene, wearer)
        assert scene.ring.core.playback.state == playback.LOADED
        await wearer.says(sound=tone(1))
        assert scene.ring.core.playback.state == playback.IDLE


@in_virtual_time
async def test_what_was_guessed_in_vain_is_counted():
    async with speculating() as (scene, wearer):
        await holds(scene, wearer, words=3)
        scene.release()
        guesses = (await scene.turn()).guesses

    assert (guesses.hits, guesses.misses, guesses.wasted_tokens) == (1, 2, 2)
    # Each from its words to the next word: all of the pause but hearing, and what tells a pause.
    wasted_ms = 2 * 1000 * (PAUSE_S + 0.1 - HEARING_S)
    assert guesses.wasted_ms == pytest.approx(wasted_ms, abs=2 * 100)


@in_virtual_time
async def test_no_more_answers_are_begun_than_allowed():
    companion = Attentive(thinks_s=THINKING_S)
    async with speculating(3, companion=companion) as (scene, wearer):
        await holds(scene, wearer, words=5)
        assert companion.asked == ["one", "one two", "one two three"]
        scene.release()
        record = await scene.turn()

    assert companion.asked[3:] == ["one two three four five"]
    assert record.heard == "one two three four five."
    assert (record.guesses.hits, record.guesses.misses, record.revisions) == (0, 3, 4)


@in_virtual_time
async def test_where_none_is_allowed_none_is_begun():
    companion = Attentive(thinks_s=THINKING_S)
    async with speculating(0, companion=companion, profile=Profile.BALANCED) as (scene, wearer):
        await holds(scene, wearer, words=2)
        assert companion.asked == []
        scene.release()
        record = await scene.turn()

    assert record.heard == "one two."
    assert (record.guesses.hits, record.guesses.misses) == (0, 0)


@pytest.mark.parametrize("begun", ["I was thinking of the", "Hello there."])
@in_virtual_time
async def test_an_answer_that_costs_money_waits_for_words_that_look_like_an_end(begun):
    companion = Attentive(thinks_s=THINKING_S)
    ears = Ears(begun, "sea, tell me about the sea.", delays_s=[HEARING_S])
    options = {"ears": ears, "companion": companion, "profile": Profile.BALANCED}
    async with speculating(PAID_ATTEMPTS, **options) as (scene, wearer):
        scene.press()
        await wearer.says(sound=tone(0))
        await asyncio.sleep(PAUSE_S)
        assert (ears.texts, companion.asked) == ([begun], [])
        await wearer.says(sound=falling(1))
        await asyncio.sleep(PAUSE_S)
        assert companion.asked == [f"{begun} sea, tell me about the sea."]
        scene.release()
        record = await scene.turn()

    assert (record.guesses.hits, record.guesses.misses) == (1, 0)


@pytest.mark.parametrize(
    ("speculate", "free", "attempts"),
    [
        ("never", True, 0),
        ("never", False, 0),
        ("always", False, ATTEMPTS),
        ("auto", True, ATTEMPTS),
        ("auto", False, PAID_ATTEMPTS),
    ],
)
def test_a_companion_that_costs_money_is_asked_ahead_once_unless_told_otherwise(
    speculate, free, attempts
):
    companion = Parrot()
    companion.free = free

    assert _attempts(speculate, Guest("here", companion)) == attempts


@pytest.mark.parametrize("speculate", ["never", "auto", "always"])
def test_a_companion_whose_server_remembers_what_it_is_asked_is_never_asked_ahead(speculate):
    companion = Parrot()
    companion.capabilities = Capabilities(memory="server")

    assert _attempts(speculate, Guest("here", companion)) == 0


class FailsOnce(Attentive):
    async def reply(self, said):
        self.asked.append(said.text)
        if len(self.asked) == 1:
            raise CompanionError("the connection was cut")
        yield said.text


class DeafOnce(Ears):
    async def transcribe(self, samples, **options):
        if not self.heard:
            self.heard.append(samples)
            raise WorkerError("whisper died")
        return await super().transcribe(samples, **options)


class MuteOnce(Voice):
    def reply(self):
        reply = super().reply()
        return Broken() if len(self.said) == 1 else reply


class Broken:
    async def speak(self, text):
        raise WorkerError("piper died")
        yield text


@pytest.mark.parametrize(
    "parts",
    [{"companion": FailsOnce()}, {"ears": DeafOnce(*WORDS)}, {"voice": MuteOnce()}],
    ids=["companion", "transcriber", "voice"],
)
@in_virtual_time
async def test_a_guess_that_fails_is_silent_and_is_made_again_at_the_release(parts):
    async with speculating(**parts) as (scene, wearer):
        await holds(scene, wearer)
        assert scene.ring.core.playback.state == playback.IDLE
        scene.release()
        record = await scene.turn()

    assert (record.error, record.transcript) == (None, "one")
    assert record.heard.startswith("one")
    assert record.guesses.hits == 0
    assert len(played(scene.ring)) == 1


@in_virtual_time
async def test_of_a_turn_that_never_ends_no_guess_is_told():
    companion = Attentive(thinks_s=THINKING_S)
    async with speculating(companion=companion) as (scene, wearer):
        await holds(scene, wearer)
        scene.link.cut()
        await asyncio.gather(scene.running, return_exceptions=True)
        record = await scene.turn()

    assert "out of reach" in record.error
    assert (companion.told, record.guesses.misses) == ([], 1)
    assert not scene.sound().any()


class SecondThoughts(Ears):
    """Hears one text at first and another one later."""

    def __init__(self, first, second, later_s):
        super().__init__()
        self._first, self._second, self._later_s = first, second, later_s

    async def versions(self, samples, **_options):
        async with aclosing(super().versions(samples[:0])) as versions:
            heard = [version async for version in versions][-1]
        yield replace(heard, text=self._first)
        await asyncio.sleep(self._later_s)
        yield replace(heard, text=self._second, full_stop=SURE)


@pytest.mark.parametrize("later_s", [0.05, 0.25, 0.5, 0.8, 1.2])
@in_virtual_time
async def test_better_words_replace_the_guess_and_the_wrong_one_is_never_heard(later_s):
    companion, voice = Attentive(thinks_s=THINKING_S), Voice(SPEAKING_S)
    ears = SecondThoughts("wreck a beach", "recognise speech", later_s)
    async with speculating(ears=ears, companion=companion, voice=voice) as (scene, wearer):
        await holds(scene, wearer, pause_s=SHORT_S)
        scene.release()
        record = await scene.turn()

    assert (record.transcript, record.heard) == ("recognise speech", "recognise speech.")
    assert companion.told == [("recognise speech", "recognise speech.")]
    assert [voice.said[number].strip() for number in played(scene.ring)] == ["recognise speech."]
    assert (record.guesses.hits, record.guesses.misses) == (later_s < SHORT_S - 0.1, 1)


@in_virtual_time
async def test_an_answer_waits_for_the_words_to_be_certain_but_is_made_meanwhile():
    companion = Attentive(thinks_s=THINKING_S)
    ears = SecondThoughts("one", "one", later_s=PAUSE_S)
    async with speculating(ears=ears, companion=companion) as (scene, wearer):
        await holds(scene, wearer, pause_s=SHORT_S)
        scene.release()
        record = await scene.turn()

    assert (companion.asked, record.heard) == (["one"], "one.")
    assert record.guesses.hits == 1
    # From the pause to certain words, less the pause until the release.
    assert record.v2v_ms == pytest.approx(1000 * (PAUSE_S - SHORT_S) + 200, abs=100)
    assert record.waterfall["asr"] == pytest.approx(1000 * (PAUSE_S - SHORT_S), abs=150)
    assert record.waterfall["companion"] == 0
