"""What was typed before a question was asked is no answer to it."""

import sys
from contextlib import suppress
from importlib.util import find_spec


def forget_typed() -> None:
    """Throw it away, where there is a terminal."""
    if not sys.stdin.isatty():
        return
    if find_spec("termios") is None:
        _forget_on_windows()
        return
    import termios

    with suppress(termios.error, OSError):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _forget_on_windows() -> None:
    import msvcrt

    while msvcrt.kbhit():  # type: ignore[attr-defined, unused-ignore]
        msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
