"""A run whose output is kept, by a service: never anybody's words, whoever prints them."""

import asyncio
import os
import sys
from typing import Final, TextIO

from mynah.errors import printable
from mynah.seeing.kinds import kind_of
from mynah.seeing.redaction import REDACTION
from mynah.service.ready import tell_ready
from mynah.turn.record import TurnRecord
from mynah.view import View

STEADY_S: Final = 1.0
"""A cable that is not there ends the run within it."""

FAILED: Final = "a turn failed ({kind}): `mynah doctor` says where the log is"

_kept: list[TextIO] = []


def hush() -> TextIO:
    """What may be said goes here from now on; what others print, and until the very end, is gone.

    A companion, a library, asyncio at its end and the interpreter at its own may print what was
    said.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    _kept.extend(os.fdopen(os.dup(number), "w", encoding="utf-8") for number in (1, 2))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return _kept[0]


def tell_why(line: str) -> None:
    """Why the program ends, on standard error; in a hushed one without what was said."""
    if _kept:
        _kept[1].write(REDACTION.redacted(line))
        _kept[1].flush()
    else:
        sys.stderr.write(line)


class QuietView(View):
    """What goes wrong, and what is good to know, a line each."""

    shows_words = False

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._is_ready = False

    def ready(self) -> None:
        """All is loaded; whoever began us is told when it holds."""
        if not self._is_ready:
            self._is_ready = True
            asyncio.get_running_loop().call_later(STEADY_S, tell_ready)

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over. What a companion answers instead of words may quote what was said."""
        del companion
        if record.error:
            self.tell(FAILED.format(kind=kind_of(record.error)))

    def tell(self, text: str) -> None:
        """What is good to know."""
        self._output.write(printable(REDACTION.redacted(text)) + "\n")
        self._output.flush()

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self.tell(text)
