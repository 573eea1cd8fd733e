"""Importing the bridge touches no radio, no sound card and no model: `mynah --help` is instant."""

import subprocess
import sys

HEAVY = (
    "av",
    "bleak",
    "bumble",
    "cryptography",
    "ctranslate2",
    "faster_whisper",
    "numpy",
    "onnxruntime",
    "piper",
    "sounddevice",
    "soxr",
)


def loaded_after(statement: str) -> list[str]:
    """Which heavy modules a fresh interpreter holds once it has run this statement."""
    script = f"{statement}\nimport sys\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return ran.stdout.split()


def test_the_command_line_loads_nothing_heavy():
    assert loaded_after("import mynah, mynah.cli") == []


def test_a_heavy_import_would_be_seen():
    assert loaded_after("import numpy") == ["numpy"]
