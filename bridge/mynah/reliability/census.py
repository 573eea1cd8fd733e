"""What this program and its children hold: memory, files, sockets, tasks. Read from /proc.

Without `Path`, which has Python remember each part of each name: of all processes, every 5 s, that
made its table of names grow by 2 MB in 20 minutes.
"""
# ruff: noqa: PTH115, PTH119, PTH123, PTH208

import asyncio
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

_PROC: Final = "/proc"
_OWN: Final = "RssAnon:"
_PARENT: Final = 1  # field of /proc/PID/stat after the name in brackets


@dataclass(slots=True)
class Children:
    """Those of one name."""

    kib: int = 0
    """Resident memory, their own."""
    processes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Census:
    """One look."""

    bridge_kib: int
    """Resident memory of this process, its own."""
    children: dict[str, Children]
    """Those that still run, by their names."""
    tasks: int
    files: int
    """Open descriptors, the sockets included."""
    sockets: int


def census() -> Census:
    """How it is now; zeros where there is no /proc."""
    kinds = _descriptors()
    children: defaultdict[str, Children] = defaultdict(Children)
    for process, name in _children():
        children[name].kib += _own_kib(process)
        children[name].processes += (process,)
    return Census(
        _own_kib(os.getpid()),
        dict(children),
        len(asyncio.all_tasks()),
        len(kinds),
        sum(kind.startswith("socket:") for kind in kinds),
    )


def _own_kib(process: int) -> int:
    """Resident, and nobody else's: what of a library or a model's file is mapped comes and goes."""
    lines = _read(process, "status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(_OWN))


def _children() -> list[tuple[int, str]]:
    """The processes that we started, and those that they did, each with what it runs."""
    parents = {}
    for process in map(int, filter(str.isdigit, _listed(_PROC))):
        fields = _read(process, "stat").rpartition(")")[2].split()
        if fields:
            parents[process] = int(fields[_PARENT])
    ours, more = set(), {os.getpid()}
    while more:
        more = {each for each, parent in parents.items() if parent in more}
        ours |= more
    named = [(each, _name(each)) for each in sorted(ours)]
    return [(each, name) for each, name in named if name]


def _name(process: int) -> str:
    """Empty if it has ended meanwhile."""
    line = _read(process, "cmdline")
    words = line.split("\0")
    modules = [word.rpartition(".")[2] for word in words if word.startswith("mynah.")]
    programs = [os.path.basename(word) for word in words[:2]]
    scripts = [program for program in programs if not program.startswith("python")]
    return (modules or scripts or ["python"])[0] if line else ""


def _descriptors() -> list[str]:
    found = []
    for name in _listed(f"{_PROC}/self/fd"):
        try:
            found.append(os.readlink(f"{_PROC}/self/fd/{name}"))
        except OSError:
            continue  # the folder's own descriptor, closed by now
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []  # there is no /proc


def _read(process: int, file: str) -> str:
    """Empty if it has ended meanwhile, or there is no /proc."""
    try:
        with open(f"{_PROC}/{process}/{file}", encoding="utf-8", errors="replace") as opened:
            return opened.read()
    except OSError:
        return ""
