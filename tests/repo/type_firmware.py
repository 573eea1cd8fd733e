"""Types the firmware as the board sees it: its modules and its standard library, not CPython's.

`mypy` refuses stubs that lie among installed packages, so they are copied to a folder of their own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

from tests.repo.sources import REPOSITORY

STUBS = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
SOURCES = ("firmware/lib/mynah_parts", "firmware/main.py", "firmware/app.py", "firmware/boards")
IMPORTED_FROM = ("firmware", "firmware/lib")
CONFIGURATION = """\
[mypy]
strict = True
no_site_packages = True
explicit_package_bases = True
# viper has no None to return; ruff asks for every other annotation
disable_error_code = no-untyped-def
# CPython's run may need one that this run does not
warn_unused_ignores = False
# where the stubs say Any
warn_return_any = False

# the stubs' own mistakes
[mypy-_mpy_shed.*,machine,math,time,vfs]
ignore_errors = True

# connection and value handles are integers; these stubs want memoryviews
[mypy-bluetooth]
follow_imports = skip
follow_imports_for_stubs = True
"""

# Where the stubs are stricter than the interpreter: file, what it says, what is true.
CORRECTIONS = (
    # viper turns any buffer into a pointer
    (
        "micropython.pyi",
        "def viper(_func: Callable[_Param, _Ret], /) -> Callable[_Param, _Ret]",
        "def viper(_func: Callable[..., _Ret], /) -> Callable[..., _Ret]",
    ),
    # ticks are integers, and cores are given them as such
    ("_mpy_shed/time_mp.pyi", "class _TicksMs:", "class _TicksMs(int):"),
    ("_mpy_shed/time_mp.pyi", "class _TicksUs:", "class _TicksUs(int):"),
    ("_mpy_shed/time_mp.pyi", "_TicksMs, _TicksUs, _TicksCPU)", "bound=int)"),
    # an ESP32's pin keeps its pull in deep sleep
    (
        "machine.pyi",
        "alt: int | None = None,\n    ) -> None:",
        "alt: int | None = None,\n        hold: bool | None = None,\n    ) -> None:",
    ),
)


def copy_stubs(folder: Path) -> None:
    """Lay both packages of stubs into one folder, corrected."""
    for name in STUBS:
        for file in distribution(name).files or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), target)
    for file, said, true in CORRECTIONS:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        if said not in text:
            raise SystemExit(f"{file} of the stubs no longer says {said!r}: see CORRECTIONS")
        path.write_text(text.replace(said, true), encoding="utf-8")


def main() -> int:
    """mypy's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        stubs = Path(folder)
        copy_stubs(stubs)
        configuration = stubs / "mypy.ini"
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        options = [
            f"--config-file={configuration}",
            f"--custom-typeshed-dir={stubs}",
            f"--cache-dir={stubs / 'cache'}",
        ]
        sources = [name for name in SOURCES if (REPOSITORY / name).exists()]
        command = [sys.executable, "-m", "mypy", *options, *sources]
        environment = os.environ | {"MYPYPATH": os.pathsep.join([*IMPORTED_FROM, str(stubs)])}
        return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
