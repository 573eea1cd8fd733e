"""What a benchmark says to the ring: recordings with their words, cut where the speaker is done."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech, write_wav
from mynah.bench.people import people
from mynah.emulator.noise import floor_of
from mynah.errors import AudioError, UserError
from mynah.speech.models import find
from mynah.speech.tts import PiperSynthesizer
from mynah.speech.vad import (
    FRAME_MS,
    FRAME_SAMPLES,
    SPEECH_PROBABILITY,
    speech_probabilities,
)

VARIABLE: Final = "MYNAH_SPEECH"
"""Names the folder of recordings."""

MANIFEST: Final = "manifest.tsv"
COLUMNS: Final = ("file", "lang", "transcript")

AFTER_DONE_MS: Final = 100
"""A clip ends so long after its speaker is done, whatever was recorded there."""

FRAGMENT_MS: Final = 300
FRAGMENT_AFTER_MS: Final = 400
"""Speech so short, so long after the rest, at the end of a recording that was cut out of a longer
one: the next sentence's first syllable, which no policy could wait for."""

_BESIDE: Final = Path(__file__).resolve().parents[4] / "shared" / "speech"


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    path: Path
    words: str


def speech_folder() -> Path | None:
    """What MYNAH_SPEECH names, else the recordings beside the repository, else some of the package
    index, which are fetched when first needed; None if they can't be had.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return _BESIDE if (_BESIDE / MANIFEST).is_file() else people(MANIFEST, COLUMNS)


def listed(folder: Path, language: str, limit: int | None = None) -> tuple[Clip, ...]:
    """A folder's clips in a language, at most `limit`, spread evenly; "auto" takes all languages.

    UserError if the folder has no manifest, or none of its clips is in that language.
    """
    clips = [
        Clip(folder / row["file"], row["transcript"])
        for row in _rows(folder / MANIFEST)
        if language in {"auto", row["lang"]}
    ]
    if not clips:
        raise UserError(f"{folder / MANIFEST}: lists no clip in language {language!r}")
    taken = min(limit or len(clips), len(clips))
    return tuple(clips[number * len(clips) // taken] for number in range(taken))


async def synthesised(lines: Sequence[str], voice: str, folder: Path) -> tuple[Clip, ...]:
    """Lines in Piper's voice, for a computer without recordings."""
    synthesizer = PiperSynthesizer(find(voice))
    clips = []
    try:
        for number, line in enumerate(lines, 1):
            clip = Clip(folder / f"line_{number}.wav", line)
            pieces = [samples async for samples in synthesizer.speak(line)]
            write_wav(clip.path, np.concatenate(pieces))
            clips.append(clip)
    finally:
        await synthesizer.stop()
    return tuple(clips)


def cut(clip: Clip, path: Path) -> None:
    """Write the clip as it is spoken in a benchmark; AudioError if there is no speech in it."""
    sound = read_speech(clip.path)
    done = whole_end(sound)
    if done is None:
        raise AudioError(f"{clip.path}: no speech is heard in it; take it out of {MANIFEST}")
    write_wav(path, ended(sound, done))


def whole_end(sound: Samples) -> int | None:
    """The sample at which the last thing ends that is more than a fragment; None without speech."""
    speech = np.flatnonzero(speech_probabilities(sound) >= SPEECH_PROBABILITY)
    if not len(speech):
        return None
    gaps = np.diff(speech)
    last = len(speech) - 1
    if len(gaps) and (long := np.flatnonzero(gaps > FRAGMENT_AFTER_MS // FRAME_MS)).size:
        before = int(long[-1])
        if (speech[-1] - speech[before + 1] + 1) * FRAME_MS < FRAGMENT_MS:
            last = before
    return min(len(sound), (int(speech[last]) + 1) * FRAME_SAMPLES)


def ended(sound: Samples, done: int) -> Samples:
    """The sound up to 100 ms after sample `done`, its own noise floor where it is shorter."""
    end = done + SPEECH_HZ * AFTER_DONE_MS // 1000
    missing = max(0, end - len(sound))
    # Digital zeros would give the end away to whoever listens for it.
    return np.concatenate([sound[:end], floor_of(sound).at(len(sound), missing)])


def _rows(manifest: Path) -> list[dict[str, str]]:
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
            absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            rows = list(reader)
    except OSError as error:
        raise UserError(f"{manifest}: can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{manifest}: not a list of clips ({error})") from error
    if absent:
        raise UserError(f"{manifest}: has no column {absent[0]!r}; it needs {', '.join(COLUMNS)}")
    return rows
