"""Asking another program, and what it answered."""

import subprocess
from dataclasses import dataclass
from typing import Final

from mynah.errors import ServiceError, one_line

WITHIN_S: Final = 660.0
"""A job has ten minutes to load its models, on a slow disk; a manager that hangs takes for ever."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How it ended, and what it printed."""

    code: int
    output: str = ""
    errors: str = ""

    @property
    def trouble(self) -> str:
        """Why it said no, in one line."""
        return one_line(Exception(self.errors.strip() or self.output.strip()))


def ask(words: tuple[str, ...]) -> Answer:
    """Run a program to its end; ServiceError if it has none, or is not there."""
    try:
        ran = subprocess.run(words, capture_output=True, check=False, text=True, timeout=WITHIN_S)
    except FileNotFoundError as error:
        raise ServiceError(f"there is no {words[0]} on this computer") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(one_line(error)) from error
    return Answer(ran.returncode, ran.stdout, ran.stderr)
