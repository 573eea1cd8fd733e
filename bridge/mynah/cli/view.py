"""How a conversation is shown: as a conversation, or as JSON for other programs."""

import sys
from contextlib import AbstractContextManager

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mynah.errors import printable
from mynah.turn.record import TurnRecord
from mynah.view import View

NAME_WIDTH = 8  # "parrot", "error", and most companions' names; longer ones are wrapped


class JsonView(View):
    """One object a turn on standard output, nothing else; progress goes to standard error."""

    def __init__(self) -> None:
        self._turns = sys.stdout
        self._errors = Console(stderr=True)

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return self._errors.status(Text(printable(what)))

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""
        del companion
        typer.echo(record.line(), file=self._turns)

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self._errors.print(Text(printable(text), "red"))


class TerminalView(View):
    """What was said, and under each turn how long the wearer waited, and for what."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return self._console.status(Text(printable(what)))

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""
        if record.transcript:
            self._line("you", record.transcript, "cyan")
        if record.occasion not in {None, "companion", record.answered_by}:
            self._line("ring", str(record.occasion).replace("_", " "), "cyan")
        if record.error:
            self._line("error", record.error, "red")
        companion = record.answered_by or companion
        if record.because:
            self._line("", f"{record.because}; {companion} answers", "red")
        if record.heard:
            self._line(companion, record.heard, "green")
        if record.felt:
            self._line(companion, f"({', '.join(record.felt)})", "magenta")
        if record.v2v_ms is not None:
            parts = ", ".join(
                f"{name} {ms:.0f}" for name, ms in record.waterfall.items() if round(ms)
            )
            cost = f"{record.v2v_ms:.0f} ms from voice to voice ({parts})"
            self._line("", cost, "dim")

    def tell(self, text: str) -> None:
        """What is good to know."""
        self._console.print(Text(printable(text), "dim"))

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self._console.print(Text(printable(text), "red"))

    def _line(self, who: str, what: str, style: str) -> None:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=NAME_WIDTH, justify="right", style=style)
        line.add_column()
        line.add_row(Text(who), Text(printable(what), "" if who else style))
        self._console.print(line)
