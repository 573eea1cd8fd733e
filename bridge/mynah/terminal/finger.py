"""Keys and clicks as a finger on the ring's button. Pure.

A plain terminal tells no release: a held key is a train of spaces, and a lone space a touch that
begins to talk, until the next one.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mynah.terminal.keys import Event, FocusLost, Key, Kind, Mouse

TRAIN_MS: Final = 200
"""Spaces that are nearer come from one held key; so long after the last one, it is let go.
X11 repeats every 40 ms, macOS and Linux' console every 90 unless told otherwise: one that is late,
over ssh by 110 ms, ends nobody's turn."""

FIRST_REPEAT_MS: Final = 2000
"""A held key begins to repeat after 250 ms (Linux' console) to 660 (X11); set to their slowest,
Windows takes 1000 and macOS 2000."""

QUIT: Final = ("q", "ctrl-c", "ctrl-d")


@dataclass(frozen=True, slots=True)
class Press:
    """The finger is put on the button."""


@dataclass(frozen=True, slots=True)
class Release:
    """It is taken off; always after a Press."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A short touch that stops a reply; never between Press and Release."""


@dataclass(frozen=True, slots=True)
class Quit:
    """The wearer wants to leave; a Release need not come before."""


Action = Press | Release | Tap | Quit


class _Bar(Enum):
    """The space bar, as far as can be known."""

    UP = auto()
    PRESSED = auto()
    """The terminal will tell of its release."""
    TOUCHED = auto()
    """A first space: held, or touched to begin."""
    HELD = auto()
    """It repeats; or it was touched again to end, which shows when no more come."""
    DOUBTED = auto()
    """Up, and a space: the ending touch repeats, or a new one, which shows when no more come."""
    REPEATING = auto()
    """The ending touch is held, which means nothing."""


_DOWN: Final = (_Bar.PRESSED, _Bar.TOUCHED, _Bar.HELD)


class Finger:
    """One wearer, who may use the space bar and the mouse at once: that is still one finger."""

    def __init__(self) -> None:
        self._bar = _Bar.UP
        self._mouse = False
        self._due_ms: float | None = None
        self._touched_ms = 0.0
        self._doubt_until_ms = 0.0
        self._escape_ms: float | None = None

    def deadline_ms(self) -> float | None:
        """When to `tick`."""
        return self._due_ms

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """Something happened; a deadline that has passed waits for `tick`.

        When the loop stood still, what it reads afterwards may have been in time.
        """
        was_down = self._down
        match event:
            case Key("space", kind):
                self._on_space(kind, now_ms)
            case Key("escape", kind):
                return self._on_escape(kind, now_ms)
            case Key(name, kind) if name in QUIT and kind is not Kind.RELEASE:
                return [Quit()]
            case Mouse(kind):
                self._mouse = kind is Kind.PRESS
            case FocusLost():
                self._mouse = False
                if self._bar is _Bar.PRESSED:
                    self._be(_Bar.UP)
        return self._moved(was_down=was_down)

    def tick(self, now_ms: float) -> list[Action]:
        """Time has passed."""
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        was_down = self._down
        self._be(_Bar.TOUCHED if self._bar is _Bar.DOUBTED else _Bar.UP)
        return self._moved(was_down=was_down)

    @property
    def _down(self) -> bool:
        return self._mouse or self._bar in _DOWN

    def _moved(self, *, was_down: bool) -> list[Action]:
        if was_down == self._down:
            return []
        return [Press() if self._down else Release()]

    def _be(self, bar: _Bar, due_ms: float | None = None) -> None:
        self._bar, self._due_ms = bar, due_ms

    def _on_space(self, kind: Kind, now_ms: float) -> None:
        match kind:
            case Kind.PRESS:
                self._be(_Bar.PRESSED)
            case Kind.RELEASE:
                self._be(_Bar.UP)
            case Kind.TYPED:
                self._on_typed(now_ms)

    def _on_typed(self, now_ms: float) -> None:
        train_ms = now_ms + TRAIN_MS
        match self._bar:
            case _Bar.UP if now_ms < self._doubt_until_ms:
                self._touched_ms = now_ms
                self._be(_Bar.DOUBTED, train_ms)
            case _Bar.UP:
                self._touched_ms = now_ms
                self._be(_Bar.TOUCHED)
            case _Bar.TOUCHED:
                # Alone, it ends the turn; and it may be held on, and begin to repeat.
                self._doubt_until_ms = now_ms + FIRST_REPEAT_MS
                late = now_ms - self._touched_ms > FIRST_REPEAT_MS
                self._be(*((_Bar.UP, None) if late else (_Bar.HELD, train_ms)))
            case _Bar.HELD:
                self._doubt_until_ms = 0.0
                self._be(_Bar.HELD, train_ms)
            case _Bar.DOUBTED | _Bar.REPEATING:
                self._doubt_until_ms = 0.0
                self._be(_Bar.REPEATING, train_ms)

    def _on_escape(self, kind: Kind, now_ms: float) -> list[Action]:
        if kind not in (Kind.PRESS, Kind.TYPED):
            return []
        last_ms, self._escape_ms = self._escape_ms, now_ms
        was_down, self._mouse = self._down, False
        self._be(_Bar.UP)
        if was_down:
            return [Release()]
        held = kind is Kind.TYPED and last_ms is not None and now_ms - last_ms < FIRST_REPEAT_MS
        return [] if held else [Tap()]
