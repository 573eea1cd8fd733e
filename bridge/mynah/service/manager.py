"""What every service manager is asked for, and the one of this computer."""

import shlex
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from mynah.errors import ServiceError, UserError

NAME: Final = "mynah"

STEADY_S: Final = 4.0
"""Whatever is wrong with settings, keys or models ends `mynah run` in its first three seconds."""
LOOK_S: Final = 0.5

WRONG_SETTINGS: Final = 2
"""An exit code of ours that no second attempt changes: a person's mistake."""

AGAIN_S: Final = 10
"""Until what ended by itself is begun again. A link that is lost is no end: see link/supervisor."""


NONE: Final = "there is none: `mynah service install`"
STOPPED: Final = "it is stopped until the next log-in, or `mynah service start`"
AGAIN: Final = "it ended with exit code {code}, and is begun again"
ENDED: Final = "it ended with exit code {code}, and waits for `mynah service start`"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to run."""

    words: tuple[str, ...]
    """The program, as a whole path, and its arguments."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return shlex.join(self.words)


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands."""

    installed: bool
    running: bool
    told: str
    """In words; a step to take where it does not run."""


class Manager(Protocol):
    """Begins a job at each log-in, and again when it fails. ServiceError where it refuses."""

    file: Path
    """Where the job stands, for this person alone."""
    output: str
    """How to read what the job printed."""

    def install(self, job: Job) -> None:
        """Keep the job, instead of an older one, and begin it now."""

    def start(self) -> None:
        """Begin it now, if it does not run."""

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
    if sys.platform == "darwin":
        from mynah.service.launchd import Launchd

        return Launchd()
    own = f"`{job}`" if job else "`mynah run --quiet`"
    raise UserError(f"on {sys.platform} have the Task Scheduler run {own} at log-on")


def watch(
    manager: Manager,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Status:
    """How it stands once it runs steadily; ServiceError if it ends before."""
    until_s = clock() + STEADY_S
    while (status := manager.status()).running and clock() < until_s:
        sleep(LOOK_S)
    if not status.running:
        raise ServiceError(f"{status.told}; what it said: {manager.output}")
    return status
