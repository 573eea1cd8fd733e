"""`mynah flash` on a terminal: a bar for each step."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from mynah.maker.progress import Step


class Bars:
    """Shows steps; `rest` lets somebody else have the terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def step(self, step: Step) -> None:
        if not self._progress.live.is_started:
            self._progress.start()
        if step.name not in self._tasks:
            self._tasks[step.name] = self._progress.add_task(step.name, total=1.0, note="")
        self._progress.update(self._tasks[step.name], completed=step.done, note=step.note)

    def say(self, line: str) -> None:
        self._progress.console.print(line, markup=False, soft_wrap=True)

    def rest(self) -> None:
        """Until the next step."""
        if self._progress.live.is_started:
            self._progress.stop()


@contextmanager
def bars() -> Iterator[Bars]:
    """On standard error, which a pipe leaves alone."""
    columns = (
        TextColumn("{task.description:12}", table_column=Column(no_wrap=True, min_width=12)),
        BarColumn(bar_width=12),
        TextColumn("{task.percentage:>4.0f} %"),
        TextColumn("{task.fields[note]}", markup=False),
    )
    console = Console(stderr=True, highlight=False)
    view = Bars(Progress(*columns, console=console))
    try:
        yield view
    finally:
        view.rest()
