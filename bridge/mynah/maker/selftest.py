"""Tests a ring's parts one after another, over whatever link there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from mynah.errors import LinkError, MynahError, UserError, one_line
from mynah.link.base import Link
from mynah.maker import selftest_chip, selftest_parts, selftest_radio, selftest_sound
from mynah.maker.selftest_board import board_file
from mynah.maker.selftest_report import Report, Result, Verdict
from mynah.maker.selftest_ring import RingOnTest, reached
from mynah.maker.selftest_tests import Ask, Bench, Effort, failed

Test = Callable[[Bench], Awaitable[Result]]
Show = Callable[[Result], None]

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

AGAIN_S: Final = 3.0
ATTEMPTS: Final = 5
"""To reach a ring anew whose link was lost: it may be starting."""


async def selftest(
    link: str,
    ask: Ask | None,
    show: Show,
    *,
    only: Sequence[str] = (),
    effort: Effort | None = None,
) -> Report:
    """Test the ring that `link` names; without `ask` what needs a person is left out.

    `show` gets each result twice: when its test begins, and when it is over.
    """
    names = chosen(only)
    scheme = link.partition(":")[0]
    async with _opened(link) as way:
        return await examine(way, ask, show, names=names, effort=effort, scheme=scheme)


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
) -> Report:
    """The same over a link that is not open yet."""
    examination = _Examination(link, ask, show, effort or Effort(), names)
    ready = await examination.run()
    board = ready.ready.board.decode(errors="replace")
    system = examination.found.get("system")
    platform = str(system.figures.get("platform", "")) if system else ""
    return Report(
        board=board,
        build=ready.ready.build,
        link=scheme,
        emulated=scheme == "emulator" or platform not in ("", "esp32"),
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        faults=examination.faults,
        results=list(examination.found.values()),
        device_id=ready.ready.device_id.hex(),
    )


class _Examination:
    """All tests, over as many connections as it takes."""

    def __init__(
        self, link: Link, ask: Ask | None, show: Show, effort: Effort, names: Sequence[str]
    ) -> None:
        self.found: dict[str, Result] = {}
        self.faults: list[str] = []
        self._link = link
        self._ask = ask
        self._show = show
        self._effort = effort
        self._left = list(names)

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
        bench = Bench(ring, board_file(name), self._ask, self._effort, self.found)
        while self._left:
            test = self._left.pop(0)
            self._show(Result(test, Verdict.RUNNING))
            try:
                result = await TESTS[test](bench)
            except (MynahError, TimeoutError) as error:
                result = _broken(test, error)
            self.found[test] = result
            self._show(result)
            self._note(ring.faults)
            if ring.over:
                return

    def _note(self, faults: list[str]) -> None:
        self.faults.extend(line for line in faults if line not in self.faults)


def _broken(test: str, error: Exception) -> Result:
    text = one_line(error) if str(error) else "the ring takes nothing more"
    return failed(test, text, "the tests go on; `mynah logs` says whether the ring started anew")


@asynccontextmanager
async def _opened(link: str) -> AsyncIterator[Link]:
    from mynah.emulator.emulated import SCHEME, emulated
    from mynah.link.uri import open_link
    from mynah.maker.selftest_air import Air

    if not link.startswith(SCHEME):
        yield open_link(link)
        return
    async with emulated(link) as on, Air(on.ring.world):
        yield on.link
