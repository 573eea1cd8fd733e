"""Asking another program, and what it answered."""

import subprocess
from dataclasses import dataclass
from typing import Final

from mynah.errors import ServiceError, one_line

WITHIN_S: Final = 30.0
"""To stop a service takes as long as our own end, which is 2 s; a manager that hangs for ever."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How it ended, and what it printed."""

    code: int
    output: str = ""
    errors: str = ""

    @property
    def trouble(self) -> str:
        """Why it said no, in one line."""
        said = one_line(Exception(self.errors.strip() or self.output.strip()))
        return f"{said} (exit code {self.code})"


def ask(words: tuple[str, ...]) -> Answer:
    """Run a program to its end; ServiceError if it has none."""
    try:
        ran = subprocess.run(words, capture_output=True, check=False, text=True, timeout=WITHIN_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(one_line(error)) from error
    return Answer(ran.returncode, ran.stdout, ran.stderr)
