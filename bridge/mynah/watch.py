"""Passes on what is shown of a conversation, and says when nothing more will come of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from mynah.link.client import monotonic_ms
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord
from mynah.view import View


class Watch(View):
    """Passes on what is shown, and says when it has been nobody's turn for a while."""

    def __init__(self, view: View, on_quiet: Callable[[], None]) -> None:
        self._view = view
        self._on_quiet = on_quiet
        self._quiet_ms: Callable[[], float] | None = None
        self._since_ms: float | None = None

    def until_quiet(self, quiet_ms: Callable[[], float] | None) -> None:
        """Say it once, when it has been so for so long from now on; None: no more."""
        self._quiet_ms, self._since_ms = quiet_ms, None

    def busy(self, what: str) -> AbstractContextManager[object]:
        return self._view.busy(what)

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        self._view.show(glimpse, ring, hint)
        now_ms = monotonic_ms()
        if glimpse is None or glimpse.state is not State.LISTENING or self._since_ms is None:
            quiet = glimpse is not None and glimpse.state is State.LISTENING
            self._since_ms = now_ms if quiet else None
        elif self._quiet_ms is not None and now_ms - self._since_ms >= self._quiet_ms():
            self._quiet_ms = None
            self._on_quiet()

    def turn(self, record: TurnRecord, companion: str) -> None:
        self._view.turn(record, companion)

    def tell(self, text: str) -> None:
        self._view.tell(text)

    def trouble(self, text: str) -> None:
        self._view.trouble(text)
