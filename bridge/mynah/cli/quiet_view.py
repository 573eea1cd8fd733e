"""The view of a conversation whose output is kept, by a service: never anybody's words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from mynah.errors import printable
from mynah.seeing.kinds import kind_of
from mynah.seeing.redaction import REDACTION
from mynah.service.ready import tell_ready
from mynah.turn.glimpse import Glimpse
from mynah.turn.record import TurnRecord
from mynah.view import View


class QuietView(View):
    """What goes wrong, and what is good to know, a line each."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._is_ready = False

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        """How the conversation stands: well enough for whoever began us."""
        del glimpse, ring, hint
        if not self._is_ready:
            self._is_ready = True
            tell_ready()

    def turn(self, record: TurnRecord, companion: str) -> None:
        """A turn is over. What a companion answers instead of words may quote what was said."""
        del companion
        if record.error:
            self.tell(
                f"a turn failed ({kind_of(record.error)}): `mynah doctor` says where the log is"
            )

    def tell(self, text: str) -> None:
        """What is good to know."""
        self._output.write(printable(REDACTION.redacted(text)) + "\n")
        self._output.flush()

    def trouble(self, text: str) -> None:
        """What went wrong, and how it goes on."""
        self.tell(text)


@contextmanager
def quiet_output() -> Iterator[TextIO]:
    """Ours alone. A companion, a library and asyncio may print what was said: theirs is gone."""
    kept = os.dup(1), os.dup(2)
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        os.fdopen(kept[0], "w", encoding="utf-8", errors="replace") as ours,
        os.fdopen(kept[1]),
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        for descriptor in (1, 2):
            os.dup2(nowhere.fileno(), descriptor)
        try:
            yield ours
        finally:
            ours.flush()
            for descriptor, old in zip((1, 2), kept, strict=True):
                os.dup2(old, descriptor)
