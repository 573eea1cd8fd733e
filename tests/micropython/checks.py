"""What a check script needs, on MicroPython and on CPython: vectors, and a run that tells of each.

A script holds functions named `check_…`, each a claim, and ends with `run(globals())`.
"""

import io
import json
import sys


def vectors(name):
    """The test vectors of that name; their folder is the script's argument."""
    with open(sys.argv[1] + "/" + name + ".json") as file:
        return json.load(file)


def error_of(error_class, function, *arguments):
    """The message of the error that this call must raise."""
    try:
        function(*arguments)
    except error_class as error:
        return str(error)
    raise AssertionError("no " + error_class.__name__)


def run(namespace):
    """Run every check, and print one line for each: [name, traceback or null]."""
    for name in sorted(namespace):
        if name.startswith("check_"):
            print(json.dumps([name, _trace_of(namespace[name])]))


def _trace_of(check):
    try:
        check()
    except Exception as error:
        return _format(error)
    return None


def _format(error):
    text = io.StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, text)
    else:
        import traceback

        traceback.print_exception(error, file=text)
    return text.getvalue()
