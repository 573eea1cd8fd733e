"""One process for several wearers: what is done ahead gives way to what somebody waits for."""

import asyncio
from contextlib import aclosing

import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.speech.asr import LONG, WhisperTranscriber
from mynah.speech.messages import Message
from mynah.speech.sharing import Sharing
from tests.bridge.virtual_time import in_virtual_time

WINDOW_S = 15
WINDOW_COSTS_S = 0.25
CAREFUL_S = 0.4


class Process:
    """A worker that decodes windows in time of its own, and remembers those it knows."""

    def __init__(self):
        self._turn = asyncio.Lock()
        self.known = set()
        self.began = []

    async def stream(self, fields, payload, *, deadline_s):
        del deadline_s
        windows = max(1, -(-len(payload) // (2 * WINDOW_S * SPEECH_HZ)))
        async with self._turn:
            self.began.append((asyncio.get_running_loop().time(), dict(fields)))
            for number in range(windows - bool(fields.get("follow"))):
                if (number, payload[:64]) not in self.known:
                    await asyncio.sleep(WINDOW_COSTS_S)
                    self.known.add((number, payload[:64]))
            if fields.get("follow"):
                return
            for number in range(windows):
                yield Message("reply", 1, window(number, windows))
            if fields["patience_ms"]:
                await asyncio.sleep(CAREFUL_S)
                yield Message("reply", 1, window(0, windows))


def window(number, windows):
    return {
        "window": number,
        "windows": windows,
        "text": "word",
        "language": "en",
        "log_probability": -0.1,
        "no_speech": 0.0,
        "full_stop": None,
        "seconds": 1.0,
        "unsure": False,
        "cost_ms": 1.0,
    }


def pair(tmp_path):
    one = WhisperTranscriber(tmp_path)
    one._worker = Process()
    return one, one.beside()


def sound(seconds, seed):
    return np.random.default_rng(seed).normal(0, 999, int(seconds * SPEECH_HZ)).astype(np.int16)


async def heard_after(transcriber, samples, wait_s=0.0):
    """How long until the first words, having begun a little later."""
    await asyncio.sleep(wait_s)
    began_s = asyncio.get_running_loop().time()
    async with aclosing(transcriber.versions(samples)) as versions:
        await anext(versions)
        return asyncio.get_running_loop().time() - began_s


@in_virtual_time
async def test_a_long_utterance_of_one_does_not_hold_the_others_words(tmp_path):
    one, other = pair(tmp_path)
    late = asyncio.create_task(heard_after(one, sound(300, 1)), name="late")

    waits_s = [await heard_after(other, sound(2, seed), 0.3) for seed in range(2, 8)]
    whole_s = await late

    assert 300 * SPEECH_HZ > LONG
    assert max(waits_s) <= 2 * WINDOW_COSTS_S + 0.01
    assert whole_s < 300 / WINDOW_S * WINDOW_COSTS_S + sum(waits_s) + 7 * WINDOW_COSTS_S


@in_virtual_time
async def test_alone_nothing_is_done_twice_over(tmp_path):
    one = WhisperTranscriber(tmp_path)
    one._worker = Process()

    await heard_after(one, sound(300, 1))

    assert len(one._worker.began) == 1


@in_virtual_time
async def test_nobody_takes_a_second_look_while_somebody_waits_for_a_first(tmp_path):
    one, other = pair(tmp_path)

    await asyncio.gather(one.transcribe(sound(2, 1)), other.transcribe(sound(2, 2)))

    assert [fields["patience_ms"] for _, fields in one._worker.began] == [500.0, 0.0]


@in_virtual_time
async def test_one_wearers_captions_give_way_to_the_others_turn(tmp_path):
    one, other = pair(tmp_path)
    following = asyncio.create_task(one.follow(sound(40, 1)), name="captions")
    await asyncio.sleep(0.1)

    waited_s = await heard_after(other, sound(2, 2))

    assert await following is None
    assert waited_s <= WINDOW_COSTS_S + 0.01


@in_virtual_time
async def test_what_is_not_overtaken_comes_to_its_end():
    sharing = Sharing()

    async def work():
        await asyncio.sleep(1)
        return "done"

    assert await sharing.follow(work()) == "done"
    assert (sharing.following, sharing.overtaken) == (False, 0)
