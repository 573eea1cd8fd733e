"""The log: one JSON object a line, in figures and not in words, private and bounded."""

import json
import logging
import os
import queue
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import platformdirs

from mynah.errors import MynahError, printable
from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.seeing.redaction import REDACTION

MOST_BYTES: Final = 1_000_000
"""Of a file: some 2000 turns, with what happens around them."""

OLD_FILES: Final = 4
"""Five files in all: weeks of talk in 5 MB."""

MOST_QUEUED: Final = 1000
"""Lines that wait for a slow disk. More are dropped and counted: no turn waits for the log."""

LAST_WORDS_S: Final = 2.0
"""For a slow disk, at the end: what it has not taken by then is lost."""

LAST_LINES: Final = 50
"""Kept in memory for a crash report."""

LONGEST_WHY: Final = 300
"""Characters of a reason: two lines of a terminal."""

FILE: Final = "mynah.log"

Figure: TypeAlias = "float | bool | str | list[float] | dict[str, float] | None"

Listener: TypeAlias = "Callable[[str, dict[str, Any]], None]"

_logger = logging.getLogger("mynah")
_NAME: Final = re.compile(r"[\w.:@+/-]{0,64}")  # an id or a kind, nothing that could be a sentence
_listeners: list[Listener] = []
_recent: deque[str] = deque(maxlen=LAST_LINES)


def folder() -> Path:
    """Where the log lies: the platform's place for it, or beside the rest of MYNAH_DATA."""
    moved = bool(os.environ.get("MYNAH_DATA"))
    return data_folder() / "logs" if moved else platformdirs.user_log_path("mynah")


def event(
    name: str, *, why: str = "", words: dict[str, str] | None = None, **figures: Figure
) -> None:
    """Note that something happened: numbers, flags, ids and kinds.

    `why` is a reason in our own words; `words` are people's, written only for who asked for that.
    """
    for listener in _listeners:
        listener(name, figures)
    _logger.info(name, extra={"figures": figures, "why": why, "words": words or {}})


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While it lasts, the listener is told of every event: its name and its figures."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def linked(ring: str) -> Iterator[None]:
    """While it lasts, there is a conversation with this ring."""
    name = ring.replace(" ", "-")
    event("link", ring=name, up=True)
    try:
        yield
    finally:
        event("link", ring=name, up=False)


def recent() -> list[str]:
    """The last lines, as they were written."""
    return list(_recent)


@contextmanager
def logged(*, words: bool = False) -> Iterator[Path]:
    """While it lasts, everything that `mynah` notes goes into the file that it yields.

    MynahError if there can be none.
    """
    path = private_folder(folder()) / FILE
    try:
        file = _PrivateFile(path, maxBytes=MOST_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    except OSError as error:
        raise MynahError(f"{path}: the log can't be written ({error.strerror})") from error
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(MOST_QUEUED)
    handler, listener = _Queued(waiting, words=words), _Listener(waiting, file)
    level, propagate = _logger.level, _logger.propagate
    _logger.addHandler(handler)
    _logger.propagate = False  # libraries give the root a handler that writes into the terminal
    _logger.setLevel(min(level or logging.INFO, logging.INFO))
    listener.start()
    try:
        yield path
    finally:
        _logger.removeHandler(handler)
        _logger.setLevel(level)
        _logger.propagate = propagate
        listener.stop()
        file.close()


class JsonLines(logging.Formatter):
    """A record as one line. Of a record that is no event: what stands in the source, no more."""

    def __init__(self, *, words: bool) -> None:
        super().__init__()
        self._words = words

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": _iso(record.created), "level": record.levelname.lower()}
        if hasattr(record, "figures"):
            line |= {"event": record.msg} | self._of_event(record)
        else:
            line |= {"from": record.name} | self._of_note(record)
        return json.dumps(self._clean(line))

    def _clean(self, value: Any) -> Any:
        """Before it is JSON, in which a secret may look different."""
        if isinstance(value, str):
            return REDACTION.redacted(value, words=not self._words)
        if isinstance(value, dict):
            return {self._clean(str(name)): self._clean(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(each) for each in value]
        return value if isinstance(value, int | float | None) else type(value).__name__

    def _of_event(self, record: logging.LogRecord) -> dict[str, Any]:
        given: dict[str, Any] = record.__dict__
        line = {name: self._figure(value) for name, value in given["figures"].items()}
        if given["why"]:
            line["why"] = given["why"][:LONGEST_WHY]
        return line | (given["words"] if self._words else {})

    def _of_note(self, record: logging.LogRecord) -> dict[str, Any]:
        line: dict[str, Any] = {"note": str(record.msg)[:LONGEST_WHY]}
        if self._words:
            line["note"] = record.getMessage()
        elif isinstance(record.args, tuple):
            line["figures"] = [each for each in record.args if isinstance(each, int | float)]
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return line

    def _figure(self, value: Figure) -> Any:
        """A text that is neither id nor kind is told by its length: it may hold words."""
        if isinstance(value, list):
            return [self._figure(each) for each in value]
        if isinstance(value, dict):
            return {name: self._figure(each) for name, each in value.items()}
        is_sentence = isinstance(value, str) and not _NAME.fullmatch(value)
        return len(value) if isinstance(value, str) and is_sentence and not self._words else value


class WithoutSecrets(logging.Formatter):
    """For a terminal: all of it, but no keys."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(REDACTION.redacted(super().format(record), words=False), "\n")


class _Queued(QueueHandler):
    """Formats at once, in figures; the disk is another thread's business."""

    def __init__(self, waiting: "queue.Queue[logging.LogRecord]", *, words: bool) -> None:
        super().__init__(waiting)
        self.setFormatter(JsonLines(words=words))
        self._dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        _recent.append(record.getMessage())
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            event("log lines were dropped", lines=dropped)


class _Listener(QueueListener):
    """Ends even if the disk does not."""

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            with suppress(queue.Full):
                cast("queue.Queue[object]", self.queue).put(None, timeout=LAST_WORDS_S)
                thread.join(LAST_WORDS_S)


class _PrivateFile(RotatingFileHandler):
    """For nobody else to read, however careless the umask."""

    def _open(self) -> TextIOWrapper:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, OWNER_ONLY)

        file = open(self.baseFilename, self.mode, encoding=self.encoding, opener=private)  # noqa: SIM115
        return cast(TextIOWrapper, file)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A full disk costs the log, not the conversation."""


def _iso(created_s: float) -> str:
    begin = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(created_s))
    return f"{begin}.{int(created_s % 1 * 1000):03}Z"


def _places(trace: Any) -> list[str]:
    """Where, without the words that an error's message may hold."""
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return places[-8:]
