"""What every test of the self-test is given, and what a simple one makes of the ring's answer."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from mynah.maker.selftest_board import BoardFile
from mynah.maker.selftest_report import Figure, Result, Verdict
from mynah.maker.selftest_ring import Finding, RingOnTest

Ask = Callable[[str], Awaitable[bool | None]]
"""Asks the person: yes, no, or None to skip."""

AWAKE_S: Final = 5.0
"""While somebody thinks the ring is asked something: with a small cell it sleeps after 15 s."""

NOT_ASKED: Final = "it needs a person to look, listen or press"
EMULATED: Final = "emulated: nobody can see, hear or touch it"

# A step that is about wires mends neither.
_UNFORESEEN: Final = re.compile(r"(?!OSError)[A-Z]\w*(Error|Exception)\b")
_ENDLESS: Final = "it did not end"
_REPORT: Final = "`mynah logs` may say more; please report it with this page"
_AGAIN: Final = "switch the ring off and on and test it again; if it stays so, please report it"

Hand = Callable[[], AbstractAsyncContextManager[None]]
"""As long as it is entered, a person can press the button of an emulated ring."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much time the tests take; more is more exact."""

    listen_ms: int = 3000
    echoes: int = 40
    flood_s: float = 1.0
    up_records: int = 120
    sizes: tuple[int, ...] = (20, 100, 182, 244)
    """Of a record on the air: small control, a short one, a frame of speech, a full packet."""
    person_s: float = 10.0
    """How long somebody is given to press or tap."""
    shown_s: float = 1.2
    """How long each colour is shown."""


@dataclass(slots=True)
class Bench:
    """The ring, its board, and the person."""

    ring: RingOnTest
    board: BoardFile
    ask: Ask | None
    effort: Effort = field(default_factory=Effort)
    found: dict[str, Result] = field(default_factory=dict)
    """By the tests before."""
    hand: Hand | None = None

    def can(self, capability: int) -> bool:
        """Whether the ring says that it has that part, and it works."""
        return bool(self.ring.ready.capabilities & capability)

    async def asked(self, question: str) -> bool | None:
        """What the person says; None if there is nobody."""
        if self.ask is None:
            return None
        awake = asyncio.create_task(self._keep_awake(), name="keep awake")
        try:
            return await self.ask(question)
        finally:
            awake.cancel()
            await asyncio.gather(awake, return_exceptions=True)

    async def _keep_awake(self) -> None:
        while True:
            await asyncio.sleep(AWAKE_S)
            await self.ring.probe("link")


def passed(test: str, figures: dict[str, Figure] | None = None, note: str = "") -> Result:
    """It is as it should be."""
    return Result(test, Verdict.PASSED, figures or {}, note)


def failed(
    test: str, note: str, next_step: str, figures: dict[str, Figure] | None = None
) -> Result:
    """It is not, and this is what to do, unless what was found has another cause."""
    if _UNFORESEEN.match(note):
        next_step = _REPORT
    elif note.startswith(_ENDLESS):
        next_step = _AGAIN
    return Result(test, Verdict.FAILED, figures or {}, note, next_step)


def missing(test: str) -> Result:
    """The board's file names no such part."""
    return Result(test, Verdict.MISSING)


def not_asked(test: str, figures: dict[str, Figure] | None = None, note: str = NOT_ASKED) -> Result:
    """Only a person can tell."""
    return Result(test, Verdict.NOT_ASKED, figures or {}, note)


def simple(test: str, finding: Finding, next_step: str) -> Result:
    """The ring's own verdict."""
    if finding.missing:
        return missing(test)
    if finding.passed:
        return passed(test, finding.values)
    reason = finding.reason or "the ring says no more than that"
    return failed(test, reason, next_step, finding.values)


def answered(test: str, note: str, next_step: str, *, answer: bool | None) -> Result:
    """The person's."""
    if answer is None:
        return not_asked(test)
    return passed(test) if answer else failed(test, note, next_step)
