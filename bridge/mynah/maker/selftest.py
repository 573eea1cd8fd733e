"""Tests a ring's parts one after another, over whatever link there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from mynah.errors import LinkError, MynahError, UserError, one_line, printable
from mynah.link.base import Link
from mynah.maker import selftest_chip, selftest_parts, selftest_radio, selftest_sound
from mynah.maker.selftest_board import board_file
from mynah.maker.selftest_report import Report, Result, Verdict
from mynah.maker.selftest_ring import BusyError, RingOnTest, reached
from mynah.maker.selftest_tests import (
    EMULATED,
    NOT_ASKED,
    Ask,
    Bench,
    Effort,
    Hand,
    failed,
    missing,
    not_asked,
)

if TYPE_CHECKING:
    from mynah.emulator.world import World

Test = Callable[[Bench], Awaitable[Result]]
Show = Callable[[Result], None]
Touching = Callable[["World"], AbstractAsyncContextManager[None]]
"""Lets a person press the button of an emulated ring."""

TESTS: Final[dict[str, Test]] = {
    "system": selftest_parts.system,
    "radio": selftest_radio.radio,
    "microphone": selftest_sound.microphone,
    "voice": selftest_sound.voice,
    "speaker": selftest_sound.speaker,
    "button": selftest_parts.button,
    "light": selftest_parts.light,
    "haptic": selftest_parts.haptic,
    "motion": selftest_parts.motion,
    "pulse": selftest_parts.pulse,
    "battery": selftest_parts.battery,
    "flash": selftest_parts.flash,
    "codec": selftest_chip.codec,
    "cipher": selftest_chip.cipher,
    "sha256": selftest_chip.sha256,
    "signature": selftest_chip.signature,
    "clock": selftest_chip.clock,
}

PARTS: Final = {
    "microphone": "MICROPHONE_SD",
    "voice": "MICROPHONE_SD",
    "speaker": "SPEAKER_SD",
    "button": "BUTTON",
    "light": "LAMP",
    "haptic": "HAPTIC",
    "motion": "MOTION",
    "pulse": "PULSE",
    "battery": "BATTERY_PIN",
}
"""What a board's file says if the board has what is tested."""

CHIP: Final = "esp32"
"""What `sys.platform` is on every one of them, and on no computer."""

AGAIN_S: Final = 3.0
EMULATOR: Final = "emulator"
SERIAL: Final = "serial"

_HOLDING: Final = ("microphone", "voice", "speaker")
_BUSY_STEP: Final = "is its button held down? Let go of it, or switch the ring off and on"
_SAFE_STEP: Final = "it tries them again in a minute; `mynah logs` says why"

ATTEMPTS: Final = 5
"""To reach a ring anew whose link was lost: it may be starting."""


async def selftest(
    link: str,
    ask: Ask | None,
    show: Show,
    *,
    only: Sequence[str] = (),
    effort: Effort | None = None,
    touching: Touching | None = None,
) -> Report:
    """Test the ring that `link` names; without `ask` what needs a person is left out.

    `show` gets each result twice: when its test begins, and when it is over. Of an emulated ring
    nobody is asked, as there is nothing to see; its button is pressed while `touching` is entered.
    """
    names = chosen(only)
    scheme = link.partition(":")[0]
    async with _opened(link) as (way, world):
        if world is None:
            return await examine(way, ask, show, names=names, effort=effort, scheme=scheme)
        hand = None if touching is None else partial(touching, world)
        return await examine(way, None, show, names=names, effort=effort, scheme=scheme, hand=hand)


def chosen(only: Sequence[str]) -> tuple[str, ...]:
    """The tests of these names, in their order; all if there are none."""
    unknown = [name for name in only if name not in TESTS]
    if unknown:
        raise UserError(f"no test is called {unknown[0]!r}; there are {', '.join(TESTS)}")
    return tuple(name for name in TESTS if not only or name in only)


