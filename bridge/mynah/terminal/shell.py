"""The terminal that this program runs in, borrowed for a while: keys at once, clicks, focus.

POSIX only: `usable` says whether there is one.
"""

import asyncio
import atexit
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Final, Self

from mynah.terminal import keys
from mynah.terminal.finger import Action, Finger, Quit
from mynah.terminal.keys import Event, FocusLost, Key, KeyParser, Kind

STDIN: Final = 0
STDOUT: Final = 1

_AT_ONCE: Final = 4096

_KITTY: Final = keys.DISAMBIGUATE | keys.EVENT_TYPES | keys.ALTERNATE_KEYS | keys.ALL_KEYS
_CLICKS: Final = "1000"
_CLICKS_IN_DECIMAL: Final = "1006"
_FOCUS: Final = "1004"
_PASTES_MARKED: Final = "2004"  # a pasted "q" must not end the conversation
_MODES: Final = f"{_CLICKS};{_CLICKS_IN_DECIMAL};{_FOCUS};{_PASTES_MARKED}"

# kitty's push, and the question whether it was understood; other terminals skip both.
BORROW: Final = f"\x1b[?{_MODES}h\x1b[>{_KITTY}u\x1b[?u".encode()
# The cursor too: a live view that hides it does not hear of Ctrl-Z.
GIVE_BACK: Final = f"\x1b[<u\x1b[?{_MODES}l\x1b[?25h".encode()


def usable() -> bool:
    """There is a terminal at both ends, of a kind that can be borrowed."""
    return find_spec("termios") is not None and os.isatty(STDIN) and os.isatty(STDOUT)


class TerminalFinger:
    """Use it as `async with TerminalFinger(on)`, in the main thread.

    Enter it after a view that changes to the alternate screen: each screen has a keyboard of its
    own. Ctrl-C is SIGINT on a plain terminal, and Quit on one that tells of releases.
    """

    def __init__(
        self, on: Callable[[Action], None], *, source: int = STDIN, sink: int = STDOUT
    ) -> None:
        """`on` is called in the loop."""
        self._on = on
        self._source = source
        self._sink = sink
        self._parser = KeyParser()
        self._finger = Finger()
        self._timers: list[asyncio.TimerHandle] = []
        self._found: list[Any] | None = None  # termios' attributes, while it is borrowed

    @property
    def exact(self) -> bool:
        """The terminal tells when a key is released: known a moment after the beginning."""
        return bool(self._parser.flags & keys.EVENT_TYPES)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._source, self._read)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        atexit.register(self._give_back)
        self._borrow()
        return self

    async def __aexit__(self, *_error: object) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._source)
        loop.remove_signal_handler(signal.SIGTSTP)
        self._cancel_timers()
        self._give_back()
        atexit.unregister(self._give_back)

    # The terminal

    def _borrow(self) -> None:
        import termios
        import tty

        if self._found is None and self._is_ours():
            self._found = termios.tcgetattr(self._source)
            tty.setcbreak(self._source)  # forgets what was typed before; leaves Ctrl-C a signal
            os.write(self._sink, BORROW)

    def _give_back(self) -> None:
        import termios

        found, self._found = self._found, None
        if found is not None and self._is_ours():
            with suppress(OSError, termios.error):  # it is gone
                os.write(self._sink, GIVE_BACK)
                termios.tcsetattr(self._source, termios.TCSAFLUSH, found)

    def _is_ours(self) -> bool:
        """In the background it is the shell's, and to touch it would stop us."""
        try:
            return os.tcgetpgrp(self._source) == os.getpgrp()
        except OSError:  # nobody's: there is no job control
            return True

    def _stop(self) -> None:
        """Ctrl-Z: from here until the shell lets us go on, nothing of ours runs."""
        self._handle([FocusLost()])
        self._give_back()
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGTSTP)
        signal.raise_signal(signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._borrow()

    # What comes from it

    def _read(self) -> None:
        try:
            data = os.read(self._source, _AT_ONCE)
        except OSError:  # hung up
            data = b""
        if data:
            self._handle(self._parser.push(data))
        else:
            asyncio.get_running_loop().remove_reader(self._source)
            self._on(Quit())

    def _handle(self, events: Iterable[Event]) -> None:
        now_ms = self._now_ms()
        for event in events:
            if event in (Key("ctrl-z", Kind.PRESS), Key("ctrl-z", Kind.TYPED)):
                os.killpg(0, signal.SIGTSTP)  # as the terminal would: `make` has to stop with us
            self._carry_out(self._finger.handle(event, now_ms))
        self._set_timers(now_ms)

    def _tick(self) -> None:
        now_ms = self._now_ms()
        self._carry_out(self._finger.tick(now_ms))
        self._set_timers(now_ms)

    def _flush(self) -> None:
        self._handle(self._parser.flush())

    def _carry_out(self, actions: Iterable[Action]) -> None:
        for action in actions:
            self._on(action)

    def _set_timers(self, now_ms: float) -> None:
        self._cancel_timers()
        loop = asyncio.get_running_loop()
        due_ms = self._finger.deadline_ms()
        if due_ms is not None:
            self._timers.append(loop.call_later(max(0.0, due_ms - now_ms) / 1000, self._tick))
        if self._parser.waiting:
            self._timers.append(loop.call_later(keys.ESCAPE_MS / 1000, self._flush))

    def _cancel_timers(self) -> None:
        while self._timers:
            self._timers.pop().cancel()

    def _now_ms(self) -> float:
        return asyncio.get_running_loop().time() * 1000
