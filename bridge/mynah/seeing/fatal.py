"""A crash of native code in the bridge itself: nobody can tell of it before the next start."""

import faulthandler
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.seeing import crash

_PREFIX: Final = "running-"


@contextmanager
def fatal() -> Iterator[None]:
    """While it lasts, Python writes down where it was if native code ends the process."""
    if faulthandler.is_enabled():
        yield  # somebody else wants to know
        return
    path = private_folder(data_folder()) / f"{_PREFIX}{os.getpid()}.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
            path.unlink(missing_ok=True)


def left_behind() -> list[Path]:
    """Reports of bridges that ended so since the last time anybody asked."""
    found = []
    for path in data_folder().glob(f"{_PREFIX}*.txt"):
        process = path.stem.removeprefix(_PREFIX)
        if not process.isdecimal() or _is_running(int(process)):
            continue
        with suppress(OSError):
            lines = path.read_text("utf-8", errors="replace").splitlines()
            path.unlink()  # on Windows it fails while the process runs
            report = crash.last_words("the bridge", "native code", lines)
            found += [report] if report is not None else []
    return found


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return False  # to ask would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
