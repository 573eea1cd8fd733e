"""JSON from strangers: bounded, and written so that reading it again gives the same."""

import json
import sys
from typing import Any, Final

from mynah.characters.limits import MOST_JSON_BYTES
from mynah.errors import UserError

Raw = dict[str, Any]
"""A JSON object as it was read, unknown keys and all."""

_CONSTANTS: Final = {"Infinity": sys.float_info.max, "-Infinity": -sys.float_info.max}
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def read(content: bytes, what: str) -> Raw:
    """The object in a file or part of one; UserError says what `what` is instead."""
    found = value(content, what)
    if not isinstance(found, dict):
        raise UserError(f"{what}: JSON, but not an object in braces: not a card")
    return found


def value(content: bytes, what: str) -> Any:
    """Whatever JSON there is."""
    if len(content) > MOST_JSON_BYTES:
        raise UserError(
            f"{what}: {len(content) / 1e6:.0f} MB of JSON; more than "
            f"{MOST_JSON_BYTES / 1e6:.0f} is not read"
        )
    try:
        return parsed(text(content, what))
    except RecursionError as error:
        raise UserError(f"{what}: nested too deep to be read") from error
    except json.JSONDecodeError as error:
        raise UserError(f"{what}: not JSON: line {error.lineno} is broken") from error
    except ValueError as error:
        raise UserError(f"{what}: not JSON: {error}") from error


def parsed(words: str) -> Any:
    """As json.loads, but for numbers that JSON could not say again: 1e999 is the largest there is,
    and NaN, which is none, nothing.
    """
    return json.loads(words, parse_float=_number, parse_constant=_CONSTANTS.get)


def text(content: bytes, what: str) -> str:
    """UTF-8 with or without its mark, or UTF-16 with it."""
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{what}: not text in UTF-8; save it as UTF-8") from error


def write(raw: Raw, indent: int | None = None) -> bytes:
    """As UTF-8, in the order of its keys."""
    try:
        return json.dumps(raw, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:  # half a surrogate pair, as \ud83d alone: only escaped is it JSON
        return json.dumps(raw, indent=indent).encode()


def _number(digits: str) -> float:
    return min(max(float(digits), -sys.float_info.max), sys.float_info.max)
