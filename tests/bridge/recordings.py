"""What speech tests listen to, and what they need to hear it; a test skips only what is missing."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from mynah.speech.models import catalogue, is_here

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "speech"


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    words: str


@cache
def recordings(language: str = "en") -> list[Recording]:
    """People's speech with its words; empty where the recordings are not beside the repository."""
    manifest = SPEECH / "manifest.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Recording(SPEECH / row["file"], row["transcript"])
        for row in rows
        if row["lang"] == language
    ]


needs_recordings = pytest.mark.skipif(
    not recordings(), reason=f"recordings of people are not at {SPEECH.name}/ beside the repository"
)


def needs_model(name: str) -> pytest.MarkDecorator:
    """`make test` fetches the default models first."""
    missing = not is_here(catalogue()[name])
    return pytest.mark.skipif(
        missing, reason=f"model {name} is not here: `mynah models get {name}`"
    )
