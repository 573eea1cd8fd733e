"""Two leaks of Piper's way into espeak (1.8.0), closed: they grow with all that is said."""

import ctypes
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")

_let_go = ctypes.pythonapi.Py_DecRef
_let_go.argtypes = [ctypes.py_object]
_let_go.restype = None


def told_once(set_voice: Callable[[str], None]) -> Callable[[str], None]:
    """The same, but the voice that is set already is not set again: that costs 1,360 bytes."""
    is_set: str | None = None

    def call(voice: str) -> None:
        nonlocal is_set
        if voice != is_set:
            is_set = None
            set_voice(voice)
            is_set = voice

    return call


def held_once(function: Callable[[str], list[Item]]) -> Callable[[str], list[Item]]:
    """The same, whose items are held by their list alone. One that is right is left as it is.

    Piper's takes a reference too many to each: some 250 bytes of a clause.
    """

    def call(text: str) -> list[Item]:
        items = function(text)
        for item, times in zip(items, _held(items), strict=True):
            if times > _FAIR:
                _let_go(item)
        return items

    return call


def _held(items: Sequence[object]) -> list[int]:
    """How often each is, this look at it included, which Pythons count otherwise."""
    return [sys.getrefcount(item) for item in items]


_FAIR: Final = _held([object()])[0]
