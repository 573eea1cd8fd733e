"""Whatever the wearer, the link and the stages do: only an answer that was released ever sounds."""

import asyncio

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynah.link.delay_line import nothing
from mynah.link.ring_speaker import RingSpeaker
from mynah.turn.delay import Profile
from mynah.turn.machine import COMMITTED_MS, State
from tests.bridge.listening import Loud
from tests.bridge.marked import Attentive, Ears, Voice, falling, number_of, played, tone
from tests.bridge.scene import Wearer, stages, started
from tests.bridge.virtual_time import in_virtual_time

WORDS = ("I like the sea and", "the sand.", "Stop.", "Mm-hm.", "What is the time?", "Well")


class Watched(RingSpeaker):
    """Notes what becomes of each reply, by the tone that it is."""

    def __init__(self, ring):
        super().__init__(ring)
        self.released, self.dropped = [], []
        self._numbers = {}

    def push(self, reply, samples):
        self._numbers.setdefault(reply, number_of(samples))
        super().push(reply, samples)

    def go(self, reply):
        self.released.append(self._numbers[reply])
        super().go(reply)

    def drop(self, reply):
        if reply in self._numbers:  # else it was begun, and nothing of it was made yet
            self.dropped.append(self._numbers[reply])
        super().drop(reply)


words = st.integers(0, len(WORDS) - 1)
late_s = st.sampled_from([0.0, 0.02, 0.05, 0.3, 1.5])
waits_ms = st.sampled_from([20, 150, 400, 900, 2500])
steps = st.one_of(
    st.tuples(st.sampled_from(["press", "release", "wait", "lose"]), waits_ms),
    st.tuples(st.just("speak"), words, st.sampled_from([60, 200, 450])),
)
# A turn with pauses in it: what happens at random alone seldom comes to an answer.
turns = st.builds(
    lambda said: [
        ("press", 20),
        *[step for word, wait_ms in said for step in (("speak", word, 300), ("wait", wait_ms))],
        ("release", said[0][1]),
    ],
    st.lists(st.tuples(words, waits_ms), min_size=1, max_size=4),
)
pieces = st.one_of(turns, turns.map(lambda turn: turn[1:-1]), steps.map(lambda step: [step]))
scripts = st.lists(pieces, min_size=2, max_size=6).map(
    lambda parts: [step for part in parts for step in part]
)


async def act(scene, wearer, script):
    pressed = False
    for what, *how in script:
        match what:
            case "press" if not pressed:
                scene.press()
            case "release" if pressed:
                scene.release()
            case "lose":
                scene.link.up.loses = lambda number: number % 2 == 0
            case "speak":
                await wearer.says(sound=(falling if how[0] % 2 else tone)(*how))
        pressed = what == "press" or (pressed and what != "release")
        if what != "speak":
            await asyncio.sleep(how[0] / 1000)
        scene.link.up.loses = nothing
    if pressed:
        scene.release()


async def converse(script, *, hands_free, late, attempts, profile):
    """What was released, dropped and heard."""
    speakers = []
    companion, voice = Attentive(thinks_s=late[1], sentences=3), Voice(late[2])
    made = stages(
        transcriber=Ears(*WORDS, delays_s=[late[0], late[3]] * 8),
        companion=companion,
        voice=voice,
        new_detector=Loud,
        hands_free=hands_free,
        attempts=attempts,
        profile=profile,
        open_speaker=lambda ring, _listener: speakers.append(Watched(ring)) or speakers[-1],
    )
    async with started(made) as scene:
        wearer = Wearer(scene)
        if hands_free:
            await wearer.taps()
        await act(scene, wearer, script)
        listening = scene.until(lambda: scene.conversation._turns.state is State.LISTENING)
        await asyncio.wait_for(listening, COMMITTED_MS / 1000)
        await asyncio.sleep(1.0)  # the last of it may yet sound, and be told
        assert scene.conversation._turns.state is State.LISTENING
    return speakers[0], companion, played(scene.ring)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    script=scripts,
    hands_free=st.booleans(),
    late=st.lists(late_s, min_size=4, max_size=4),
    attempts=st.sampled_from([6, 3, 1, 0]),
    profile=st.sampled_from([None, Profile.SNAPPY, Profile.BALANCED]),
)
@in_virtual_time
async def test_only_what_was_released_sounds_once_each_and_in_order(script, **options):
    speaker, companion, heard = await converse(script, **options)

    assert heard == sorted(set(heard))
    assert set(heard) <= set(speaker.released)
    assert not set(heard) & set(speaker.dropped)
    assert len(speaker.released) == len(set(speaker.released))
    assert not set(speaker.released) & set(speaker.dropped)
    assert sorted(companion.left) == sorted(companion.asked)
    assert {said for said, _ in companion.told} <= set(companion.asked)
    assert np.count_nonzero([text != "" for _, text in companion.told]) <= len(heard)
