"""Workers that die when the plan says so."""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from mynah.errors import UserError
from mynah.faults.injection import Injection
from mynah.faults.plan import Fault


class Process(Protocol):
    """A stage that works in a process of its own."""

    @property
    def pid(self) -> int | None:
        """The process in use, if there is one just now."""


def kill_workers(injection: Injection, stages: Mapping[str, object]) -> None:
    """From now on the plan may kill these, by name; UserError if one has no process to kill."""
    processes: dict[str, Process] = {}
    for fault in injection.plan.named("worker_kill"):
        name = str(fault.amount)
        stage = stages.get(name)
        if not hasattr(stage, "pid"):
            raise UserError(f"faults: {fault} can't be had: {name} has no process of its own here")
        processes[name] = stage

    def kill(fault: Fault) -> None:
        pid = processes[str(fault.amount)].pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    injection.can("worker_kill", kill)
