"""Makes each check of each `check_*.py` here a test, once for every interpreter that can run it."""

import ast

import pytest

from tests.micropython.interpreters import MICROPYTHON, NO_MICROPYTHON, run_checks
from tests.repo.sources import top_level_imports

# What MicroPython alone has: a script that imports one of these is not for CPython.
MICROPYTHON_ALONE = {"micropython", "mynah_parts"}


def pytest_collect_file(file_path, parent):
    if file_path.name.startswith("check_") and file_path.suffix == ".py":
        return Script.from_parent(parent, path=file_path)
    return None


class Script(pytest.File):
    """One file of checks; it runs once for each interpreter, when its first check is wanted."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self._results = {}

    def collect(self):
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        both = not top_level_imports(tree) & MICROPYTHON_ALONE
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        for name in names:
            if name.startswith("check_"):
                for interpreter in ("micropython", "cpython") if both else ("micropython",):
                    yield Check.from_parent(self, name=f"{name}[{interpreter}]")

    def result(self, name, interpreter):
        """The traceback of a check, or None."""
        if interpreter not in self._results:
            self._results[interpreter] = run_checks(self.path, interpreter)
        return self._results[interpreter].get(name, f"{self.path.name} never ran {name}")


class Check(pytest.Item):
    """One claim under one interpreter."""

    def runtest(self):
        name, _, interpreter = self.name.rstrip("]").partition("[")
        if interpreter == "micropython" and not MICROPYTHON.exists():
            pytest.skip(NO_MICROPYTHON)
        if trace := self.parent.result(name, interpreter):
            raise AssertionError(trace)

    def repr_failure(self, excinfo, style=None):  # the traceback that matters is the script's
        return str(excinfo.value)

    def reportinfo(self):
        return self.path, None, self.name
