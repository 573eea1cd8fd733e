"""What this program and its children hold: memory, files, sockets, tasks. Read from /proc."""

import asyncio
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
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
    try:
        status = (_PROC / str(process) / "status").read_text("utf-8", "replace")
    except OSError:
        return 0  # it has ended meanwhile, or there is no /proc
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(_OWN))


def _children() -> list[tuple[int, str]]:
    """The processes that we started, and those that they did, each with what it runs."""
    parents, folders = {}, {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents[int(folder.name)] = int(fields[_PARENT])
        folders[int(folder.name)] = folder
    ours, more = set(), {os.getpid()}
    while more:
        more = {each for each, parent in parents.items() if parent in more}
        ours |= more
    return [(each, _name(folders[each])) for each in sorted(ours)]


def _name(folder: Path) -> str:
    try:
        words = (folder / "cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return "gone"
    modules = [word.rpartition(".")[2] for word in words if word.startswith("mynah.")]
    scripts = [Path(word).name for word in words[:2] if not Path(word).name.startswith("python")]
    return (modules or scripts or ["python"])[0]


def _descriptors() -> list[str]:
    found = []
    for entry in (_PROC / "self" / "fd").glob("*"):
        try:
            found.append(str(entry.readlink()))
        except OSError:
            continue  # the folder's own descriptor, closed by now
    return found
