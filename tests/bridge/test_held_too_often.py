import ctypes
import sys
import weakref

import pytest

from mynah.speech.held_too_often import mended

pytestmark = pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="other Pythons count no references"
)


class Clause:
    """What a list may hold, and a weak reference too."""


def clauses(text):
    return [Clause() for _ in text.split()]


def clauses_that_leak(text):
    found = clauses(text)
    for clause in found:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(clause))
    return found


def left_of(function, text="one two three"):
    """How many outlive the list that they came in."""
    found = function(text)
    watched = [weakref.ref(clause) for clause in found]
    assert [watch() for watch in watched] == found
    del found
    return sum(watch() is not None for watch in watched)


def test_what_is_held_once_too_often_goes_with_its_list():
    assert left_of(clauses_that_leak) == 3
    assert left_of(mended(clauses_that_leak)) == 0


def test_what_is_held_rightly_stays_as_it_is():
    found = mended(clauses)("one two")

    assert [sys.getrefcount(clause) for clause in found] == [
        sys.getrefcount(clause) for clause in clauses("one two")
    ]
    assert left_of(mended(clauses)) == 0
