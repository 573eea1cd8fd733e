"""Runs scripts under MicroPython and CPython with the firmware's library on their path."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.repo.sources import REPOSITORY

FIRMWARE_LIBRARY = REPOSITORY / "firmware" / "lib"
VECTORS = REPOSITORY / "tests" / "vectors"
MICROPYTHON = Path(sys.executable).with_name("micropython")  # the wheel puts it beside python
NO_MICROPYTHON = "MicroPython's wheel is for Linux on x86-64 and macOS on arm64 only"
COMMANDS = {"micropython": [str(MICROPYTHON)], "cpython": [sys.executable, "-W", "error"]}
LONGEST_RUN_S = 120  # a script takes under two seconds; a slow machine is no failure


def run_script(script: Path, *arguments: str, interpreter: str = "micropython") -> str:
    """What a script prints; an AssertionError with its last words if it fails."""
    ran = subprocess.run(
        [*COMMANDS[interpreter], str(script), *arguments],
        env={
            **os.environ,
            "MICROPYPATH": str(FIRMWARE_LIBRARY),
            "PYTHONPATH": str(FIRMWARE_LIBRARY),
        },
        capture_output=True,
        check=False,
        text=True,
        timeout=LONGEST_RUN_S,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def run_checks(script: Path, interpreter: str) -> dict[str, str | None]:
    """Each check of a script with its traceback, or None if the claim holds."""
    lines = run_script(script, str(VECTORS), interpreter=interpreter).splitlines()
    return dict(json.loads(line) for line in lines if line.startswith('["check_'))
