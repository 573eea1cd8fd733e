"""How `mynah selftest` is shown: a line a test with its figures, a question where it takes one."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from mynah.errors import printable
from mynah.maker.selftest_page import MARKS, NONE, figures_of
from mynah.maker.selftest_report import Report, Result, Verdict
from mynah.terminal.finger import Action, Press, Quit
from mynah.terminal.shell import TerminalFinger
from mynah.terminal.typed import forget_typed

if TYPE_CHECKING:
    from mynah.emulator.world import World

_STYLES: Final = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.MISSING: "dim",
    Verdict.NOT_ASKED: "yellow",
}
_NAME_WIDTH: Final = 10
_ANSWERS: Final = {"y": True, "yes": True, "n": False, "no": False, "s": None, "skip": None}


class SelftestView:
    """Use it as `with SelftestView() as view`."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._status = Status("looking for the ring", console=self._console)

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._status.stop()

    def show(self, result: Result) -> None:
        """A test began, or is over."""
        if result.verdict is Verdict.RUNNING:
            self._status.update(Text(result.test))
            return
        if self._console.is_terminal:
            self._console.print(_line(result))
        else:  # a table would be padded, and broken where no screen ends
            self._console.print(_plain(result), markup=False, soft_wrap=True)

    async def ask(self, question: str) -> bool | None:
        """Yes, no, or None to skip; whatever else is asked again."""
        self._status.stop()
        try:
            while True:
                answer = await asyncio.to_thread(_typed, question)
                if answer in _ANSWERS:
                    return _ANSWERS[answer]
        finally:
            self._status.start()

    @asynccontextmanager
    async def touching(self, world: "World") -> AsyncIterator[None]:
        """Space is the button of an emulated ring."""
        from mynah.emulator.wearer import TAP_MS

        def act(action: Action) -> None:
            if isinstance(action, Press):
                world.press()
                world.release(world.now_ms + TAP_MS)
            elif isinstance(action, Quit):
                signal.raise_signal(signal.SIGINT)

        self._status.stop()
        self._console.print("Press space, once: it is the button of the emulated ring")
        try:
            async with TerminalFinger(act):
                yield
        finally:
            self._status.start()

    def end(self, report: Report) -> None:
        """What it came to."""
        for line in report.faults:
            self._console.print(Text(printable(line), style="yellow"), soft_wrap=True)
        counts = dict.fromkeys(_STYLES, 0)
        for result in report.results:
            counts[result.verdict] += 1
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        where = f"{report.board}, build {report.build}"
        emulated = ", emulated: its times are this computer's" if report.emulated else ""
        self._console.print(f"{where}{emulated}: {told}", markup=False, soft_wrap=True)


def _typed(question: str) -> str:
    forget_typed()
    try:
        return input(f"{question} [y/n/skip] ").strip().lower()
    except EOFError:
        return "skip"


def _told(result: Result) -> str:
    if result.verdict is Verdict.MISSING:
        return NONE
    words = [result.note, "" if result.verdict is Verdict.NOT_ASKED else figures_of(result)]
    return printable("; ".join(filter(None, words)))


def _plain(result: Result) -> str:
    line = f"{MARKS[result.verdict]} {result.test:{_NAME_WIDTH}} {_told(result)}".rstrip()
    return f"{line}\n  → {printable(result.next_step)}" if result.next_step else line


def _line(result: Result) -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=1)
    line.add_column(width=_NAME_WIDTH)
    line.add_column()
    style = _STYLES[result.verdict]
    told = Text(_told(result), style="dim" if style == "dim" else "")
    line.add_row(Text(MARKS[result.verdict], style), Text(result.test, style), told)
    if result.next_step:
        line.add_row("", "", Text(f"→ {printable(result.next_step)}", style))
    return line
