"""Words: how soon after a clip's end they are there, and how many of them are wrong.

Each clip is heard in all three ways before the next, so that they share the machine's noise. The
voice detector has heard all but the last half second before the clock starts: it works meanwhile.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.bench.clips import Clip, ended
from mynah.bench.machine import machine
from mynah.bench.wer import word_error_rate
from mynah.errors import AudioError
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.guards import goes_round
from mynah.speech.vad import last_speech_end
from mynah.speech.worker import Worker
from mynah.view import View

SPLICED: Final = "spliced"
GATED: Final = "gated"
STOCK: Final = "stock_beam5"
WAYS: Final = (SPLICED, GATED, STOCK)

LAST_SAMPLES: Final = SPEECH_HZ // 2

DEADLINE_S: Final = 120.0
"""faster-whisper decodes up to six times, at rising temperatures."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One clip, heard in one way."""

    clip: Clip
    way: str
    seconds: float
    """How long the clip is."""
    text: str
    ms: float


@dataclass(frozen=True, slots=True)
class AsrResult:
    """What came of it."""

    model: str
    language: str
    hearings: tuple[Hearing, ...]

    def of(self, way: str) -> list[Hearing]:
        """Clip by clip."""
        return [hearing for hearing in self.hearings if hearing.way == way]

    def wer(self, way: str) -> float:
        """A fraction of the words."""
        return word_error_rate((each.clip.words, each.text) for each in self.of(way))

    def loops(self, way: str) -> list[Hearing]:
        """The clips in which it went round in circles; what people say twice is none."""
        return [
            each
            for each in self.of(way)
            if goes_round(each.text) and not goes_round(each.clip.words)
        ]

    def percentile_ms(self, way: str, percent: float) -> float:
        return float(np.percentile([each.ms for each in self.of(way)], percent))

    def ratio(self, way: str) -> float:
        """Of its median to stock's."""
        return self.percentile_ms(way, 50) / self.percentile_ms(STOCK, 50)

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        ways = {
            way: {
                "wer": round(self.wer(way), 4),
                "p50_ms": round(self.percentile_ms(way, 50), 1),
                "p95_ms": round(self.percentile_ms(way, 95), 1),
                "n": len(self.of(way)),
                "loops": len(self.loops(way)),
            }
            for way in WAYS
        }
        return {
            "model": self.model,
            "language": self.language,
            "clips": len(self.of(STOCK)),
            **ways,
            "ratio_spliced": round(self.ratio(SPLICED), 3),
            "ratio_gated": round(self.ratio(GATED), 3),
            "machine": machine(),
        }


async def measure(
    clips: Sequence[Clip], model: str, folder: Path, language: str, view: View
) -> AsrResult:
    """Every clip, in each of the ways; `folder` is the model's."""
    known = None if language == "auto" else language
    ours = WhisperTranscriber(folder, language=known)
    options = [str(folder), "--language", known or ""]
    stock = Worker.of_module("faster-whisper", "mynah.bench.stock_worker", *options)
    hearings: list[Hearing] = []
    try:
        with view.busy(f"loading {model}, twice"):
            await ours.start()
            await stock.start()
        for number, clip in enumerate(clips, 1):
            with view.busy(f"{clip.path.stem}: {number} of {len(clips)}"):
                samples = await asyncio.to_thread(_spoken, clip)
                hearings += await _ours(ours, clip, samples)
                hearings.append(await _stock(stock, clip, samples))
    finally:
        await ours.stop()
        await stock.stop()
    return AsrResult(model, language, tuple(hearings))


def _spoken(clip: Clip) -> Samples:
    """As a turn has it when its speaker is done."""
    sound = read_speech(clip.path)
    done = last_speech_end(sound)
    if done is None:
        raise AudioError(f"{clip.path}: no speech is heard in it; take it out of the manifest")
    return ended(sound, done)


async def _ours(whisper: WhisperTranscriber, clip: Clip, samples: Samples) -> list[Hearing]:
    """The first words and the last ones: one decode has both."""
    await whisper.overhear(samples[:-LAST_SAMPLES])
    began = time.perf_counter()
    found: list[tuple[str, float]] = []
    async with aclosing(whisper.versions(samples, patience_ms=inf)) as versions:
        async for version in versions:
            found.append((version.text, _ms_since(began)))  # noqa: PERF401 - each has its own time
    seconds = len(samples) / SPEECH_HZ
    return [
        Hearing(clip, SPLICED, seconds, *found[0]),
        Hearing(clip, GATED, seconds, *found[-1]),
    ]


async def _stock(worker: Worker, clip: Clip, samples: Samples) -> Hearing:
    began = time.perf_counter()
    replies = await worker.ask({}, samples.astype("<i2").tobytes(), deadline_s=DEADLINE_S)
    text = replies[0].fields["text"]
    return Hearing(clip, STOCK, len(samples) / SPEECH_HZ, text, _ms_since(began))


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