async def examine(
    link: Link,
    ask: Ask | None,
    show: Show,
    *,
    names: Sequence[str] = tuple(TESTS),
    effort: Effort | None = None,
    scheme: str = "ble",
    hand: Hand | None = None,
) -> Report:
    """The same over a link that is not open yet."""
    examination = _Examination(link, ask, show, effort or Effort(), names, scheme)
    examination.hand = hand
    ready = await examination.run()
    board = printable(ready.ready.board.decode(errors="replace"))
    return Report(
        board=board,
        build=ready.ready.build,
        link=scheme,
        emulated=examination.emulated,
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        faults=examination.faults,
        results=list(examination.found.values()),
        device_id=ready.ready.device_id.hex(),
    )


class _Examination:
    """All tests, over as many connections as it takes."""

    def __init__(
        self,
        link: Link,
        ask: Ask | None,
        show: Show,
        effort: Effort,
        names: Sequence[str],
        scheme: str,
    ) -> None:
        self.found: dict[str, Result] = {}
        self.faults: list[str] = []
        self.hand: Hand | None = None
        self.emulated = scheme == EMULATOR
        self._link = link
        self._ask = ask
        self._show = show
        self._effort = effort
        self._left = list(names)
        self._scheme = scheme

    async def run(self) -> RingOnTest:
        """The ring, as it was met last."""
        attempts = 0
        while True:
            try:
                async with reached(self._link) as ring:
                    attempts = 0
                    await self._connection(ring)
            except LinkError:
                attempts += 1
                if not self.found or attempts > ATTEMPTS:
                    raise
            if not self._left:
                return ring
            await asyncio.sleep(AGAIN_S)

    async def _connection(self, ring: RingOnTest) -> None:
        name = ring.ready.board.decode(errors="replace")
        bench = Bench(ring, board_file(name), self._ask, self._effort, self.found, hand=self.hand)
        while self._left:
            test = self._left.pop(0)
            self._show(Result(test, Verdict.RUNNING))
            result = await self._result(test, bench)
            self.found[test] = result
            self._look_at_chip(bench)
            self._show(result)
            self._note(ring.faults)
            if ring.over:
                return

    async def _result(self, test: str, bench: Bench) -> Result:
        if bench.board.constants and test in PARTS and not bench.board.has(PARTS[test]):
            return missing(test)
        if bench.ring.safe:
            return self._held_up(test, "the ring runs without its parts", _SAFE_STEP)
        try:
            result = await TESTS[test](bench)
        except BusyError as error:
            return self._held_up(test, str(error), _BUSY_STEP)
        except (MynahError, TimeoutError) as error:
            return _broken(test, error)
        unseen = self.emulated and result.verdict is Verdict.NOT_ASKED and result.note == NOT_ASKED
        return replace(result, note=EMULATED) if unseen else result

    def _held_up(self, test: str, note: str, step: str) -> Result:
        """One thing is wrong, and keeps all others from being tested: it is told once."""
        failures = [each for each in self.found.values() if each.verdict is Verdict.FAILED]
        held_up = [each for each in failures if each.test in _HOLDING or each.next_step == step]
        return not_asked(test, note=note) if held_up else failed(test, note, step)

    def _look_at_chip(self, bench: Bench) -> None:
        """A board on a cable may be a fake one: nobody is asked what it does then."""
        system = self.found.get("system")
        if system is not None and system.figures.get("platform", CHIP) != CHIP:
            self.emulated = True
            if self._scheme == SERIAL:
                bench.ask = self._ask = None

    def _note(self, faults: list[str]) -> None:
        self.faults.extend(line for line in faults if line not in self.faults)


def _broken(test: str, error: Exception) -> Result:
    text = one_line(error) if str(error) else "the ring takes nothing more"
    return failed(test, text, "the tests go on; `mynah logs` says whether the ring started anew")


@asynccontextmanager
async def _opened(link: str) -> "AsyncIterator[tuple[Link, World | None]]":
    from mynah.emulator.emulated import SCHEME, emulated
    from mynah.link.uri import open_link
    from mynah.maker.selftest_air import Air

    if not link.startswith(SCHEME):
        yield open_link(link), None
        return
    async with emulated(link) as on, Air(on.ring.world):
        yield on.link, on.ring.world
