"""The view of a conversation whose output is kept, by a service: never anybody's words."""

import typer

from mynah.errors import printable
from mynah.seeing.redaction import REDACTION
from mynah.turn.record import TurnRecord
from mynah.view import View


class QuietView(View):
    """What goes wrong, and what is good to know, a line each."""

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over."""
        del companion
        if record.error:
            self.tell(record.error)

    def tell(self, text: str) -> None:
        """What is good to know."""
        typer.echo(printable(REDACTION.redacted(text)))

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self.tell(text)
