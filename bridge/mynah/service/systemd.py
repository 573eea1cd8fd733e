"""Linux: a unit of systemd's own manager for this person (`systemctl --user`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs

from mynah.errors import ServiceError, UserError
from mynah.service.manager import (
    AGAIN,
    AGAIN_S,
    ENDED,
    NAME,
    NONE,
    STOPPED,
    WRONG_SETTINGS,
    Job,
    Status,
)
from mynah.service.shell import Answer, ask

UNIT: Final = f"{NAME}.service"

# Without a limit to attempts: a companion's server or a sound card may be away for an hour.
TEXT: Final = """\
# Written by `mynah service install`, and written anew by the next.
[Unit]
Description=Mynah: the conversation with your ring
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=:{words}
{environment}Restart=on-failure
RestartSec={again_s}
RestartPreventExitStatus={wrong}
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""

STATES: Final = {"active": "it runs since {since}", "activating": AGAIN, "failed": ENDED}

_FIGURES: Final = ("ActiveState", "ExecMainStatus", "ActiveEnterTimestamp")


class Systemd:
    """The manager of whoever is logged in."""

    output = f"journalctl --user -u {NAME} -n 20"

    def __init__(
        self, folder: Path | None = None, ask: Callable[[tuple[str, ...]], Answer] = ask
    ) -> None:
        self.file = (folder or platformdirs.user_config_path("systemd") / "user") / UNIT
        self._ask = ask

    def install(self, job: Job) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(unit(job), encoding="utf-8")
        self._systemctl("daemon-reload")
        self._systemctl("enable", UNIT)
        self._systemctl("restart", UNIT)

    def start(self) -> None:
        self._systemctl("start", UNIT)

    def stop(self) -> None:
        self._systemctl("stop", UNIT)

    def remove(self) -> None:
        self._systemctl("disable", "--now", UNIT)
        self.file.unlink()
        self._systemctl("daemon-reload")

    def status(self) -> Status:
        if not self.file.is_file():
            return Status(installed=False, running=False, told=NONE)
        told = self._systemctl("show", UNIT, f"--property={','.join(_FIGURES)}")
        state, code, since = (_figure(told, name) for name in _FIGURES)
        line = STATES.get(state, STOPPED).format(code=code, since=since)
        return Status(installed=True, running=state == "active", told=line)

    def _systemctl(self, *words: str) -> str:
        answer = self._ask(("systemctl", "--user", *words))
        if answer.code:
            raise ServiceError(f"systemctl --user {' '.join(words)}: {answer.trouble}")
        return answer.output


def unit(job: Job) -> str:
    """The file; UserError if a word can't stand in it."""
    environment = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in job.environment.items()
    )
    words = " ".join(map(_quoted, job.words))
    return TEXT.format(words=words, environment=environment, again_s=AGAIN_S, wrong=WRONG_SETTINGS)


def _quoted(word: str) -> str:
    """As systemd reads it: `%` begins a specifier even in quotes. (`$` is off by the colon.)"""
    if not word.isprintable():
        raise UserError(f"{word!r} can't stand in a unit of systemd")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _figure(told: str, name: str) -> str:
    lines = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    return lines.get(name, "")
