"""`emulator:NAME?loss=0.02&interval=30`: which emulated ring, on what kind of air."""

import difflib
import re
from urllib.parse import parse_qsl

from mynah.emulator.radio import RadioSettings
from mynah.errors import UserError

DEFAULT_NAME = "default"
_NAME = re.compile(r"[A-Za-z0-9_-]{0,40}")  # it becomes the name of a file

_OPTIONS = {
    "interval": ("interval_ms", float),
    "phy": ("phy", int),
    "loss": ("loss", float),
    "seed": ("seed", int),
    "supervision": ("supervision_timeout_ms", int),
    "mtu": ("mtu", int),
}


def parse(rest: str) -> tuple[str, RadioSettings]:
    """What follows `emulator:`; UserError names what is wrong with it."""
    name, _, query = rest.partition("?")
    if _NAME.fullmatch(name) is None:
        raise UserError(f"emulator: {name!r} can't be a name; use letters, digits, - and _")
    chosen: dict[str, float] = {}
    for option, value in parse_qsl(query, keep_blank_values=True):
        if option not in _OPTIONS:
            close = difflib.get_close_matches(option, _OPTIONS, n=1)
            advice = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(_OPTIONS)}"
            raise UserError(f"emulator: unknown option {option!r}; {advice}")
        field, kind = _OPTIONS[option]
        if field in chosen:
            raise UserError(f"emulator: {option} is given twice")
        try:
            chosen[field] = kind(value)
        except ValueError as error:
            raise UserError(f"emulator: {option}={value!r} is not a number") from error
    return name or DEFAULT_NAME, RadioSettings(**chosen)  # type: ignore[arg-type]
