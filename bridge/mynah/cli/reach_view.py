"""How `mynah bench recovery` and `mynah bench rings` are shown."""

from rich.console import Console
from rich.table import Table

from mynah.bench import recovery, two_rings

LEVELS = ("p50", "p95", "max")


def print_recovery(result: recovery.RecoveryResult) -> None:
    """A line for each fault."""
    table = _table("Until the next turn can begin, from the end of the trouble", "trouble", "times")
    for fault, took_ms in result.took_ms.items():
        levels = [result.percentile_ms(fault, percent) for percent in recovery.PERCENTILES]
        table.add_row(fault, str(len(took_ms)), *(f"{level:.0f} ms" for level in levels))
    Console(highlight=False).print(table)


def print_rings(result: two_rings.RingsResult) -> None:
    """A line for each ring."""
    table = _table("From voice to voice, both rings talking at once", "ring", "failed")
    for name in result.spoken:
        levels = [result.percentile_ms(name, percent) for percent in two_rings.PERCENTILES]
        shown = ("never" if level is None else f"{level:.0f} ms" for level in levels)
        table.add_row(name, str(result.failed(name)), *shown)
    Console(highlight=False).print(table)


def _table(title: str, *names: str) -> Table:
    table = Table(title=title)
    for number, heading in enumerate((*names, *LEVELS)):
        table.add_column(heading, justify="right" if number else "left")
    return table
