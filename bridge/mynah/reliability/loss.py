"""What lost records cost: words heard beside those of a link that loses none.

Recordings are said into a simulated ring, over the whole link, of which records are lost at random
above its own repetitions; what the host has of each is heard by Whisper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.bench.clips import Clip
from mynah.bench.wer import word_error_rate, words
from mynah.faults.plan import parse
from mynah.reliability.ledger import ViolationError
from mynah.reliability.numbered import CODEC
from mynah.reliability.world import World
from mynah.speech.asr import Transcriber
from mynah_wire.adpcm import new_state

SHARES: Final = (0.0, 0.01, 0.05)
"""Of all records, both ways, the handshake's included."""

PATIENCE_MS: Final = 120_000.0
"""A handshake may be lost again and again; then it is slow, and no more."""

STEP_MS: Final = 100.0
PERCENT: Final = 100


class Recording:
    """A voice that says one recording, whatever is pressed, and is silent after it."""

    def __init__(self, sound: Samples) -> None:
        self._state = new_state()
        count = -(-len(sound) // CODEC.frame_samples)
        padded = np.concatenate([sound, np.zeros(CODEC.frame_samples, np.int16)])
        self._frames = [self._encode(padded, number) for number in range(count)]
        self._after = self._encode(np.zeros_like(padded), 0)

    def frame(self, _number: int, place: int) -> bytes:
        return self._frames[place] if place < len(self._frames) else self._after

    def read(self, _data: bytes) -> str:
        return "another sound"

    def _encode(self, sound: Samples, number: int) -> bytes:
        data, first = bytearray(CODEC.frame_bytes), number * CODEC.frame_samples
        pcm = sound[first : first + CODEC.frame_samples].astype("<i2").tobytes()
        CODEC.encode_frame(pcm, data, 0, self._state)
        return bytes(data)


@dataclass(frozen=True, slots=True)
class Carried:
    """One recording at the other end."""

    sound: Samples
    frames: int
    lost: int
    worst_samples: int
    """The most samples that one lost frame changed; whatever changed elsewhere is added."""


def carried(sound: Samples, share: float, seed: int) -> Carried:
    """Say it over a link that loses such a share of its records."""
    drop = f" drop={PERCENT * share:g}%" if share else ""
    world = World(parse(f"seed={seed}{drop}"), Recording(sound))
    heard: dict[int, dict[int, bytes]] = {}
    world.ledger.heard = heard
    _until(world, lambda: world.host.ready)
    world.press()
    world.run(world.now_ms + len(sound) * 1000 / SPEECH_HZ)
    world.release()
    _until(world, lambda: bool(heard))
    spoken = world.ledger.spoken[0]
    said = {place: world.ledger.voice.frame(0, place) for place in range(spoken.frames)}
    clean, came = _decoded(said, len(said)), _decoded(heard[0], len(said))
    return Carried(came, spoken.frames, spoken.missing, _worst(clean, came, set(heard[0])))


async def measure(
    clips: Sequence[Clip], transcriber: Transcriber, model: str, on_clip: Callable[[], None]
) -> dict[str, Any]:
    """Every clip at every share; the figures of a result."""
    shares = []
    for share in SHARES:
        heard, each = [], []
        for number, clip in enumerate(clips, 1):
            each.append(carried(read_speech(clip.path), share, number))
            heard.append((clip.words, (await transcriber.transcribe(each[-1].sound)).text))
            on_clip()
        shares.append(
            {
                "share": share,
                "frames": sum(one.frames for one in each),
                "lost": sum(one.lost for one in each),
                "worst_samples": max(one.worst_samples for one in each),
                "wer": word_error_rate(heard),
            }
        )
    counted = sum(len(words(clip.words)) for clip in clips)
    return {"clips": len(clips), "words": counted, "model": model, "shares": shares}


def _until(world: World, condition: Callable[[], bool]) -> None:
    limit_ms = world.now_ms + PATIENCE_MS
    while not condition():
        if world.now_ms > limit_ms:
            raise ViolationError(f"nothing came of it within {PATIENCE_MS / 1000:g} s")
        world.run(world.now_ms + STEP_MS)


def _decoded(frames: dict[int, bytes], count: int) -> Samples:
    pcm = bytearray(count * CODEC.pcm_bytes)
    for place, data in frames.items():
        CODEC.decode_frame(data, 0, pcm, place * CODEC.pcm_bytes)
    return np.frombuffer(bytes(pcm), "<i2").astype(np.int16)


def _worst(clean: Samples, came: Samples, here: set[int]) -> int:
    changed = (clean != came).reshape(-1, CODEC.frame_samples).sum(axis=1)
    of_lost = [int(count) for place, count in enumerate(changed) if place not in here]
    elsewhere = sum(int(count) for place, count in enumerate(changed) if place in here)
    return max(of_lost, default=0) + elsewhere
