import ctypes
import sys
import weakref

import pytest

from mynah.speech.piper_leaks import held_once, told_once

counts_references = pytest.mark.skipif(
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


@counts_references
def test_what_is_held_once_too_often_goes_with_its_list():
    assert left_of(clauses_that_leak) == 3
    assert left_of(held_once(clauses_that_leak)) == 0


@counts_references
def test_what_is_held_rightly_stays_as_it_is():
    found = held_once(clauses)("one two")

    assert [sys.getrefcount(clause) for clause in found] == [
        sys.getrefcount(clause) for clause in clauses("one two")
    ]
    assert left_of(held_once(clauses)) == 0


def test_a_voice_is_told_only_when_it_is_another():
    told = []
    set_voice = told_once(told.append)

    for voice in ("en-us", "en-us", "cmn", "cmn", "en-us"):
        set_voice(voice)

    assert told == ["en-us", "cmn", "en-us"]


def test_a_voice_that_could_not_be_set_is_told_again():
    told = []

    def fails_at_first(voice):
        told.append(voice)
        if len(told) == 1:
            raise RuntimeError(voice)

    set_voice = told_once(fails_at_first)
    with pytest.raises(RuntimeError, match="en-us"):
        set_voice("en-us")
    set_voice("en-us")

    assert told == ["en-us", "en-us"]
