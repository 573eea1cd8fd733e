"""Speech as other programs want it: WAV, raw, or compressed by FFmpeg, piece by piece."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples

if TYPE_CHECKING:
    from av import AudioFrame

RAW_HZ: Final = 24_000
"""Of `pcm`, which has no head to say it: what every client of OpenAI's takes it for."""

UNKNOWN_BYTES: Final = 0xFFFF_FFFF
"""In the head of a WAV whose end is not known yet, as streams are written."""

SLOWEST: Final = 0.25
FASTEST: Final = 4.0
"""Speeds, as OpenAI has them."""

_SLOWEST_STEP: Final = 0.5
"""FFmpeg's filter goes no slower in one step."""


@dataclass(frozen=True, slots=True)
class Form:
    """How sound is written."""

    content_type: str
    container: str = ""
    """As FFmpeg calls it; empty if we write it ourselves."""
    codec: str = ""
    options: tuple[tuple[str, str], ...] = ()


FORMS: Final = {
    "mp3": Form("audio/mpeg", "mp3", "libmp3lame"),
    # Pages of 0.2 s, else the first comes after a second.
    "opus": Form("audio/ogg", "opus", "libopus", (("page_duration", "200000"),)),
    "aac": Form("audio/aac", "adts", "aac"),
    "flac": Form("audio/flac", "flac", "flac"),
    "wav": Form("audio/wav"),
    "pcm": Form("audio/pcm"),
}


class Encoder(Protocol):
    """One stream of sound."""

    def push(self, samples: Samples) -> bytes:
        """What can be sent of it now."""

    def finish(self) -> bytes:
        """The rest."""


def encoder(name: str, speed: float = 1.0) -> Encoder:
    """For one of FORMS."""
    inner: Encoder = _of(name)
    return inner if speed == 1.0 else _Hurried(inner, speed)


def _of(name: str) -> Encoder:
    if name == "wav":
        return _Wav()
    return _Raw() if name == "pcm" else _Compressed(FORMS[name])


class _Wav:
    def __init__(self) -> None:
        self._head = wav_head()

    def push(self, samples: Samples) -> bytes:
        head, self._head = self._head, b""
        return head + samples.astype("<i2").tobytes()

    def finish(self) -> bytes:
        head, self._head = self._head, b""
        return head


class _Raw:
    def __init__(self) -> None:
        from mynah.audio.resample import Resampler

        self._resampler = Resampler(SPEECH_HZ, RAW_HZ)

    def push(self, samples: Samples) -> bytes:
        sound = samples.astype(np.float32) / np.float32(FULL_SCALE)
        return self._resampler.push(sound).astype("<i2").tobytes()

    def finish(self) -> bytes:
        return self._resampler.finish().astype("<i2").tobytes()


class _Sink:
    """Where FFmpeg writes: it can't go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


class _Compressed:
    def __init__(self, form: Form) -> None:
        import av  # FFmpeg's libraries, for who wants them

        self._sink = _Sink()
        output: Any = av.open(self._sink, "w", format=form.container, options=dict(form.options))
        self._output = output
        self._stream = output.add_stream(form.codec, rate=SPEECH_HZ, layout="mono")

    def push(self, samples: Samples) -> bytes:
        if len(samples):
            self._mux(_frame(samples))
        return self._sink.taken()

    def finish(self) -> bytes:
        self._mux(None)
        self._output.close()
        return self._sink.taken()

    def _mux(self, frame: "AudioFrame | None") -> None:
        for packet in self._stream.encode(frame):
            self._output.mux(packet)


class _Hurried:
    """Faster or slower, in the same pitch: Piper has one pace."""

    def __init__(self, inner: Encoder, speed: float) -> None:
        import av.filter

        self._inner = inner
        self._pushed = 0
        steps = [_SLOWEST_STEP, speed / _SLOWEST_STEP] if speed < _SLOWEST_STEP else [speed]
        graph: Any = av.filter.Graph()
        base = Fraction(1, SPEECH_HZ)
        chain = [graph.add_abuffer(None, SPEECH_HZ, "s16", "mono", 1, None, base)]
        chain += [graph.add("atempo", f"{step:g}") for step in steps]
        chain.append(graph.add("abuffersink"))
        graph.link_nodes(*chain).configure()
        self._graph = graph

    def push(self, samples: Samples) -> bytes:
        if not len(samples):
            return b""
        frame = _frame(samples)
        frame.pts = self._pushed
        self._pushed += len(samples)
        self._graph.push(frame)
        return b"".join(map(self._inner.push, self._pulled()))

    def finish(self) -> bytes:
        self._graph.push(None)
        rest = b"".join(map(self._inner.push, self._pulled()))
        return rest + self._inner.finish()

    def _pulled(self) -> Iterator[Samples]:
        from av.error import BlockingIOError as NothingYetError
        from av.error import EOFError as OverError

        while True:
            try:
                yield self._graph.pull().to_ndarray()[0]
            except (NothingYetError, OverError):
                return


def wav_head() -> bytes:
    """Of a WAV without a known end: 16 kHz mono, 16 bits."""
    width = 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", UNKNOWN_BYTES, b"WAVE"),
        *(b"fmt ", 16, 1, 1, SPEECH_HZ, SPEECH_HZ * width, width, 8 * width),
        *(b"data", UNKNOWN_BYTES),
    )


def _frame(samples: Samples) -> "AudioFrame":
    from av import AudioFrame

    frame = AudioFrame.from_ndarray(samples.astype("<i2")[None, :], format="s16", layout="mono")
    frame.sample_rate = SPEECH_HZ
    return frame
