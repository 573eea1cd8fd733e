"""Whoever watches a conversation: a terminal, another program, nobody."""

from contextlib import AbstractContextManager, nullcontext

from mynah.turn.glimpse import Glimpse
from mynah.turn.record import TurnRecord


class View:
    """Whoever watches. This one looks away; another overrides what it wants to see."""

    shows_captions = False
    """The wearer's words while they are said: worth hearing them all along."""

    shows_words = True
    """What was said and answered; one that is kept by strangers shows none."""

    def ready(self) -> None:
        """All is loaded that a conversation takes."""

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return nullcontext(what)

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        """How the conversation stands; None while there is no ring."""

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""

    def tell(self, text: str) -> None:
        """What is good to know."""

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
