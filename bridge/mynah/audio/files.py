"""Sound files: any that FFmpeg reads becomes 16 kHz mono; what is written is plain WAV."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.errors import AudioError

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer

LONGEST_S: Final = 3600
"""An hour, 230 MB while it is read: nobody holds a button longer, and a film is a mistake."""


def read_speech(path: Path) -> Samples:
    """A file's first audio stream as 16 kHz mono; AudioError if there is no sound in it."""
    must_be_file(path)
    sound = _decode(path)
    if not len(sound):
        raise AudioError(f"{path}: holds no samples; record it again")
    if not np.isfinite(sound).all():
        raise AudioError(f"{path}: holds samples that are not numbers; export it again as 16-bit")
    samples = np.clip(np.rint(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    if not samples.any():
        raise AudioError(f"{path}: digitally silent, {len(samples) / SPEECH_HZ:.1f} s of zeros")
    return samples


def must_be_file(path: Path) -> None:
    """AudioError if there is none; what is in it is another question."""
    if not path.exists():
        raise AudioError(f"{path}: no such file")
    if not path.is_file():
        raise AudioError(f"{path}: not a file; name the WAV files one by one")


def write_wav(path: Path, samples: Samples, rate_hz: int = SPEECH_HZ) -> None:
    """Mono, 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())


def _decode(path: Path) -> NDArray[np.float32]:
    import av  # 0.1 s and FFmpeg's libraries: only for who reads files
    import av.error

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path}: has no audio stream")
            parts = list(_mono(container, path))
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioError(f"{path}: not audio that can be read ({_reason(error)})") from error
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _mono(container: "InputContainer", path: Path) -> Iterator[NDArray[np.float32]]:
    """Decoded as 32-bit float: what is not a number survives, to be seen and refused."""
    from av import AudioResampler

    resampler = AudioResampler(format="fltp", rate=SPEECH_HZ)
    total = 0
    for frame in container.decode(audio=0):
        for piece in resampler.resample(frame):
            total += piece.samples
            yield _mixed(piece)
        if total > LONGEST_S * SPEECH_HZ:
            raise AudioError(f"{path}: longer than {LONGEST_S // 60} minutes; cut it")
    if total:
        for piece in resampler.resample(None):
            yield _mixed(piece)


def _mixed(piece: "AudioFrame") -> NDArray[np.float32]:
    # FFmpeg's own mix adds channels at 3 dB down each: what both hold would clip.
    channels = np.asarray(piece.to_ndarray(), np.float32)
    return np.asarray(channels.mean(axis=0), np.float32)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text).lower()
