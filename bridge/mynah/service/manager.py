"""What a service manager is asked for, and the one of this computer."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from mynah.errors import UserError

NONE: Final = "there is none: `mynah service install`"
STOPPED: Final = "it is stopped until the next log-in, or `mynah service start`"

ELSEWHERE: Final = {"darwin": "launchd", "win32": "the Task Scheduler"}


@dataclass(frozen=True, slots=True)
class Job:
    """What is to run."""

    words: tuple[str, ...]
    """The program, as a whole path, and its arguments."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return shlex.join(self.words)


class State(Enum):
    """How a job stands."""

    NONE = "not installed"
    RUNS = "runs"
    BEGINS = "is being begun, or waits to be begun again"
    STOPPED = "stopped"
    ENDED = "ended by itself, and stays so"


@dataclass(frozen=True, slots=True)
class Status:
    """The same in words, with a step to take where it does not run."""

    state: State
    told: str


class Manager(Protocol):
    """Begins a job at each log-in, and again when it fails. ServiceError where it refuses."""

    file: Path
    """Where the job stands."""
    output: str
    """The command that shows what the job printed."""

    def install(self, job: Job) -> None:
        """Keep the job, instead of an older one, and begin it; ServiceError if it can't begin."""

    def start(self) -> None:
        """Begin it, if it does not run; ServiceError if it can't."""

    def stop(self) -> None:
        """End it, until the next log-in or `start`."""

    def remove(self) -> None:
        """End it, and forget it."""

    def status(self) -> Status:
        """How it stands."""


def manager(job: Job | None = None) -> Manager:
    """The one of this computer; UserError where we know none, with what to do there."""
    if sys.platform == "linux":
        from mynah.service.systemd import Systemd

        return Systemd()
    whom = ELSEWHERE.get(sys.platform, "this computer")
    raise UserError(f"have {whom} run `{job or 'mynah run --quiet'}` at log-in: we can't yet")
