"""Every command that the documentation shows is one that there is."""

import re
import subprocess
import sys

import pytest

from tests.repo.sources import REPOSITORY, files

FENCE = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


def shown(program: str) -> set[str]:
    """The word after this program, in every block of shell commands in every Markdown file."""
    pages = [path for path in files() if path.suffix == ".md"]
    blocks = [
        block
        for page in pages
        for block in FENCE.findall((REPOSITORY / page).read_text(encoding="utf-8"))
    ]
    command = re.compile(rf"^(?:\$ )?(?:\.venv/bin/)?{program} ([a-z]+)", re.MULTILINE)
    return {word for block in blocks for word in command.findall(block)}


def test_every_target_that_is_shown_is_in_the_makefile():
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text(encoding="utf-8")))

    assert "test" in shown("make")
    assert shown("make") <= targets


@pytest.mark.parametrize("command", sorted(shown("mynah")))
def test_every_command_that_is_shown_explains_itself(command):
    script = "from mynah.cli import main; main()"
    arguments = [sys.executable, "-c", script, command, "--help"]
    ran = subprocess.run(arguments, capture_output=True, check=False, text=True)

    assert ran.returncode == 0, ran.stderr
