"""How many processor cores Mynah kept busy: the bridge and its workers, not the emulated ring.

The ring's model of radio and world runs inside the bridge and can't be told from it.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

INTERPRETER: Final = "micropython"
"""The emulated ring's own process, which on a wearer's finger costs this computer nothing."""

_PROC: Final = Path("/proc")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # fields of /proc/PID/stat after the name


class CoreMeter:
    """From `begin` to the last `read`."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._before: Mapping[int, float] | None = None
        self._span_s = 0.0
        self._spent_s = 0.0

    def begin(self) -> None:
        """From now on; only the first time."""
        if self._before is None:
            self._began_s, self._before = time.monotonic(), busy_seconds()

    def read(self) -> None:
        """Up to now; 5 ms."""
        if self._before is not None:
            self._span_s = time.monotonic() - self._began_s
            spent = busy_seconds()
            self._spent_s = sum(spent[pid] - self._before.get(pid, 0.0) for pid in spent)

    @property
    def cores(self) -> float:
        """The mean so far."""
        return self._spent_s / self._span_s if self._span_s else 0.0


def busy_seconds() -> dict[int, float]:
    """Processor time by process: this one and its children.

    Where there is neither /proc nor `ps`, this one alone.
    """
    own = {os.getpid(): time.process_time()}
    children = _from_proc() if _PROC.joinpath("self", "stat").is_file() else _from_ps()
    return own | dict(children)


def _from_proc() -> Iterator[tuple[int, float]]:
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # What stands in brackets is the name, and may hold anything.
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
        if int(fields[_PARENT]) == os.getpid() and Path(command).name != INTERPRETER:
            yield int(folder.name), (int(fields[_USER]) + int(fields[_SYSTEM])) / ticks


def _from_ps() -> Iterator[tuple[int, float]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,time=,comm="]
    try:
        ran = subprocess.run(command, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return
    for line in ran.stdout.splitlines():
        pid, parent, spent, name = line.split(None, 3)
        if int(parent) == os.getpid() and Path(name).name not in {INTERPRETER, "ps"}:
            yield int(pid), seconds(spent)


def seconds(spent: str) -> float:
    """Of `ps`: [days-][hours:]minutes:seconds."""
    days, _, rest = spent.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + float(days or 0) * 86_400
