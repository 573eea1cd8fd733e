"""Sound that another program sent, as speech: bounded, and read as what it plainly is."""

import io
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.errors import AudioError

if TYPE_CHECKING:
    from av.container import InputContainer

LONGEST_S: Final = 600
"""Ten minutes: tiny.en hears them out in a quarter of a minute, and nobody talks longer at once.
Hours of silence are a few kB of a compressed file."""

DEADLINE_S: Final = 30.0
"""For decoding, which takes a thousandth of the sound's length."""

MOST_CHANNELS: Final = 8
LOWEST_HZ: Final = 4000
"""A telephone has 8000. One sample a second would become a thousand times as much here."""

_STARTS: Final = (
    ("wav", 0, b"RIFF"),
    ("ogg", 0, b"OggS"),
    ("flac", 0, b"fLaC"),
    ("matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("mov", 4, b"ftyp"),
    ("aiff", 0, b"FORM"),
    ("caf", 0, b"caff"),
    ("mp3", 0, b"ID3"),
    ("aac", 0, b"\xff\xf1"),
    ("aac", 0, b"\xff\xf9"),
    *(("mp3", 0, bytes((0xFF, second))) for second in (0xFB, 0xF3, 0xF2, 0xFA, 0xE3, 0xE2)),
)
"""By which a file is known. FFmpeg's own guess would also take a playlist for sound, and read the
files and addresses that are named in it."""


def speech_of(data: bytes | bytearray, given_up: threading.Event | None = None) -> Samples:
    """16 kHz mono; AudioError says why not. To be called in a thread, where `given_up` ends it."""
    import av
    import av.error

    form = next((name for name, at, start in _STARTS if data[at:].startswith(start)), None)
    if form is None:
        raise AudioError(
            "the file is none of wav, mp3, m4a, ogg, opus, webm, flac, aac, aiff, caf; "
            "send one of these"
        )
    try:
        with av.open(io.BytesIO(data), "r", format=form) as container:
            if not container.streams.audio:
                raise AudioError("the file has no audio stream; send another")
            parts = list(_mono(container, given_up or threading.Event()))
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(f"the file is not {form} that can be read ({reason})".lower()) from error
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    sound = np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def _mono(container: "InputContainer", given_up: threading.Event) -> Iterator[NDArray[np.float32]]:
    from av import AudioResampler

    resampler = AudioResampler(format="fltp", rate=SPEECH_HZ)
    deadline_s = time.monotonic() + DEADLINE_S
    total = 0
    for frame in container.decode(audio=0):
        if given_up.is_set() or time.monotonic() > deadline_s:
            raise AudioError(f"the file took longer than {DEADLINE_S:.0f} s to read; send another")
        if len(frame.layout.channels) > MOST_CHANNELS or frame.sample_rate < LOWEST_HZ:
            raise AudioError(
                f"the file has {len(frame.layout.channels)} channels at {frame.sample_rate} Hz, "
                "which is no speech; send another"
            )
        for piece in resampler.resample(frame):
            total += piece.samples
            yield _mixed(piece)
        if total > LONGEST_S * SPEECH_HZ:
            raise AudioError(f"the file is longer than {LONGEST_S // 60} minutes; send less")
    if total:
        for piece in resampler.resample(None):
            yield _mixed(piece)


def _mixed(piece: Any) -> NDArray[np.float32]:
    # FFmpeg's own mix adds channels at 3 dB down each: what both hold would clip.
    return np.asarray(piece.to_ndarray().mean(axis=0), np.float32)
