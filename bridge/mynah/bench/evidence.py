"""What every policy is told of a turn: where the voice paused, and what was heard until then.

One voice detector, one Whisper and one set of words for all, so that they differ in waiting only.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.bench.memo import Memo
from mynah.bench.pauses import Kind, Turn
from mynah.bench.smart_turn import SmartTurn
from mynah.speech.asr import Transcriber
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY, Probabilities, speech_probabilities
from mynah.turn.prosody import Prosody, prosody

FRAME_MS: Final = FRAME_SAMPLES * 1000 // SPEECH_HZ

HEARD_AFTER_MS: Final = 2 * FRAME_MS
"""Of silence, after which what was said is decoded: the first frame may be a doubt."""

JUDGED_AFTER_MS: Final = 200
"""Of silence, after which smart-turn is asked: pipecat's, and better for it than 64."""

LEAST_MS: Final = 160
"""A pause shorter than any policy waits is none."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence after speech."""

    begin_ms: float
    """The end of the last frame of speech."""
    end_ms: float
    """When speech is known to go on; infinite after the last."""
    text: str
    prosody: Prosody
    audio: float | None = None
    """What smart-turn says, where it is here."""
    full_stop: float | None = None
    """How likely Whisper thought that a sentence ends here."""

    @property
    def length_ms(self) -> float:
        return self.end_ms - self.begin_ms

    @property
    def is_last(self) -> bool:
        """Nothing more is heard."""
        return self.end_ms == math.inf


@dataclass(frozen=True, slots=True)
class Evidence:
    """A turn, as a policy hears it."""

    name: str
    speaker: str
    kind: Kind
    done_ms: float
    pauses: tuple[Pause, ...]

    @property
    def recording(self) -> str:
        """What it was made of."""
        return self.name.partition("/")[0]


def spans(probabilities: Probabilities) -> list[tuple[int, int | None]]:
    """(first silent frame, next frame of speech) of each pause; None after the last."""
    speech = np.flatnonzero(probabilities >= SPEECH_PROBABILITY)
    if not len(speech):
        return []
    least = math.ceil(LEAST_MS / FRAME_MS)
    gaps = [
        (int(last) + 1, int(following))
        for last, following in pairwise(speech)
        if following - last > least
    ]
    return [*gaps, (int(speech[-1]) + 1, None)]


class Listener:
    """Makes evidence of turns; what Whisper said of a sound once is kept."""

    def __init__(
        self, transcriber: Transcriber, memo: Memo, smart_turn: SmartTurn | None = None
    ) -> None:
        """The transcriber has been started, or is never needed."""
        self._transcriber = transcriber
        self._memo = memo
        self._smart_turn = smart_turn

    async def hear(self, turn: Turn) -> Evidence:
        """All pauses of a turn."""
        found = spans(speech_probabilities(turn.sound))
        pauses = [await self._pause(turn.sound, *span) for span in found]
        done_ms = turn.done * 1000 / SPEECH_HZ
        return Evidence(turn.name, turn.speaker, turn.kind, done_ms, tuple(pauses))

    async def _pause(self, sound: Samples, begin: int, following: int | None) -> Pause:
        spoken = begin * FRAME_SAMPLES
        heard = sound[: spoken + HEARD_AFTER_MS * SPEECH_HZ // 1000]
        text, full_stop = await self._transcribe(heard)
        judged = sound[: spoken + JUDGED_AFTER_MS * SPEECH_HZ // 1000]
        return Pause(
            begin * FRAME_MS,
            # Speech is known as such when the frame that holds it has ended.
            math.inf if following is None else (following + 1) * FRAME_MS,
            text,
            prosody(sound[:spoken]),
            self._smart_turn.probability(judged) if self._smart_turn else None,
            full_stop,
        )

    async def _transcribe(self, sound: Samples) -> tuple[str, float | None]:
        kept = self._memo.get(sound)
        if kept is None:
            # As a guess in a pause is: the first words that come.
            heard = await self._transcriber.transcribe(sound, patience_ms=0)
            kept = [heard.text, heard.full_stop]
            self._memo.keep(sound, kept)
        text, full_stop = kept
        return text, full_stop
