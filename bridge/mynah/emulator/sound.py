"""The air around the ring, as two recordings on one time line: sample 0 is ring time 0.

Both are raw files that the ring's stand-ins read and write by themselves, sample by sample as their
clock goes: no sound is sent between the processes, so neither can delay the other's.
"""

from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.emulator.noise import NoiseFloor, floor_of, room

_SAMPLE_BYTES: Final = 2
_FADE_SAMPLES: Final = SPEECH_HZ // 50  # 20 ms from one floor to the next
_SETTLE_SAMPLES: Final = SPEECH_HZ // 200  # 5 ms: a clip that ends off zero must not click


def samples_at(ms: float) -> int:
    """The number of the sample at a ring time."""
    return round(ms * SPEECH_HZ / 1000)


class Microphone:
    """What the ring's microphone hears; written ahead of the ring's clock."""

    def __init__(self, path: Path, seed: int = 0) -> None:
        self.path = path
        self.written = 0
        """Up to here the recording is complete."""
        self._said = 0  # up to here it holds more than a floor
        self._seed = seed
        self._floor = room(seed)
        self._file = path.open("w+b", buffering=0)

    def fill(self, until: int) -> None:
        """Go on with the noise floor up to a sample."""
        if until > self.written:
            self._put(self.written, self._floor.at(self.written, until - self.written))

    def say(self, clip: Samples, start: int, now: int) -> int:
        """Put a clip at sample `start`, its own noise floor before and after; return its end.

        What lies before `now` has been heard already and stays. The clip's samples are untouched.
        """
        if start < max(now, self._said):
            taken = f"the ring is at {now}, the last clip goes to {self._said}"
            raise ValueError(f"sample {start} is taken: {taken}")
        self.fill(start)
        old, self._floor = self._floor, floor_of(clip, self._seed)
        self._change_floor(old, max(now, self._said + _SETTLE_SAMPLES), start)
        self.write(start, clip)
        end = start + len(clip)
        last = int(clip[-1]) if len(clip) else 0
        self._put(end, _settling(self._floor, end, last))
        self.written = end + _SETTLE_SAMPLES
        return end

    def write(self, start: int, samples: Samples) -> None:
        """Put sound at a sample, over the floor; one that is live comes in this way."""
        self._put(start, samples)
        self._said = start + len(samples)

    def samples(self, until: int) -> Samples:
        """All that was heard before a sample."""
        return _read(self.path, 0, until)

    def close(self) -> None:
        """Stop writing."""
        self._file.close()

    def _change_floor(self, old: NoiseFloor, start: int, end: int) -> None:
        if start >= end:
            return
        fade = min(_FADE_SAMPLES, end - start)
        share = np.linspace(0, 1, fade)
        mixed = (1 - share) * old.at(start, fade) + share * self._floor.at(start, fade)
        self._put(start, np.rint(mixed).astype(np.int16))
        self._put(start + fade, self._floor.at(start + fade, end - start - fade))

    def _put(self, start: int, samples: Samples) -> None:
        self._file.seek(start * _SAMPLE_BYTES)
        self._file.write(samples.astype("<i2").tobytes())
        self.written = max(self.written, start + len(samples))


class Speaker:
    """What the ring's speaker played; the ring writes each DMA buffer once it has been played."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(b"")

    def samples(self, start: int, end: int) -> Samples:
        """What was played between two samples; the last 20 ms may not be written yet."""
        return _read(self.path, start, end)


def _settling(floor: NoiseFloor, start: int, last: int) -> Samples:
    """The floor after a clip, led to smoothly from the clip's last sample."""
    noise = floor.at(start, _SETTLE_SAMPLES)
    led = noise + (last - noise[0]) * np.linspace(1, 0, _SETTLE_SAMPLES)
    return np.asarray(np.clip(np.rint(led), -FULL_SCALE, FULL_SCALE - 1), np.int16)


def _read(path: Path, start: int, end: int) -> Samples:
    """Samples of a raw file; where nothing was written there was silence."""
    with path.open("rb") as file:
        file.seek(start * _SAMPLE_BYTES)
        data = file.read((end - start) * _SAMPLE_BYTES)
    samples = np.zeros(end - start, np.int16)
    found = np.frombuffer(data, "<i2", len(data) // _SAMPLE_BYTES)
    samples[: len(found)] = found
    return samples
