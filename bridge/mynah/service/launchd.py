"""macOS: an agent of launchd's, as `man launchd.plist` has it. Not run on a Mac by us."""

import os
import plistlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mynah.errors import ServiceError
from mynah.link.keys import private_folder
from mynah.seeing import log
from mynah.service.manager import AGAIN, AGAIN_S, NONE, STOPPED, Job, Status
from mynah.service.shell import Answer, ask

LABEL: Final = "org.mynah.bridge"

RUNS: Final = "it runs, as process {process}"

_FIGURE: Final = re.compile(r"^\s*(state|pid|last exit code) = (.+)$", re.MULTILINE)


class Launchd:
    """The domain of whoever is logged in at the screen."""

    def __init__(
        self, folder: Path | None = None, ask: Callable[[tuple[str, ...]], Answer] = ask
    ) -> None:
        self.file = (folder or Path.home() / "Library/LaunchAgents") / f"{LABEL}.plist"
        self._log = log.folder() / "service.log"
        self.output = f"tail -n 20 '{self._log}'"
        self._ask = ask
        self._domain = f"gui/{os.getuid()}"

    def install(self, job: Job) -> None:
        private_folder(self._log.parent)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes(agent(job, self._log))
        self.stop()
        self.start()

    def start(self) -> None:
        if not self._found():
            self._launchctl("bootstrap", self._domain, str(self.file))

    def stop(self) -> None:
        if self._found():
            self._launchctl("bootout", f"{self._domain}/{LABEL}")

    def remove(self) -> None:
        self.stop()
        self.file.unlink()

    def status(self) -> Status:
        if not self.file.is_file():
            return Status(installed=False, running=False, told=NONE)
        figures = self._found()
        if not figures:
            return Status(installed=True, running=False, told=STOPPED)
        running = figures.get("state") == "running"
        told = RUNS.format(process=figures.get("pid", "?")) if running else AGAIN
        code = figures.get("last exit code", "?")
        return Status(installed=True, running=running, told=told.format(code=code))

    def _found(self) -> dict[str, str]:
        """What launchd knows of the job; nothing if it is not loaded."""
        answer = self._ask(("launchctl", "print", f"{self._domain}/{LABEL}"))
        return dict(_FIGURE.findall(answer.output)) if answer.code == 0 else {}

    def _launchctl(self, *words: str) -> None:
        answer = self._ask(("launchctl", *words))
        if answer.code:
            raise ServiceError(f"launchctl {' '.join(words)}: {answer.trouble}")


def agent(job: Job, log: Path) -> bytes:
    """The file: begun when it is loaded, which log-in does, and again unless it ended well."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(job.words),
            "EnvironmentVariables": dict(job.environment),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": AGAIN_S,
            "ProcessType": "Interactive",
            "StandardOutPath": str(log),
            "StandardErrorPath": str(log),
            "Umask": 0o077,
        }
    )
