"""The live view of `mynah run`: the conversation scrolls by, how it stands remains below it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from mynah.cli.live_panels import Frame, Level, lines
from mynah.cli.view import TerminalView
from mynah.errors import printable
from mynah.turn.glimpse import Glimpse
from mynah.turn.record import TurnRecord
from mynah.view import View

UPDATES_HZ: Final = 12
"""A meter seems to move smoothly from about 10; each update costs 1.4 ms at most."""
IDLE_S: Final = 1.0
"""How often a still picture is looked at: its terminal may have another size by now."""
ERASE_ROW: Final = (
    ControlType.CARRIAGE_RETURN,
    (ControlType.ERASE_IN_LINE, 2),
    (ControlType.CURSOR_UP, 1),
)
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PEAK_HELD_S: Final = 1.5
"""Long enough to be read; shorter than a sentence, so that each has its own."""

LEAST_WIDTH: Final = 40
LEAST_HEIGHT: Final = 16
"""The live part, and five lines of conversation above it."""


class LiveView(View):
    """Owns the terminal between `__enter__` and `__exit__`; leaves the conversation behind."""

    shows_captions = True

    def __init__(
        self,
        console: Console | None = None,
        *,
        title: str,
        companion: str,
        hint: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or Console(highlight=False)
        self._conversation = TerminalView(self._console)
        self._clock = clock
        self._frame = Frame(title, companion, hint=hint)
        self._jobs: dict[object, tuple[str, float]] = {}
        self._hears, self._says = Peak(), Peak()
        self._live = _Sparing(self._now, self._console)

    @staticmethod
    def fits(console: Console) -> bool:
        """Whether it can be shown there; where not, TerminalView can."""
        able = console.is_terminal and not console.is_dumb_terminal
        large = console.width >= LEAST_WIDTH and console.height >= LEAST_HEIGHT
        return able and large and console.encoding.startswith("utf")

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Something takes a while; it is shown with its seconds. Several may overlap."""
        job = object()
        self._jobs[job] = (printable(what), self._clock())
        self._live.changed.set()
        try:
            yield
        finally:
            del self._jobs[job]
            self._live.changed.set()

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        """How the conversation stands; None while there is no ring, and `ring` says why."""
        now_s = self._clock()
        before, self._frame = (
            self._frame,
            replace(
                self._frame,
                glimpse=glimpse,
                ring=ring,
                hint=hint,
                hears=self._hears.level(glimpse.hears_dbfs if glimpse else None, now_s),
                says=self._says.level(glimpse.says_dbfs if glimpse else None, now_s),
            ),
        )
        if self._frame != before:
            self._live.changed.set()

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over: it joins the conversation above."""
        self._frame = replace(self._frame, last=record)
        self._live.changed.set()
        self._conversation.turn(record, companion)

    def tell(self, text: str) -> None:
        """A line above, of no great weight."""
        self._conversation.tell(text)

    def trouble(self, text: str) -> None:
        """A line above about what went wrong."""
        self._conversation.trouble(text)

    def _now(self) -> Frame:
        """With what changes by itself: the jobs' seconds."""
        jobs = list(self._jobs.values())
        if not jobs:
            return self._frame
        now_s = self._clock()
        told = ", ".join(f"{what} {now_s - since_s:.0f} s" for what, since_s in jobs)
        turning = SPINNER[int(now_s * UPDATES_HZ) % len(SPINNER)]
        return replace(self._frame, busy=f"{turning} {told}")


class Peak:
    """Holds the loudest of late."""

    def __init__(self) -> None:
        self._peak_dbfs: float | None = None
        self._since_s = 0.0

    def level(self, dbfs: float | None, now_s: float) -> Level:
        """What a meter shows."""
        over = now_s - self._since_s > PEAK_HELD_S
        if over or self._peak_dbfs is None or (dbfs is not None and dbfs >= self._peak_dbfs):
            self._peak_dbfs, self._since_s = dbfs, now_s
        return Level(dbfs, self._peak_dbfs)


class _Panel:
    """A frame as rich draws it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.drawn: list[Text] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del options
        self.drawn = lines(self._frame, console)
        for line in self.drawn:
            line.no_wrap = True
            yield line

    def rows_more(self, width: int) -> int:
        """In how many more rows it stands since the terminal became so narrow."""
        return sum(max(0, line.cell_len - 1) // width for line in self.drawn)


class _Sparing(Live):
    """Draws only what has changed: a terminal may be at the far end of a slow line.

    In a thread of its own, so that a spinner turns while the caller waits; a still one costs
    nothing.
    """

    def __init__(self, now: Callable[[], Frame], console: Console) -> None:
        self.changed = threading.Event()
        """To be set when the next frame is another one."""
        self._now = now
        self._panel = _Panel(now())
        self._shown: object = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._keep_drawing, name="live view", daemon=True)
        super().__init__(
            self._panel,
            console=console,
            auto_refresh=False,
            transient=True,
            vertical_overflow="crop",
        )

    def start(self, refresh: bool = False) -> None:
        """Once."""
        super().start(refresh)
        self._thread.start()

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self._leaving.set()
        self.changed.set()
        self._thread.join()
        super().stop()

    def refresh(self) -> None:
        """Draw, if there is something new."""
        with self._lock:
            frame, size = self._now(), self.console.size
            if (frame, size) == self._shown:
                return
            # Terminals break lines that have become too long; rich would leave their ends behind.
            self.console.control(Control(*ERASE_ROW * self._panel.rows_more(size.width)))
            self._shown = frame, size
            self._panel = _Panel(frame)
            self.update(self._panel)
            super().refresh()

    def _keep_drawing(self) -> None:
        while not self._leaving.is_set():
            if not self._now().busy:
                self.changed.wait(IDLE_S)
            self.changed.clear()
            self.refresh()
            self._leaving.wait(1 / UPDATES_HZ)
