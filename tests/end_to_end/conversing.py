"""A conversation inside the test, without models: scripted words, a parrot, a tone for a voice.

Ring, radio, protocol and turns are the real ones.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from mynah.app import Conversation
from mynah.audio import SPEECH_HZ, Samples
from mynah.companions.base import Companion
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.emulated import Fate, emulated
from mynah.emulator.light_truth import Lamp, lies
from mynah.emulator.ring import EmulatedRing
from mynah.emulator.trace import Event
from mynah.emulator.wearer import Wearer
from mynah.link.client import RingClient
from mynah.speech.asr import ScriptedTranscriber, Transcriber
from mynah.speech.tts import Synthesizer, ToneSynthesizer
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah_wire.clock import PERIOD_MS
from mynah_wire.message import Message

DEADLINE_S = 20

Kind = TypeVar("Kind", bound=Message)


class Ears(RingClient):
    """Keeps everything that the ring says."""

    def __init__(self, link):
        super().__init__(link)
        self.heard: list[Message] = []
        self._news = asyncio.Condition()

    async def messages(self) -> AsyncGenerator[Message, None]:
        async with aclosing(super().messages()) as messages:
            async for message in messages:
                self.heard.append(message)
                async with self._news:
                    self._news.notify_all()
                yield message

    async def listen(self) -> None:
        """All that it says, until the link is gone."""
        async with aclosing(self.messages()) as messages:
            async for _ in messages:
                pass

    async def until(
        self, kind: type[Kind], wanted: Callable[[Kind], bool] = lambda _: True
    ) -> Kind:
        """The first such message, heard already or to come."""

        def found() -> Kind | None:
            return next((each for each in self.heard if type(each) is kind and wanted(each)), None)

        async with asyncio.timeout(DEADLINE_S), self._news:
            message: Kind = await self._news.wait_for(found)
        return message


@dataclass
class Talking:
    """Everything that takes part."""

    ring: EmulatedRing
    client: Ears
    transcriber: ScriptedTranscriber
    turns: asyncio.Queue[TurnRecord]
    running: asyncio.Task[None]

    async def say(self, clip: Samples) -> TurnRecord:
        """A hold; returns when the reply has been played, or the turn is over without one."""
        await Wearer(self.ring.world).say(clip)
        return await self.turn()

    async def turn(self) -> TurnRecord:
        """The next turn that is over."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.turns.get()

    def ring_ms(self, device_ms: float) -> float:
        """A time as the ring tells it, counted from when the ring was switched on."""
        return (device_ms - self.ring.clock.epoch_us / 1000) % PERIOD_MS

    async def until(self, ring_ms: float) -> None:
        """Wait for a ring time."""
        await asyncio.sleep(max(0.0, ring_ms - self.ring.world.now_ms) / 1000)


@asynccontextmanager
async def talking(
    *texts: str,
    link: str = "emulator:",
    trace: Path | None = None,
    firmware: Path | None = None,
    transcriber: Transcriber | None = None,
    companion: Companion | None = None,
    voice: Synthesizer | None = None,
    guesses: bool = True,
    fate: Fate | None = None,
) -> AsyncIterator[Talking]:
    """A conversation in which the bridge hears `texts`, one in each turn, whatever is said.

    In the end the ring's light must have told the truth all the time.
    """
    scripted = ScriptedTranscriber(texts)
    stages = Stages(
        transcriber or scripted,
        companion or Guest("parrot", Parrot()),
        voice or ToneSynthesizer(),
    )
    if not guesses:
        stages.attempts, stages.profile = 0, None
    turns: asyncio.Queue[TurnRecord] = asyncio.Queue()
    events: list[Event] = []
    async with emulated(link, trace, firmware, fate) as on, Ears(on.link) as client:
        on.ring.trace.listen(events.append)
        conversation = Conversation(client, stages, turns.put_nowait)
        running = asyncio.create_task(conversation.run(), name="conversation")
        try:
            async with asyncio.timeout(DEADLINE_S):
                await conversation.ready.wait()
            yield Talking(on.ring, client, scripted, turns, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert lies(events, lamp_of(on.ring)) == []


def lamp_of(ring: EmulatedRing) -> Lamp:
    """As its board has it."""
    return Lamp(str(ring._of_board("LAMP", "")), int(str(ring._of_board("LAMP_PIN", 0))))


def murmur(seconds: float, seed: int = 1) -> Samples:
    """Something to say: hiss that comes and goes like syllables, loud from its first sample."""
    times = np.arange(round(seconds * SPEECH_HZ)) / SPEECH_HZ
    loudness = 3000 * (1 + np.cos(2 * np.pi * 4 * times)) / 2 + 300
    return (np.random.default_rng(seed).normal(0, 1, len(times)) * loudness).astype(np.int16)
