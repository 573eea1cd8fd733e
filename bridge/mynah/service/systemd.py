"""Linux: a unit of systemd's own manager for this person (`systemctl --user`)."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import platformdirs

from mynah.errors import ServiceError, UserError
from mynah.service.manager import NONE, STOPPED, Job, State, Status
from mynah.service.shell import Answer, ask

UNIT: Final = "mynah.service"
OURS: Final = "# Written by `mynah service install`, and written anew by the next."

# sh, because systemd takes no quote or backslash in a program's path; the colon keeps every `$`.
# Exit code 2 is a person's mistake, which no second attempt mends. 130 is how we end of SIGTERM
# before we have begun. Attempts have no limit: what is missing at log-in may come an hour later.
TEXT: Final = """\
{ours}
[Unit]
Description=Mynah: the conversation with your ring
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=:/bin/sh -c "exec \\"$0\\" \\"$@\\"" {words}
{environment}Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2 126 127
SuccessExitStatus=130
TimeoutStartSec=600
TimeoutStopSec=15
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""

NOBODY: Final = "nobody is logged in here, for systemd: log in at the screen or over ssh ({why})"
NO_BUS: Final = "connect to bus"
NOT_OURS: Final = "{file} is not ours, and is left as it is: move it away"
UNREAD: Final = "systemd reads {other} instead of {file}: set XDG_CONFIG_HOME for both, or neither"

BEGINS: Final = "it loads its models"
RUNS: Final = "it runs since {since}"
GONE: Final = "its program is not there any more: `mynah service install` again"
AGAIN: Final = "it ended with {end}, and is begun again"
ENDED: Final = "it ended with {end}, and waits for `mynah service start`"

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # and bytes that are no UTF-8
_PROGRAM_GONE: Final = ("126", "127")  # as sh tells it
_FIGURES: Final = ("ActiveState", "Result", "ExecMainStatus", "ActiveEnterTimestamp")


class Systemd:
    """The manager of whoever is logged in."""

    output = "journalctl --user -u mynah -n 20"

    def __init__(
        self, folder: Path | None = None, ask: Callable[[tuple[str, ...]], Answer] = ask
    ) -> None:
        self.file = (folder or platformdirs.user_config_path("systemd") / "user") / UNIT
        self._ask = ask

    def install(self, job: Job) -> None:
        text = unit(job)
        self._check()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.file)
        self._systemctl("daemon-reload")
        self._check_read()
        self._systemctl("enable", UNIT)
        self._begin("restart")

    def start(self) -> None:
        self._begin("start")

    def stop(self) -> None:
        self._systemctl("stop", UNIT)
        self._forgive()

    def remove(self) -> None:
        self._systemctl("disable", "--now", UNIT)
        self.file.unlink(missing_ok=True)
        self._forgive()
        self._systemctl("daemon-reload")

    def status(self) -> Status:
        if not self._is_ours():
            return Status(State.NONE, NONE)
        return _status(*self._figures(*_FIGURES))

    def _is_ours(self) -> bool:
        with suppress(OSError, UnicodeDecodeError):
            return self.file.read_text("utf-8").startswith(OURS)
        return False

    def _check(self) -> None:
        """Before anything is written: is there a manager, and is the place ours?"""
        if os.path.lexists(self.file) and not self._is_ours():
            raise UserError(NOT_OURS.format(file=self.file))
        self._systemctl("show-environment")

    def _check_read(self) -> None:
        (other,) = self._figures("FragmentPath")
        if not other or not self.file.samefile(other):
            self.file.unlink()
            raise UserError(UNREAD.format(other=other or "nothing", file=self.file))

    def _begin(self, how: str) -> None:
        try:
            self._systemctl(how, UNIT)
        except ServiceError as error:
            status = self.status()
            if status.state is State.STOPPED:
                raise
            raise ServiceError(f"{status.told}; what it said: {self.output}") from error

    def _forgive(self) -> None:
        """It failed before; whoever looks for what failed shall not find it still."""
        self._ask(("systemctl", "--user", "reset-failed", UNIT))  # a no: it had not failed

    def _figures(self, *names: str) -> list[str]:
        told = self._systemctl("show", UNIT, f"--property={','.join(names)}")
        figures = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        return [figures.get(name, "") for name in names]

    def _systemctl(self, *words: str) -> str:
        answer = self._ask(("systemctl", "--user", *words))
        if answer.code and NO_BUS in answer.trouble:
            raise ServiceError(NOBODY.format(why=answer.trouble))
        if answer.code:
            raise ServiceError(f"systemctl --user {' '.join(words)}: {answer.trouble}")
        return answer.output


def unit(job: Job) -> str:
    """The file; UserError if a word can't stand in it."""
    environment = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in job.environment.items()
    )
    return TEXT.format(ours=OURS, words=" ".join(map(_quoted, job.words)), environment=environment)


def _status(active: str, result: str, code: str, since: str) -> Status:
    if active == "active":
        return Status(State.RUNS, RUNS.format(since=since))
    if active == "activating" and result == "success":
        return Status(State.BEGINS, BEGINS)
    if result == "success" or active not in ("activating", "failed"):
        return Status(State.STOPPED, STOPPED)
    if result == "exit-code" and code in _PROGRAM_GONE:
        return Status(State.ENDED, GONE)
    end = {"exit-code": f"exit code {code}", "signal": f"signal {code}"}.get(result, result)
    if active == "activating":
        return Status(State.BEGINS, AGAIN.format(end=end))
    return Status(State.ENDED, ENDED.format(end=end))


def _quoted(word: str) -> str:
    """As systemd reads it: `%` begins a specifier even in quotes."""
    if _CONTROL.search(word):
        raise UserError(f"{word!r} can't stand in a unit of systemd")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
