"""The playing end: a ring that says what was captured, and stages that answer what was captured."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, Final

import numpy as np

from mynah.audio import Samples
from mynah.capture.session import Call, Connection, Queues
from mynah.companions.base import Said
from mynah.companions.guest import Guest
from mynah.errors import CompanionError, WorkerError
from mynah.link.aead import Ccm
from mynah.speech.asr import PATIENCE_MS, Transcript
from mynah.speech.tts import Voice
from mynah.stages import Stages
from mynah.turn.delay import Profile
from mynah.turn.patience import Patience
from mynah_wire.channel import OPEN, Channel, is_sealed
from mynah_wire.clock import wrap_ms
from mynah_wire.downlink import Ping
from mynah_wire.errors import WireError
from mynah_wire.handshake import KEY_BYTES, NONCE_BYTES, RING
from mynah_wire.message import Message
from mynah_wire.uplink import Pong, Ready

KEY: Final = bytes(KEY_BYTES)
"""The capture holds none: between the player and its bridge any will do."""

AFTER_MS: Final = 20_000.0
"""The ring stays so long after its last word: every turn is over by then."""

UNASKED: Final = "this was not asked when it was captured"


class PlayedRing:
    """Says what was captured, when it was said; it answers nothing but pings."""

    def __init__(self, connection: Connection) -> None:
        self.hung_up = False
        self._says = deque(connection.says)
        ready = next((pair for pair in connection.says if isinstance(pair[1], Ready)), None)
        self._first_ms = ready[0] if ready else 0.0
        self._ring_ms = ready[1].device_ms if ready and isinstance(ready[1], Ready) else 0
        self.device_id = ready[1].device_id.hex() if ready and isinstance(ready[1], Ready) else ""
        self._channel: Channel | None = None
        self._begun_ms: float | None = None  # when it was proven
        self._records: list[bytes] = []

    def connected(self, mtu: int, now_ms: float) -> None:
        """The host is there."""
        del now_ms
        self._channel = Channel(RING, KEY, Ccm, bytes(NONCE_BYTES), mtu)

    def disconnected(self, now_ms: float) -> None:
        """The host is gone."""

    def receive(self, record: bytes, now_ms: float) -> None:
        """The host sent a record."""
        if self._channel is None:
            return
        if not is_sealed(record):
            answer = self._channel.receive_plain(record)
            self._records += [answer] if answer else []
            if self._channel.state == OPEN and self._begun_ms is None:
                self._begun_ms = now_ms
            return
        try:
            message = self._channel.receive(record)
        except WireError:
            return
        if isinstance(message, Ping) and self._begun_ms is not None:
            ring_ms = wrap_ms(round(self._ring_ms + now_ms - self._begun_ms))
            self._say(Pong(message.token, ring_ms))

    def advance(self, now_ms: float) -> list[bytes]:
        """Say all that is due."""
        while self._says and (due_ms := self._due_ms()) is not None and due_ms <= now_ms:
            _, message = self._says.popleft()
            self._end_ms = now_ms + AFTER_MS
            if not isinstance(message, Pong):
                self._say(message)
        due_ms = self.deadline_ms()
        if not self._says and due_ms is not None and due_ms <= now_ms:
            self.hung_up = True
        records, self._records = self._records, []
        return records

    def deadline_ms(self) -> float | None:
        """When it has something to say, or hangs up."""
        if self._begun_ms is None or self.hung_up:
            return None
        return self._due_ms() if self._says else self._end_ms

    _end_ms = AFTER_MS

    def _due_ms(self) -> float | None:
        if self._begun_ms is None:
            return None
        return self._begun_ms + self._says[0][0] - self._first_ms

    def _say(self, message: Message) -> None:
        if self._channel is not None:
            pieces = self._channel.pieces(message)
            self._records += [self._channel.seal_piece(piece) for piece in pieces]


def played_stages(connection: Connection) -> Stages:
    """Stages that answer what was captured, when it came."""
    queues, given = Queues(connection.calls), connection.stages
    voices: Iterator[list[float]] = (voice for _, voice in sorted(connection.voices.items()))
    profile = given["profile"]
    stages = Stages(
        PlayedTranscriber(queues),
        Guest("played", PlayedCompanion(queues)),
        PlayedVoice(queues),
        new_detector=lambda: PlayedDetector(next(voices, [])),
        volume=given["volume"],
        hands_free=given["hands_free"],
        captions=given["captions"],
        profile=None if profile is None else Profile(profile),
        attempts=given["attempts"],
    )
    stages.patience = PlayedPatience(stages.profile, connection.judged)
    return stages


async def _played(call: Call) -> AsyncGenerator[Any, None]:
    """What was given, when it was; WorkerError if it failed then."""
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    for after_ms, item in call.gave:
        await asyncio.sleep(max(0.0, begun_s + after_ms / 1000 - loop.time()))
        yield item
    if call.done_ms is None:
        await asyncio.Event().wait()  # nobody waited for the rest
    elif call.error is not None:
        await asyncio.sleep(max(0.0, begun_s + call.done_ms / 1000 - loop.time()))
        raise WorkerError(call.error)


class PlayedTranscriber:
    """Hears what was heard, in order."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        async with aclosing(self.versions(samples, patience_ms=patience_ms)) as versions:
            return [version async for version in versions][-1]

    async def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        del samples, patience_ms
        call = self._queues.take("words", "")
        if call is None:
            raise WorkerError(UNASKED)
        async with aclosing(_played(call)) as given:
            async for item in given:
                yield Transcript(**item)

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        del samples, captions
        call = self._queues.take("caption", "")
        if call is None:
            return None
        async with aclosing(_played(call)) as given:
            return [item and Transcript(**item) async for item in given][-1]


class PlayedCompanion:
    """Answers the same words as it did."""

    free = True

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    async def reply(self, said: Said) -> AsyncGenerator[str, None]:
        call = self._queues.take("reply", said.text)
        if call is None:
            raise CompanionError(UNASKED)
        async with aclosing(_played(call)) as given:
            try:
                async for item in given:
                    yield item
            except WorkerError as error:
                raise CompanionError(str(error)) from error

    async def close(self) -> None:
        pass


class PlayedVoice:
    """Takes as long for each clause as it did; what it says is silence."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def reply(self) -> Voice:
        return self

    async def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        call = self._queues.take("sound", text)
        if call is None:
            raise WorkerError(UNASKED)
        async with aclosing(_played(call)) as given:
            async for samples in given:
                yield np.zeros(samples, np.int16)


class PlayedDetector:
    """Tells what was told of each frame; of further ones, that nobody speaks."""

    def __init__(self, probabilities: list[float]) -> None:
        self._probabilities = iter(probabilities)

    def probability(self, frame: Samples) -> float:
        del frame
        return next(self._probabilities, 0.0)


class PlayedPatience(Patience):
    """Judges as it was judged: without the voice it could not be judged again."""

    def __init__(self, profile: Profile | None, judged: list[tuple[str, float, float]]) -> None:
        super().__init__(profile)
        self._judged = deque(judged)

    def judge(self, transcript: Transcript, speech: Samples) -> tuple[float, float]:
        if self._judged and self._judged[0][0] == transcript.text:
            _, wait_ms, over = self._judged.popleft()
            return wait_ms, over
        return super().judge(transcript, speech)
