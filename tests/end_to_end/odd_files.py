"""Recordings as people have them: some can't be used, the others hold the same words."""

import wave
from pathlib import Path

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.files import write_wav
from mynah.audio.resample import Resampler

STUDIO_HZ = 96_000
CLICK_MS = 50


def unusable(folder: Path, clip: Samples) -> list[Path]:
    """No such file, a folder, not audio, no samples, zeros, and a click instead of a word."""
    (folder / "words.wav").write_text("Good morning. Did you sleep well?\n")
    (folder / "folder.wav").mkdir()
    write_wav(folder / "empty.wav", clip[:0])
    write_wav(folder / "silent.wav", np.zeros_like(clip))
    decay = np.exp(-np.arange(CLICK_MS * SPEECH_HZ // 1000) / 40)
    click = np.random.default_rng(1).normal(0, 12_000, len(decay)) * decay
    write_wav(folder / "click.wav", np.clip(click, 1 - FULL_SCALE, FULL_SCALE - 1).astype(np.int16))
    names = ("missing", "folder", "words", "empty", "silent", "click")
    return [folder / f"{name}.wav" for name in names]


def usable(folder: Path, clip: Samples) -> list[Path]:
    """The same words in 8 and in 24 bits, at 96 kHz, in stereo, and as they came."""
    wide = clip.astype(np.int32) << 8
    studio = Resampler(SPEECH_HZ, STUDIO_HZ)
    sound = (clip / FULL_SCALE).astype(np.float32)
    fast = np.concatenate([studio.push(sound), studio.finish()])
    return [
        _write(folder / "8_bits.wav", ((clip >> 8) + 128).astype(np.uint8).tobytes(), bits=8),
        _write(folder / "24_bits.wav", wide.astype("<i4").view("<u1").reshape(-1, 4)[:, :3], 24),
        _write(folder / "96_khz.wav", fast.astype("<i2"), rate_hz=STUDIO_HZ),
        _write(folder / "stereo.wav", np.repeat(clip, 2).astype("<i2"), channels=2),
        _write(folder / "plain.wav", clip.astype("<i2")),
    ]


def _write(
    path: Path,
    data: bytes | np.ndarray,
    bits: int = 16,
    rate_hz: int = SPEECH_HZ,
    channels: int = 1,
) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bits // 8)
        file.setframerate(rate_hz)
        file.writeframes(bytes(data) if isinstance(data, bytes) else data.tobytes())
    return path
