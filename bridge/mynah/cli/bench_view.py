"""How `mynah bench` is shown: a line a turn while it runs, then the figures."""

from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mynah.bench.endpoint import EndpointResult, Point
from mynah.errors import printable
from mynah.turn.record import TurnRecord
from mynah.view import View


class Progress(View):
    """On standard error: standard output is for the figures."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return self._console.status(Text(printable(what)))

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""
        del companion
        name = Path(record.input or "").stem
        told = f"{record.v2v_ms:.0f} ms" if record.v2v_ms is not None else "no reply"
        if record.error is not None:
            told = f"{told}: {printable(record.error)}"
        self._console.print(f"{record.turn:>3}  {name}  {told}", style="dim", markup=False)

    def tell(self, text: str) -> None:
        """What is good to know."""
        self._console.print(printable(text), markup=False)

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self._console.print(printable(text), style="red", markup=False, soft_wrap=True)


def print_endpoint(result: EndpointResult) -> None:
    """Each policy where 5 % are cut off, and as its makers set it."""
    table = Table(title=f"When the turn is taken, over {len(result.turns)} turns")
    table.add_column("policy, run by us")
    for heading in ("p50 at 5 % cut off", "as set: p50", "p95", "cut off"):
        table.add_column(heading, justify="right")
    for name, least_ms in result.latency_at_5pct.items():
        table.add_row(name, _wait(least_ms), *_levels(result.own[name]))
    table.add_section()
    for name, each in result.profiles.items():
        table.add_row(name, "", *_levels(each))
    console = Console(highlight=False)
    console.print(table)
    for policy in result.policies:
        console.print(f"{policy.name}: {policy.says}", style="dim", markup=False)
    for name, reason in result.left_out.items():
        console.print(f"left out: {name}: {reason}", style="yellow", markup=False)


def _levels(each: Point) -> tuple[str, str, str]:
    p50, p95 = _wait(each.latency_p50_ms), _wait(each.latency_p95_ms)
    return p50, p95, f"{each.false_cutoff_rate:.1%}"


def _wait(wait_ms: float | None) -> str:
    return "never" if wait_ms is None else f"{wait_ms:.0f} ms"
