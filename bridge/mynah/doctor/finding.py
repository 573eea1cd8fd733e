"""What one look at this computer found, and how looks are taken: none fails, none hangs."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "missing", "broken", "unknown"]
Need = Literal["conversation", "sound", "ring", "trouble"]
"""Who needs it: every conversation, this computer's microphone and speaker, a ring of metal,
whoever looks into what went wrong."""

LIMIT_S: Final = 10.0
"""For all looks together: hashing a model anew takes 0.5 s, a D-Bus that stalls for ever longer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is, and if it is not well, the one next step."""

    name: str
    state: State
    detail: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A look that can be taken."""

    name: str
    need: Need
    look: Callable[[], Finding]


def examine(checks: Sequence[Check], limit_s: float = LIMIT_S) -> list[Finding]:
    """A finding for each check, in order; an error or silence is `unknown`."""
    until = time.monotonic() + limit_s
    answers = [_begin(check) for check in checks]
    return [
        _await(check, answer, until, limit_s) for check, answer in zip(checks, answers, strict=True)
    ]


def can_converse(checks: Sequence[Check], findings: Sequence[Finding]) -> bool:
    """Whether all that the emulated conversation needs is well."""
    return all(
        finding.state == "ok"
        for check, finding in zip(checks, findings, strict=True)
        if check.need == "conversation"
    )


def _begin(check: Check) -> "queue.SimpleQueue[Finding]":
    answer: queue.SimpleQueue[Finding] = queue.SimpleQueue()
    # A daemon, because one that hangs in a driver must not keep the program from ending.
    looker = threading.Thread(target=lambda: answer.put(_look(check)), daemon=True)
    looker.start()
    return answer


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as error:  # noqa: BLE001 - whatever a driver does is a finding, not an end
        reason = " ".join(str(error).split()) or type(error).__name__
        return Finding(check.name, "unknown", reason)


def _await(
    check: Check, answer: "queue.SimpleQueue[Finding]", until: float, limit_s: float
) -> Finding:
    try:
        return answer.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        return Finding(check.name, "unknown", f"no answer within {limit_s:g} s")
