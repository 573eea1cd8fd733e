"""The view of `mynah run` where no live one fits: lines, one after the other."""

from contextlib import AbstractContextManager, nullcontext

from rich.console import Console

from mynah.cli.view import TerminalView
from mynah.turn.glimpse import Glimpse


class PlainView(TerminalView):
    """What there is to do is told once, and then known."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._told = {""}

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        if not self._console.is_dumb_terminal:
            return super().busy(what)
        self.tell(what)
        return nullcontext()

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        """How the conversation stands."""
        del ring
        if glimpse is not None and hint not in self._told:
            self._told.add(hint)
            self.tell(hint)
