"""A conversation in virtual time: the ring's logic, a link in memory, scripted words, a tone."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np

from mynah.app import Conversation
from mynah.audio import SPEECH_HZ
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah_device import talk

KEY = bytes(range(32))
DELAY_MS = 20.0
HOLD_MS = 400
SPEECH_MS = 1024  # after a tap
LONG = "it takes a good three seconds to say all of this aloud, word after word"
NEXT = "the next turn works"
TAP_MS = 100
WORD_MS = 800
LONGEST_S = 300
NEVER_S = 600


class Scene:
    """Everything that takes part."""

    def __init__(self, stages, key=KEY):
        self.ring = SimulatedRing(key, clock_ms=12345)
        self.ring.hears = np.random.default_rng(1).normal(0, 3000, 16 * 60_000).astype(np.int16)
        self.link = MemoryLink(self.ring, KEY, delay_ms=DELAY_MS)
        self.client = RingClient(self.link)
        self.turns = asyncio.Queue()
        self.conversation = Conversation(self.client, stages, self.turns.put_nowait)
        self.running = None

    def press(self):
        self.ring.press(monotonic_ms())
        self.link.pump()

    def release(self):
        self.ring.release(monotonic_ms())
        self.link.pump()

    async def hold(self, ms=HOLD_MS):
        self.press()
        await asyncio.sleep(ms / 1000)
        self.release()

    async def say(self, ms=HOLD_MS):
        """A hold, and what came of it."""
        await self.hold(ms)
        return await self.turn()

    async def turn(self):
        async with asyncio.timeout(NEVER_S):
            return await self.turns.get()

    async def until(self, condition):
        async with asyncio.timeout(NEVER_S):
            while not condition():  # noqa: ASYNC110 - virtual time: it costs little to look again
                await asyncio.sleep(0.005)

    async def sounding(self):
        """Until the host knows that the ring speaks."""
        answer = self.conversation.in_hand.answer
        await self.until(lambda: answer.reply.played is not None)

    def sound(self, since_ms=0):
        return self.ring.sound()[int(since_ms) * 16 :]


class Says:
    """A companion that does what a function does."""

    def __init__(self, reply, close=None):
        self._reply = reply
        self._close = close
        self.closed = False

    async def reply(self, said):
        async for piece in self._reply(said):
            yield piece

    async def close(self):
        self.closed = True
        if self._close is not None:
            raise self._close


class Held(ScriptedTranscriber):
    """Does not hear before it is let go."""

    def __init__(self, *texts):
        super().__init__(texts)
        self.go = asyncio.Event()
        self.cancelled = 0

    async def transcribe(self, samples):
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await super().transcribe(samples)


class Detector:
    """Takes the first so many milliseconds for speech."""

    def __init__(self, speech_ms):
        self._left = speech_ms * SPEECH_HZ // 1000

    def probability(self, frame):
        self._left -= len(frame)
        return float(self._left >= 0)


class Wearer:
    """Says something into the scene's microphone; it is quiet otherwise."""

    def __init__(self, scene):
        self.scene = scene
        self._voice = scene.ring.hears
        scene.ring.hears = np.zeros(LONGEST_S * SPEECH_HZ, np.int16)

    async def taps(self):
        await self.scene.hold(TAP_MS)

    async def says(self, ms=WORD_MS, sound=None):
        """When it began, and what sounded."""
        begin_ms = int(monotonic_ms()) + 1
        sound = self._voice[: ms * 16] if sound is None else sound
        self.scene.ring.hears[begin_ms * 16 : begin_ms * 16 + len(sound)] = sound
        await asyncio.sleep(len(sound) / SPEECH_HZ)
        return begin_ms, sound

    @property
    def is_listened_to(self):
        return self.scene.ring.core.talk.state == talk.OPEN


def stages(*texts, transcriber=None, companion=None, voice=None, **more):
    """Stages that hear these words, turn by turn, unless told otherwise."""
    return Stages(
        transcriber or ScriptedTranscriber(texts),
        Guest("here", companion or Parrot()),
        voice or ToneSynthesizer(),
        **{"new_detector": lambda: Detector(SPEECH_MS), "profile": None} | more,
    )


@asynccontextmanager
async def talking(*texts, **parts):
    async with started(stages(*texts, **parts)) as scene:
        yield scene


@asynccontextmanager
async def started(made):
    """The same with stages that were made elsewhere."""
    scene = Scene(made)
    async with scene.client:
        scene.running = asyncio.create_task(scene.conversation.run(), name="conversation")
        try:
            await scene.conversation.ready.wait()
            await scene.until(lambda: scene.client.session.clock.round_trip_ms is not None)
            yield scene
        finally:
            scene.running.cancel()
            await asyncio.gather(scene.running, return_exceptions=True)


async def well(scene):
    """The next turn works."""
    record = await scene.say()
    assert (record.error, record.heard) == (None, NEXT)
