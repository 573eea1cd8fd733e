"""The pseudo-terminal between a chip's interpreter and whoever types: its settings, and Ctrl-C.

MicroPython on a chip heeds Ctrl-C between two bytecodes. Here it leaves whatever it is at by a
`longjmp` out of the signal's handler: a garbage collection, after which the heap is locked for
good; or a look for a module, which an import then takes for missing. So Ctrl-C waits until the
interpreter rests, as it does wherever firmware waits.
"""

import os
import termios
import tty
from contextlib import suppress
from pathlib import Path
from typing import Final

INTERRUPT: Final = b"\x03"

_LOCAL_MODES: Final = 3  # places in what `tcgetattr` gives
_CHARACTERS: Final = 6
_AT_ONCE: Final = 4096


def as_a_serial_port(terminal: int) -> None:
    """Bytes as they are, but that Ctrl-C interrupts: so the chip's console is."""
    tty.setraw(terminal)
    settings = termios.tcgetattr(terminal)
    settings[_LOCAL_MODES] |= termios.ISIG | termios.NOFLSH  # nothing that waits is lost by it
    settings[_CHARACTERS][termios.VINTR] = INTERRUPT
    for other in (termios.VQUIT, termios.VSUSP):
        settings[_CHARACTERS][other] = b"\0"
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


def takes_interrupt(terminal: int, process: int) -> bool:
    """Whether Ctrl-C does no harm now: the REPL reads it as a key, or the interpreter rests."""
    if not termios.tcgetattr(terminal)[_LOCAL_MODES] & termios.ISIG:
        return True
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it ended; or this system has no such files: now is as good as later
        return True
    return state == "S"


def rest_of(terminal: int) -> bytes:
    """What was typed and nobody read."""
    os.set_blocking(terminal, False)
    rest = b""
    with suppress(BlockingIOError):
        while data := os.read(terminal, _AT_ONCE):
            rest += data
    return rest
