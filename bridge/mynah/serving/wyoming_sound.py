"""Sound as Wyoming sends it: chunks with their rate, in and out. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.resample import Resampler
from mynah.serving.sound_in import LONGEST_S
from mynah.serving.wyoming_wire import Event, WyomingError

WIDTH_BYTES: Final = 2
MOST_CHANNELS: Final = 8
LOWEST_HZ: Final = 4000
HIGHEST_HZ: Final = 192_000

CHUNK: Final = SPEECH_HZ // 10
"""A tenth of a second an event."""

_FORM: Final = {"rate": SPEECH_HZ, "width": WIDTH_BYTES, "channels": 1}


class Heard:
    """What was said so far, at our rate."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._parts: list[Samples] = []
        self._length = 0
        self._form: tuple[int, int] | None = None
        self._resampler: Resampler | None = None

    def take(self, event: Event) -> None:
        """WyomingError for sound that can't be heard, or too much of it."""
        if event.type == "audio-start":
            self._begin()
        rate_hz = event.number("rate", SPEECH_HZ, LOWEST_HZ, HIGHEST_HZ)
        channels = event.number("channels", 1, 1, MOST_CHANNELS)
        event.number("width", WIDTH_BYTES, WIDTH_BYTES, WIDTH_BYTES)
        if self._form != (rate_hz, channels):
            self._form, self._resampler = (rate_hz, channels), Resampler(rate_hz, SPEECH_HZ)
        if event.payload and self._resampler is not None:
            frame_bytes = WIDTH_BYTES * channels
            whole = event.payload[: len(event.payload) // frame_bytes * frame_bytes]
            sound = np.frombuffer(whole, "<i2").reshape(-1, channels).mean(axis=1)
            self._add(self._resampler.push(sound.astype(np.float32) / np.float32(FULL_SCALE)))

    def finish(self) -> Samples:
        """All of it; the next begins anew."""
        if self._resampler is not None:
            self._parts.append(self._resampler.finish())
        parts = self._parts
        self._begin()
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def _add(self, part: Samples) -> None:
        self._length += len(part)
        if self._length > LONGEST_S * SPEECH_HZ:
            self._begin()
            raise WyomingError(f"more than {LONGEST_S // 60} minutes at once; send less")
        self._parts.append(part)


def sound_events(samples: Samples | None, *, begin: bool) -> Iterator[Event]:
    """Some of what is said, with a head if it begins with this."""
    if begin:
        yield Event("audio-start", dict(_FORM))
    if samples is not None:
        for start in range(0, len(samples), CHUNK):
            part = samples[start : start + CHUNK].astype("<i2").tobytes()
            yield Event("audio-chunk", dict(_FORM), part)
