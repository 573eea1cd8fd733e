import struct
import wave

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech, write_wav
from mynah.audio.levels import dbfs, first_sound
from mynah.audio.resample import Resampler
from mynah.errors import AudioError
from tests.bridge.recordings import needs_recordings, recordings

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
PCM_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def tone(rate_hz=SPEECH_HZ, seconds=0.5, peak=0.5):
    return peak * np.sin(2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz)


def wav_bytes(data, *, rate_hz=SPEECH_HZ, bits=16, channels=1, kind=PCM):
    """A WAV file's bytes, its header written by hand: the wave module can't do half of these."""
    block = channels * bits // 8
    tag = EXTENSIBLE if kind == EXTENSIBLE else kind
    header = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * block, block, bits)
    if kind == EXTENSIBLE:
        header += struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", PCM) + PCM_GUID_TAIL
    body = b"WAVEfmt " + struct.pack("<I", len(header)) + header
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def as_16_bit(sound):
    return (sound * 32767).astype("<i2").tobytes()


def as_24_bit(sound):
    wide = (sound * 8388607).astype("<i4").tobytes()
    return b"".join(wide[at : at + 3] for at in range(0, len(wide), 4))


def stereo(sound):
    return np.repeat(sound, 2)


FORMATS = {
    "16 bits, 16 kHz": (as_16_bit(tone()), {}),
    "8 bits": ((128 + tone() * 127).astype("u1").tobytes(), {"bits": 8}),
    "24 bits": (as_24_bit(tone()), {"bits": 24}),
    "32-bit float": (tone().astype("<f4").tobytes(), {"bits": 32, "kind": FLOAT}),
    "stereo": (as_16_bit(stereo(tone())), {"channels": 2}),
    "8 kHz": (as_16_bit(tone(8_000)), {"rate_hz": 8_000}),
    "44.1 kHz": (as_16_bit(tone(44_100)), {"rate_hz": 44_100}),
    "96 kHz, 24 bits, stereo": (
        as_24_bit(stereo(tone(96_000))),
        {"rate_hz": 96_000, "bits": 24, "channels": 2},
    ),
    "extensible header": (as_16_bit(tone()), {"kind": EXTENSIBLE}),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_the_same_16_khz_mono(tmp_path, name):
    data, options = FORMATS[name]
    path = tmp_path / "sound.wav"
    path.write_bytes(wav_bytes(data, **options))

    samples = read_speech(path)

    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(SPEECH_HZ * 0.5, abs=32)
    inner = slice(400, 7600)  # a resampler rings at both ends
    assert np.abs(samples[inner] - tone()[inner] * 32767).max() < 500


def test_16_khz_mono_is_read_bit_for_bit(tmp_path):
    samples = np.arange(-32768, 32768, 7, dtype=np.int16)
    path = tmp_path / "sound.wav"
    write_wav(path, samples)

    assert np.array_equal(read_speech(path), samples)


def test_what_is_written_is_a_plain_wav(tmp_path):
    path = tmp_path / "sound.wav"
    write_wav(path, np.array([1, -2, 3], np.int16))

    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (1, 2, SPEECH_HZ, 3)
        assert file.readframes(3) == struct.pack("<3h", 1, -2, 3)


BAD = {
    "not audio": (b"hello, this is a letter\n" * 40, "not audio"),
    "no bytes": (b"", "not audio"),
    "no samples": (wav_bytes(b""), "no samples"),
    "digital silence": (wav_bytes(bytes(32_000)), "digitally silent"),
    "8-bit digital silence": (wav_bytes(b"\x80" * 16_000, bits=8), "digitally silent"),
    "not a number": (
        wav_bytes(np.full(1600, np.nan, "<f4").tobytes(), bits=32, kind=FLOAT),
        "not numbers",
    ),
    "one infinite sample among good ones": (
        wav_bytes(np.append(tone(), np.inf).astype("<f4").tobytes(), bits=32, kind=FLOAT),
        "not numbers",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_without_sound_is_refused_in_one_line(tmp_path, name):
    data, says = BAD[name]
    path = tmp_path / "sound.wav"
    path.write_bytes(data)

    with pytest.raises(AudioError, match=says) as caught:
        read_speech(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        read_speech(tmp_path / "nothing.wav")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(AudioError, match="not a file"):
        read_speech(tmp_path)


def test_a_picture_has_no_audio(tmp_path):
    path = tmp_path / "dot.bmp"
    header = struct.pack("<2sIHHI", b"BM", 58, 0, 0, 54)
    header += struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    path.write_bytes(header + b"\0\0\xff\0")

    with pytest.raises(AudioError, match="no audio stream"):
        read_speech(path)


@pytest.mark.speech
@needs_recordings
def test_every_recording_of_people_is_read():
    assert all(len(read_speech(each.path)) > SPEECH_HZ // 2 for each in recordings())


def test_levels_are_below_full_scale():
    square = np.array([32767, -32767] * 800, np.int16)
    sine = (tone(peak=1.0) * 32767).astype(np.int16)

    assert dbfs(square) == pytest.approx(0.0, abs=0.01)
    assert dbfs(sine) == pytest.approx(-3.01, abs=0.05)
    assert dbfs(np.zeros(160, np.int16)) == -120.0
    assert dbfs(np.zeros(0, np.int16)) == -120.0


def test_the_first_sound_is_the_first_loud_block():
    quiet, loud = np.full(480, 300, np.int16), np.full(160, 400, np.int16)

    assert first_sound(np.concatenate([quiet, loud, quiet])) == 480
    assert first_sound(quiet) is None


@pytest.mark.parametrize("piece", [37, 160, 1000, 8000])
def test_resampling_in_pieces_is_resampling_at_once(piece):
    sound = tone(22_050, peak=0.9).astype(np.float32)
    whole = Resampler(22_050, SPEECH_HZ)
    expected = np.concatenate([whole.push(sound), whole.finish()])

    stream = Resampler(22_050, SPEECH_HZ)
    parts = [stream.push(sound[at : at + piece]) for at in range(0, len(sound), piece)]
    got = np.concatenate([*parts, stream.finish()])

    assert len(got) == len(sound) * SPEECH_HZ // 22_050
    assert np.array_equal(got, expected)


def test_full_scale_does_not_wrap_around_in_the_resampler():
    sound = np.sign(tone(22_050)).astype(np.float32)
    resampler = Resampler(22_050, SPEECH_HZ)

    got = np.concatenate([resampler.push(sound), resampler.finish()]).astype(int)

    assert got.max() == 32767
    # A wrapped overshoot would jump from one end of the scale to the other and back.
    assert np.abs(np.diff(got, 2)).max() < 65536 * 1.5
