"""Hands free: how long a pause may be, who goes on after all, and what is said over a reply."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mynah.in_hand import REOPENED_MS
from mynah.speech.asr import Transcript
from mynah.turn.delay import Profile
from mynah.turn.endpoint import PAUSE_MS
from mynah.turn.hands_free import CALM_MS, VOICE_OVER_REPLY_MS
from mynah.turn.machine import HELD_MS, State
from mynah.turn.patience import Patience
from tests.bridge.listening import EDGE_MS, Loud
from tests.bridge.marked import (
    SURE,
    Attentive,
    Ears,
    Voice,
    falling,
    played,
    tone,
)
from tests.bridge.scene import LONG, Wearer, stages, started
from tests.bridge.virtual_time import in_virtual_time

HEARING_S = 0.3
STORY = ". ".join([LONG] * 2)
LIKE = 0.8  # a frame to the same one with a ramp over it
DUCKED = 0.25


class Noise(Voice):
    """No two of its frames are alike."""

    def reply(self):
        return self

    async def speak(self, text):
        chance = np.random.default_rng(len(text))
        yield chance.normal(0, 3000, self.LETTER_MS * 16 * sum(map(str.isalnum, text))).astype(
            np.int16
        )


@asynccontextmanager
async def conversing(*words, ears=None, **parts):
    made = stages(
        transcriber=ears or Ears(*words, delays_s=[HEARING_S]),
        **{"voice": Voice(), "companion": Attentive()} | parts,
        new_detector=Loud,
        hands_free=True,
    )
    async with started(made) as scene:
        wearer = Wearer(scene)
        await wearer.taps()
        yield scene, wearer


async def story(scene, wearer):
    """Ask for it, and listen for a while."""
    await wearer.says(sound=falling(0, 800))
    await scene.until(lambda: scene.conversation.glimpse().state is State.SPEAKING)
    await asyncio.sleep(REOPENED_MS / 1000 + 1.0)


def planned_ms(text, sound):
    sure = SURE if text.endswith(".") else None
    transcript = Transcript(text, "en", 0.0, 0.0, 1.0, full_stop=sure)
    return Patience(Profile.BALANCED).judge(transcript, sound)[0]


@pytest.mark.parametrize("text", ["I like the sea and", "Tell me about the sea."])
@in_virtual_time
async def test_the_words_decide_how_long_a_pause_may_be(text):
    async with conversing(text, profile=Profile.BALANCED) as (scene, wearer):
        await wearer.says(sound=falling(0, 800))
        record = await scene.turn()

    wait_ms = max(planned_ms(text, falling(0, 800)), PAUSE_MS + 1000 * HEARING_S)
    assert record.waterfall["endpoint_wait"] == pytest.approx(wait_ms, abs=120)
    assert (record.heard, record.error) == (
        f"{text.rstrip('.')}{'.' * (1 + (text[-1] == '.'))}",
        None,
    )


def test_those_two_waits_differ_by_a_second():
    waits = [planned_ms(text, falling(0, 800)) for text in ("I like the sea and", "Tell me.")]
    assert waits[0] - waits[1] > 1000


@in_virtual_time
async def test_until_the_words_are_known_a_turn_waits_whatever_the_last_one_did():
    texts = ["Tell me about the sea.", "I like the sea and", "the sand"]
    ears = Ears(*texts, delays_s=[HEARING_S, 0.9, HEARING_S])
    options = {"companion": Attentive("so be it"), "profile": Profile.BALANCED}
    async with conversing(ears=ears, **options) as (scene, wearer):
        await wearer.says(sound=falling(0, 800))
        await scene.turn()
        await asyncio.sleep(3)
        await wearer.says(sound=falling(1, 800))
        await asyncio.sleep(1.2)
        await wearer.says(sound=falling(2, 800))
        record = await scene.turn()

    assert record.transcript == "I like the sea and the sand"
    assert record.revisions == 1


@in_virtual_time
async def test_who_goes_on_within_a_second_of_being_answered_is_answered_to_all_words():
    companion = Attentive()
    texts = ("Tell me about the sea.", "And the sand.")
    async with conversing(*texts, companion=companion) as (scene, wearer):
        await wearer.says(sound=falling(0, 800))
        await scene.until(lambda: scene.conversation.glimpse().state is State.SPEAKING)
        await asyncio.sleep(0.2)
        await wearer.says(sound=falling(1, 800))
        first, second = await scene.turn(), await scene.turn()
        await asyncio.sleep(1)

    both = " ".join(texts)
    assert (first.transcript, second.transcript) == (texts[0], both)
    assert companion.told == [(both, second.heard)]
    assert second.heard == f"{both}."
    assert played(scene.ring) == [0, 1]


@in_virtual_time
async def test_who_speaks_before_the_answer_sounds_was_not_done_either():
    companion = Attentive(thinks_s=0.6)
    texts = ("Tell me about the sea.", "And the sand.")
    async with conversing(*texts, companion=companion, attempts=0) as (scene, wearer):
        await wearer.says(sound=falling(0, 800))
        await scene.until(lambda: scene.conversation.glimpse().state is State.COMMITTED)
        await asyncio.sleep(0.1)
        await wearer.says(sound=falling(1, 800))
        await scene.turn()
        second = await scene.turn()
        await asyncio.sleep(1)

    assert second.transcript == " ".join(texts)
    assert [said for said, _ in companion.told] == [" ".join(texts)]
    assert len(played(scene.ring)) == 1


def volumes(frames, undisturbed):
    """How loud each frame is, beside the same one undisturbed; fails unless all are the same."""
    pairs = list(zip(frames, undisturbed, strict=True))
    assert min(np.corrcoef(*pair)[0, 1] for pair in pairs) > LIKE
    return np.array([np.std(frame) / np.std(original) for frame, original in pairs])


async def told(over_ms, *, over="Mm-hm."):
    """A story over which that is said for so long: its frames, how long it took, and its turn."""
    texts, companion = ("Tell me about the sea.", over), Attentive(STORY)
    async with conversing(*texts, companion=companion, voice=Noise()) as (scene, wearer):
        await story(scene, wearer)
        if over_ms:
            await wearer.says(sound=tone(1, over_ms))
        record = await scene.turn()
    assert companion.told == [(texts[0], record.heard)]
    begin_ms, end_ms = (scene.ring.played[place][0] for place in (0, -1))
    frames = [np.frombuffer(pcm, np.int16).astype(float) for _, pcm in scene.ring.played]
    return [frame for frame in frames if frame.any()], end_ms - begin_ms, record


@in_virtual_time
async def test_a_cough_makes_the_reply_soft_for_a_moment_and_nothing_is_lost():
    undisturbed, usual_ms, _ = await told(0)
    frames, lasted_ms, record = await told(VOICE_OVER_REPLY_MS - EDGE_MS)

    volume = volumes(frames, undisturbed)
    soft_ms = 20 * np.count_nonzero(volume < 2 * DUCKED)
    assert soft_ms == pytest.approx(VOICE_OVER_REPLY_MS - EDGE_MS + CALM_MS - 96, abs=2 * EDGE_MS)
    assert volume[volume < 2 * DUCKED].mean() == pytest.approx(DUCKED, abs=0.05)
    assert lasted_ms == usual_ms
    assert (record.heard, record.overheard) == (f"{STORY}.", [])


@in_virtual_time
async def test_a_word_that_only_follows_the_reply_holds_it_and_nothing_is_lost_or_repeated():
    undisturbed, usual_ms, _ = await told(0)
    frames, lasted_ms, record = await told(450)

    assert lasted_ms - usual_ms == pytest.approx(
        450 - VOICE_OVER_REPLY_MS + PAUSE_MS + 300, abs=2 * EDGE_MS
    )
    volumes(frames, undisturbed)
    assert (record.heard, record.overheard, record.error) == (f"{STORY}.", ["Mm-hm."], None)


@pytest.mark.parametrize("over", ["Stop.", "What about the mountains?"])
@in_virtual_time
async def test_words_that_want_something_end_the_reply_and_are_answered(over):
    companion = Attentive(STORY)
    async with conversing("Tell me about the sea.", over, companion=companion) as (scene, wearer):
        await story(scene, wearer)
        await wearer.says(sound=falling(1, 500))
        first = await scene.turn()
        await scene.until(lambda: len(companion.asked) > 1)
        await scene.until(lambda: scene.conversation.glimpse().state is State.SPEAKING)
        sounds = played(scene.ring)

    assert (first.error, first.overheard) == (None, [])
    assert 0 < len(first.heard) < len(STORY)
    assert companion.asked == ["Tell me about the sea.", over]
    assert sounds == [0, 1]
    assert companion.told == [("Tell me about the sea.", first.heard)]


@in_virtual_time
async def test_what_nobody_understands_in_time_holds_a_reply_for_no_longer_than_that():
    ears = Ears("Tell me about the sea.", "Stop.", delays_s=[HEARING_S, 3600])
    companion = Attentive(STORY)
    async with conversing(ears=ears, companion=companion, attempts=0) as (scene, wearer):
        await story(scene, wearer)
        await wearer.says(sound=tone(1, 450))
        await scene.until(lambda: scene.conversation._turns.state is State.HELD)
        held = asyncio.get_running_loop().time()
        await scene.until(lambda: scene.conversation._turns.state is not State.HELD)
        assert scene.conversation._turns.state is State.SPEAKING
        held_ms = 1000 * (asyncio.get_running_loop().time() - held)
        record = await scene.turn()

    assert held_ms == pytest.approx(HELD_MS - 450 + VOICE_OVER_REPLY_MS, abs=2 * EDGE_MS)
    assert (record.heard, record.error) == (f"{STORY}.", None)
    assert record.overheard == []


@in_virtual_time
async def test_somebody_who_keeps_talking_is_listened_to_before_a_word_is_understood():
    async with conversing("Tell me about the sea.", "Mm-hm.", companion=Attentive(STORY)) as (
        scene,
        wearer,
    ):
        await story(scene, wearer)
        await wearer.says(sound=tone(1, 2500))
        first = await scene.turn()

    assert len(first.heard) < len(STORY)


@pytest.mark.parametrize("late_s", [HEARING_S, 1.2])
@in_virtual_time
async def test_who_goes_on_after_a_nod_is_judged_by_all_the_words(late_s):
    """Be the nod understood while more is being said, or only in the pause after that."""
    texts = ("Tell me about the sea.", "Mm-hm.", "But stop it now.")
    companion, ears = Attentive(STORY), Ears(*texts, delays_s=[HEARING_S, late_s])
    async with conversing(ears=ears, companion=companion) as (scene, wearer):
        await story(scene, wearer)
        await wearer.says(sound=tone(1, 450))
        await asyncio.sleep(0.2)
        await wearer.says(sound=falling(2, 600))
        first = await scene.turn()
        await scene.until(lambda: len(companion.asked) > 1)

    assert len(first.heard) < len(STORY)
    assert companion.asked[1] == "Mm-hm. But stop it now."


@in_virtual_time
async def test_what_was_said_and_not_understood_yet_is_not_lost_to_what_is_said_next():
    texts = ("Tell me about the sea.", "How deep is it?", "And how cold?")
    companion, ears = Attentive(STORY), Ears(*texts, delays_s=[HEARING_S, 2.5, HEARING_S])
    async with conversing(ears=ears, companion=companion, attempts=0) as (scene, wearer):
        await story(scene, wearer)
        await wearer.says(sound=tone(1, 450))
        await asyncio.sleep(1.2)  # its end was heard, its words are not known
        await wearer.says(sound=falling(2, 600))
        await scene.turn()
        await scene.until(lambda: len(companion.asked) > 1)

    assert companion.asked[1] == "How deep is it? And how cold?"


@in_virtual_time
async def test_a_conversation_that_ends_while_a_reply_is_held_leaves_nothing_behind():
    texts = ("Tell me about the sea.", "Stop.")
    async with conversing(*texts, companion=Attentive(STORY)) as (scene, wearer):
        await story(scene, wearer)
        await wearer.says(sound=tone(1, 450))
        await scene.until(lambda: len(scene.conversation._making._tasks) > 0)
        assert scene.conversation._turns.state is State.HELD
