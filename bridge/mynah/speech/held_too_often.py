"""Mends a function in C that takes a reference too many to each item of the list that it returns.

Piper's way into espeak (1.8.0) does: 250 bytes of each clause that was ever said are never free.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")

_let_go = ctypes.pythonapi.Py_DecRef
_let_go.argtypes = [ctypes.py_object]
_let_go.restype = None


def mended(function: Callable[[str], list[Item]]) -> Callable[[str], list[Item]]:
    """The same, whose items are held by their list alone. One that is right is left as it is."""

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
