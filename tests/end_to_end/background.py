"""What takes long and mostly waits: the command itself in real time, beside the other tests."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mynah.audio import Samples
from mynah.audio.files import write_wav
from mynah.cli.run import LINES
from mynah.speech.models import find
from mynah.speech.tts import PiperSynthesizer
from tests.bridge.recordings import recordings
from tests.end_to_end import odd_files

AT_ONCE = 1  # beside the other tests, which speak to rings in real time as well, on two cores
DEADLINE_S = 240

PEOPLE = 15
MISLABELLED = "sb_spk2_snt5.wav"  # its words are not what the manifest says

LOAD_S = 30

SCRIPT = "from mynah.cli import main; main()"

GREETING = "Good morning."
STORY = "Tell me a long story about a river."


@dataclass(frozen=True)
class Ran:
    """A command that came to its end."""

    code: int
    output: str
    errors: str
    out: Path
    """The folder that it was given with --out."""

    @property
    def turns(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / "turns.jsonl").read_text().splitlines()]


def mynah(folder: Path, *arguments: str) -> Ran:
    """Run the command, with rings and settings of its own in `folder`."""
    return _python(folder, "-c", SCRIPT, *arguments)


def _python(folder: Path, *arguments: str) -> Ran:
    own = {"MYNAH_DATA": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    ran = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | own,
        capture_output=True,
        check=False,
        text=True,
        timeout=DEADLINE_S,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr, folder / "out")


@cache
def voiced() -> dict[str, Samples]:
    """A few lines in Piper's voice."""
    return asyncio.run(_synthesise((*LINES, GREETING, STORY)))


async def _synthesise(texts: tuple[str, ...]) -> dict[str, Samples]:
    synthesizer = PiperSynthesizer(find("joe"))
    try:
        return {
            text: np.concatenate([samples async for samples in synthesizer.speak(text)])
            for text in texts
        }
    finally:
        await synthesizer.stop()


def words_of(folder: Path) -> dict[str, str]:
    """What is said in each file: people's shortest, or if there are none two lines of Piper's."""
    known = [each for each in recordings() if each.path.name != MISLABELLED]
    shortest = sorted(known, key=lambda each: each.path.stat().st_size)[:PEOPLE]
    if shortest:
        return {str(each.path): each.words for each in shortest}
    paths = [folder / f"line_{number}.wav" for number in range(1, len(LINES) + 1)]
    for path, text in zip(paths, LINES, strict=True):
        if not path.exists():
            write_wav(path, voiced()[text])
    return {str(path): text for path, text in zip(paths, LINES, strict=True)}


def speak(folder: Path) -> Ran:
    """All of it said to a ring, over the air that there is if nobody asks for another."""
    options = ("--companion", "parrot", "--out", str(folder / "out"), "--json")
    return mynah(folder, "talk", *words_of(folder), *options)


def load(folder: Path) -> Ran:
    """Speech both ways at once."""
    return mynah(folder, "bench", "link", "--seconds", str(LOAD_S), "--json")


def misspeak(folder: Path) -> Ran:
    """Files that hold no speech, then speech in files of every kind."""
    greeting = voiced()[GREETING]
    clips = [*odd_files.unusable(folder, greeting), *odd_files.usable(folder, greeting)]
    options = ("--companion", "parrot", "--out", str(folder / "out"))
    return mynah(folder, "talk", *map(str, clips), *options)


def interrupt(folder: Path) -> Ran:
    """Presses at random moments of replies."""
    return _python(folder, "-m", "tests.end_to_end.interrupting")


JOBS: dict[str, Callable[[Path], Ran]] = {
    "spoken": speak,
    "misspoken": misspeak,
    "interrupted": interrupt,
    "loaded": load,
}
"""By the name of the fixture that waits for it, in the order in which they are started."""
