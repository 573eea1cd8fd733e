"""The looks at what mynah itself leaves on this computer: secrets, service, log, crash reports."""

import os
from collections.abc import Callable
from pathlib import Path

from mynah.doctor.finding import Finding
from mynah.errors import UserError
from mynah.link.vault import Vault, system_vault
from mynah.seeing import crash
from mynah.seeing.log import FILE
from mynah.service.manager import Manager, State, Status, manager


def keyring(folder: Path, open_vault: Callable[[], Vault | None] = system_vault) -> Finding:
    """Where secrets are kept. Files do as well, so that none is nothing to mend."""
    if open_vault() is None:
        return Finding("keyring", "ok", f"none is used: secrets are files of yours in {folder}")
    return Finding("keyring", "ok", "secrets are in this computer's")


def service(open_manager: Callable[[], Manager] = manager) -> Finding:
    """What begins at log-in. None is nothing to mend."""
    try:
        found = open_manager().status()
    except UserError:  # there can be none on this computer
        found = Status(State.NONE, "")
    if found.state is State.NONE:
        return Finding("service", "ok", "none: a conversation begins with `mynah run`")
    if found.state in (State.RUNS, State.BEGINS):
        return Finding("service", "ok", found.told)
    return Finding("service", "broken", found.told, "mynah service start, or remove")


def log(folder: Path) -> Finding:
    """Where it is, and whether it can be written."""
    path = folder / FILE
    there = path if path.exists() else _nearest(folder)
    if not os.access(there, os.W_OK):
        return Finding("log", "broken", f"{there} can't be written", f"make {there} yours again")
    shown = f"{path}, {path.stat().st_size / 1000:.0f} kB" if path.exists() else f"{path}, not yet"
    return Finding("log", "ok", shown)


def crashes(folder: Path) -> Finding:
    """The reports that nobody has deleted."""
    reports = crash.reports(folder)
    if not reports:
        return Finding("crash reports", "ok", "none")
    last = f"{len(reports)}, the last is {reports[-1]}"
    return Finding("crash reports", "ok", last, f"{crash.PASTE}, then delete it")


def _nearest(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
