"""One file is one idea: there is a length at which it has become two."""

import ast

import pytest

from tests.repo.sources import REPOSITORY, parse, python_files

MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 40


def long_functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Name and length of each function that is too long, its decorators and docstring included."""
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in functions]
    return [(name, length) for name, length in lengths if length > MOST_LINES_IN_A_FUNCTION]


def test_no_file_is_longer_than_400_lines():
    lengths = {
        path: (REPOSITORY / path).read_text(encoding="utf-8").count("\n") for path in python_files()
    }

    assert lengths
    assert {path: n for path, n in lengths.items() if n > MOST_LINES_IN_A_FILE} == {}


def test_no_function_is_longer_than_40_lines():
    found = {str(path): long_functions(parse(path)) for path in python_files()}

    assert {path: functions for path, functions in found.items() if functions} == {}


@pytest.mark.parametrize("header", ["def f():", "async def f():"])
def test_a_function_of_41_lines_is_found(header):
    body = "\n".join(["    pass"] * MOST_LINES_IN_A_FUNCTION)

    assert long_functions(ast.parse(f"{header}\n{body}\n")) == [("f", 41)]
