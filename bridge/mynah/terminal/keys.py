"""What a terminal sends: bytes, cut anywhere, into keys, clicks and lost focus. Pure."""

import codecs
import re
import sys
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

ESCAPE_MS: Final = 50
"""After this long without more, an escape byte was the key. A terminal sends a whole sequence at
once, so only a bad line parts it by more; nobody feels 50 ms."""

# kitty's keyboard protocol, https://sw.kovidgoyal.net/kitty/keyboard-protocol/
DISAMBIGUATE: Final = 1
EVENT_TYPES: Final = 2
ALTERNATE_KEYS: Final = 4
ALL_KEYS: Final = 8

_ALT: Final = 2 | 8 | 16 | 32  # alt, super, hyper, meta: none of them is ours
_CONTROL: Final = 4
_FUNCTION_KEYS: Final = range(0xE000, 0xF900)  # Unicode's private letters stand for them, and Shift
_ASCII_END: Final = 0x80

_MOUSE_MODIFIERS: Final = 4 | 8 | 16
_PASTE_BEGINS: Final = "200"
_PASTE_ENDS: Final = "201"

# Real ones have at most 30 parameter bytes: this bounds what a broken one can swallow.
_PARAMETERS: Final = r"[0-?]{0,64}[ -/]{0,4}"

_WHOLE: Final = re.compile(
    r"\x1b\[M[^\x00-\x1f]{3}"  # a click from a terminal that knows no newer way to tell it
    rf"|\x1b\[(?!M)(?P<parameters>{_PARAMETERS})(?P<final>[@-~])"
    r"|\x1bO[ -~]"
    # Alt and a key. Alt and space are the window's menu: these two are a wearer in a hurry.
    r"|\x1b[^\x00- \[O]"
    r"|(?P<plain>[^\x1b])",
    re.DOTALL,
)
_BEGUN: Final = re.compile(rf"\x1b(?:\[(?:M[^\x00-\x1f]{{0,2}}|{_PARAMETERS})|O)?")

_KITTY_KEY: Final = re.compile(
    r"(?P<code>\d+)(?::\d*)?(?::(?P<base>\d*))?(?:;(?P<modifiers>\d*)(?::(?P<kind>\d*))?)?(?:;.*)?"
)
_KITTY_ANSWER: Final = re.compile(r"\?(\d+)")
_CLICK: Final = re.compile(r"<(\d+);(\d+);(\d+)")


class Kind(Enum):
    """What became of a key or a button."""

    PRESS = auto()
    REPEAT = auto()
    RELEASE = auto()
    TYPED = auto()
    """A plain terminal sends the same for a press and a repeat, and nothing for a release."""


_KINDS: Final = {"1": Kind.PRESS, "2": Kind.REPEAT, "3": Kind.RELEASE}


@dataclass(frozen=True, slots=True)
class Key:
    """`q`, `space`, `escape`, `ctrl-c`; shift is not told, and no modifier of a release."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Mouse:
    """The first button, pressed or released; the upper left cell is 1, 1."""

    kind: Kind
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class FocusLost:
    """Another window has the keyboard: what is released now is told there."""


Event = Key | Mouse | FocusLost


class KeyParser:
    """One terminal's input."""

    def __init__(self) -> None:
        self.flags = 0
        """Of kitty's protocol, as the terminal answered the query; 0 if it did not."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._pasting = False

    @property
    def waiting(self) -> bool:
        """An escape is held back that may be the key: `flush` when ESCAPE_MS brought no more."""
        return self._text == "\x1b" and not self.flags & DISAMBIGUATE

    def push(self, data: bytes) -> list[Event]:
        """More bytes; what they complete."""
        self._text += self._decoder.decode(data)
        events: list[Event | None] = []
        at = 0
        while at < len(self._text):
            if whole := _WHOLE.match(self._text, at):
                events.append(self._event(whole))
                at = whole.end()
                continue
            begun = _BEGUN.match(self._text, at)
            if begun is None or begun.end() == len(self._text):
                break
            if begun.group() == "\x1b":
                events.append(self._unless_pasted(Key("escape", Kind.TYPED)))
            at = begun.end()  # something else came in its middle
        self._text = self._text[at:]
        return [event for event in events if event is not None]

    def flush(self) -> list[Event]:
        """No more is coming for now."""
        if not self.waiting:
            return []
        self._text = ""
        event = self._unless_pasted(Key("escape", Kind.TYPED))
        return [] if event is None else [event]

    def _event(self, whole: re.Match[str]) -> Event | None:
        if plain := whole["plain"]:
            return self._unless_pasted(Key(_name(ord(plain)), Kind.TYPED))
        if whole["final"] is None:
            return None
        return self._unless_pasted(self._sequence(whole["parameters"], whole["final"]))

    def _unless_pasted(self, event: Event | None) -> Event | None:
        """Ctrl-C works in any case: the end of a paste may never come."""
        if isinstance(event, Key) and event.name == "ctrl-c":
            self._pasting = False
        return None if self._pasting else event

    def _sequence(self, parameters: str, final: str) -> Event | None:
        match final:
            case "u":
                return self._kitty(parameters)
            case "M" | "m":
                return _click(parameters, Kind.PRESS if final == "M" else Kind.RELEASE)
            case "O" if not parameters:
                return FocusLost()
            case "~" if parameters in (_PASTE_BEGINS, _PASTE_ENDS):
                self._pasting = parameters == _PASTE_BEGINS
        return None

    def _kitty(self, parameters: str) -> Event | None:
        if answer := _KITTY_ANSWER.fullmatch(parameters):
            self.flags = int(answer[1])
            return None
        key = _KITTY_KEY.fullmatch(parameters)
        if key is None:
            return None
        code = int(key["code"])
        if code >= _ASCII_END and key["base"]:
            code = int(key["base"])  # Ctrl-C is on the same key of a Cyrillic keyboard
        if code > sys.maxunicode or code in _FUNCTION_KEYS:
            return None
        unsaid = Kind.PRESS if self.flags & EVENT_TYPES else Kind.TYPED
        kind = _KINDS.get(key["kind"] or "", unsaid)
        # What was held with it may have been let go before it.
        modifiers = 0 if kind is Kind.RELEASE else max(0, int(key["modifiers"] or 1) - 1)
        return Key(_modified(_name(code), modifiers), kind)


def _name(code: int) -> str:
    character = chr(code)
    if character == "\x1b":
        return "escape"
    if character < " ":
        return f"ctrl-{chr(code + ord('@')).lower()}"
    return "space" if character == " " else character.lower()


def _modified(name: str, modifiers: int) -> str:
    """The locks count as nothing."""
    if modifiers & _CONTROL:
        name = f"ctrl-{name}"
    return f"alt-{name}" if modifiers & _ALT else name


def _click(parameters: str, kind: Kind) -> Mouse | None:
    click = _CLICK.fullmatch(parameters)
    if click is None:
        return None
    button, column, row = (int(number) for number in click.groups())
    return None if button & ~_MOUSE_MODIFIERS else Mouse(kind, column, row)
