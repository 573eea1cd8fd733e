"""Whatever becomes of link, bridge, ring and companion: all that is said is answered once, or told.

Each utterance is a tone of its own, so that the transcriber hears which ones it was given. What the
inbox makes of them without a conversation is chaos's (`mynah.reliability.chaos`).
"""

import asyncio
from collections import Counter
from itertools import count

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynah.answering import NOTHING_HEARD
from mynah.audio import SPEECH_HZ
from mynah.companions.base import Act
from mynah.errors import CompanionError
from mynah.link.client import monotonic_ms
from mynah.speech.asr import Transcript
from mynah_device import talk
from tests.bridge.home import Home
from tests.bridge.listening import Loud
from tests.bridge.virtual_time import in_virtual_time

LONGEST_S = 900
TAP_MS = 100
DOUBLE_MS = 400  # a press sooner after a tap is a double tap, whatever is said in it
SAYS_MS = 600
BLOCK = SPEECH_HZ // 10
SETTLED_S = 150  # all that waits is answered, or given up
LOWEST_HZ, STEP_HZ = 300, 100
LOUD = 1000


def tone(number, duration_ms):
    time_s = np.arange(duration_ms * SPEECH_HZ // 1000) / SPEECH_HZ
    hz = LOWEST_HZ + STEP_HZ * number
    return (8000 * np.sin(2 * np.pi * hz * time_s)).astype(np.int16)


def numbers_in(samples):
    """Which utterances sound in it, each once."""
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    found = []
    for block in blocks:
        if np.abs(block).max() >= LOUD:
            hz = np.argmax(np.abs(np.fft.rfft(block))) * SPEECH_HZ / BLOCK
            found.append(round((hz - LOWEST_HZ) / STEP_HZ))
    return list(dict.fromkeys(number for number in found if found.count(number) > 1))


class Ears:
    """Knows the tones; as slow as is wished."""

    def __init__(self):
        self.takes_s = 0.1

    async def start(self):
        pass

    async def stop(self):
        pass

    async def transcribe(self, samples):
        await asyncio.sleep(self.takes_s)
        words = " ".join(f"number{number}" for number in numbers_in(samples))
        return Transcript(words, "en", 0.0, 0.0, len(samples) / SPEECH_HZ)

    async def versions(self, samples, **_):
        yield await self.transcribe(samples)

    async def follow(self, samples, *, captions=True):
        pass


class Moody:
    """Answers in words, with a touch, slowly, or not at all; lets go of it when it likes."""

    def __init__(self):
        self.mood = "words"

    async def reply(self, said):
        mood = self.mood
        try:
            if mood == "slow":
                await asyncio.sleep(3.0)
            if mood == "fails":
                raise CompanionError("the companion is down")
            yield Act("hug") if mood == "felt" else f"{said.text} "
            if mood == "long":
                yield "and a long story about it, which goes on for quite some time, and on."
        finally:
            if mood == "clings":
                await asyncio.sleep(5.0)


class World(Home):
    """A wearer of such a ring; who keeps the button held through a change of bridge may."""

    def __init__(self, **more):
        self.sound = np.zeros(LONGEST_S * SPEECH_HZ, np.int16)
        self.companion = Moody()
        self.parts = {
            "transcriber": Ears(),
            "companion": self.companion,
            "new_detector": Loud,
            **more,
        }
        self.numbers = count()
        self.said = []
        self.boots = 1
        self.running = None
        super().__init__(**self.parts)

    def boot(self, boot_id):
        super().boot(boot_id)
        self.ring.hears = self.sound

    async def speak(self, ms):
        """Held and let go; it counts if the ring took it for more than a touch."""
        self.said.append(self.sounds(ms))
        await self.hold(ms)

    def sounds(self, ms):
        """The next utterance, about the ring; its number."""
        number = next(self.numbers)
        at = (int(monotonic_ms()) + 20) * SPEECH_HZ // 1000
        heard = tone(number, ms - 40)
        self.sound[at : at + len(heard)] = heard
        return number

    async def tap(self):
        await self.hold(TAP_MS)


class HandsFreeWorld(World):
    """A tap opens the microphone; what is said while it is open counts."""

    def __init__(self):
        super().__init__(hands_free=True)

    @property
    def listens(self):
        return self.ring.core.talk.state == talk.OPEN

    async def speak(self, ms):
        if not self.listens:
            await self.tap()
            await self.live(DOUBLE_MS)
        listened = self.listens
        number = self.sounds(ms)
        await self.live(ms)
        if listened and self.listens:
            self.said.append(number)


async def act(world, steps, link):
    """`link` has the connection, so that it can be lost and found."""
    for what, ms in steps:
        match what:
            case "speak":
                await world.speak(SAYS_MS + ms % 900)
            case "tap":
                await world.tap()
            case "tap twice":
                await world.tap()
                await world.live(60)
                await world.tap()
            case "lose":
                await link.lose()
            case "find":
                await link.find()
            case "die":
                await link.die()
            case _:
                world.companion.mood = what
        await world.live(max(ms, DOUBLE_MS) if what.startswith("tap") else ms)


class Connection:
    """One after the other."""

    def __init__(self, world):
        self._world = world
        self._context = None
        self._running = None

    async def find(self):
        if self._context is None:
            self._context = self._world.connected()
            self._running = await self._context.__aenter__()

    async def lose(self):
        if self._context is not None:
            context, self._context = self._context, None
            await self._world.cut(self._running)
            await context.__aexit__(None, None, None)

    async def die(self):
        """The bridge, in the middle of anything; another one is begun with what the disk has."""
        self._world.die()
        await self.lose()
        self._world.begin(**self._world.parts)


waits_ms = st.sampled_from([20, 60, 150, 400, 900, 2500, 12_000])
moods = st.sampled_from(["words", "felt", "slow", "fails", "clings", "long"])
what = st.one_of(
    st.sampled_from(["speak", "speak", "speak", "tap", "tap twice", "lose", "find", "find"]), moods
)
scripts = st.lists(st.tuples(what, waits_ms), min_size=3, max_size=25)


def reached(record):
    """Whether the wearer had any of the answer; who interrupts it has not heard a word, maybe."""
    return record.reply_start_ms is not None or bool(record.felt)


def numbers(words):
    return [int(word.removeprefix("number")) for word in words.split() if word[-1:].isdigit()]


def answered(world):
    """Which were."""
    return {number for each in world.turns if reached(each) for number in numbers(each.transcript)}


def heard(world):
    """How often the answer to each was, by its words; it may be felt once besides."""
    return Counter(number for record in world.turns for number in numbers(record.heard))


def excused(world):
    """What was told to be lost, by a turn that names it or by one that can't."""
    named, unnamed = set(), 0
    for record in world.turns:
        if record.error and not record.kept and not reached(record):
            named |= set(numbers(record.transcript))
            unnamed += not record.transcript and record.error != NOTHING_HEARD  # a tap, maybe
    return named, unnamed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts)
def test_all_that_is_said_is_answered_once_or_told(steps):
    world = World()
    in_virtual_time(live_through)(world, steps)

    assert max(heard(world).values(), default=0) <= 1, (heard(world), world.turns)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts)
def test_hands_free_it_is_answered_or_told(steps):
    """More than once where the wearer goes on within a second, and the answer is taken back."""
    in_virtual_time(live_through)(HandsFreeWorld(), steps)


async def live_through(world, steps):
    link = Connection(world)
    await link.find()
    await act(world, steps, link)
    world.companion.mood = "words"
    await link.find()
    await asyncio.sleep(SETTLED_S)
    await link.lose()

    named, unnamed = excused(world)
    missing = set(world.said) - answered(world) - named
    assert len(missing) <= unnamed, (missing, world.turns)
