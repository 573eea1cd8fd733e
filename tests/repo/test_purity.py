"""The shared packages import what both interpreters have, and reach for nothing outside."""

import ast
from collections.abc import Callable

import pytest

from tests.repo.sources import imports, parse, python_files

ALLOWED_MODULES = {"array", "binascii", "hashlib", "math", "struct"}
GUARDED_MODULES = {"micropython"}  # CPython has none: inside a `try` only
# MicroPython's `collections` holds little else, and not in these shapes.
ALLOWED_COLLECTIONS = {"deque", "namedtuple"}
FORBIDDEN_NAMES = {"__import__", "eval", "exec", "input", "open", "print"}
MAY_IMPORT = {
    "mynah_boot": {"mynah_boot"},
    "mynah_wire": {"mynah_wire"},
    "mynah_device": {"mynah_device", "mynah_wire"},
}


def impurities(tree: ast.AST, siblings: set[str]) -> list[str]:
    """What a shared file must not do, with the line it does it on."""
    guarded = _inside(tree, lambda node: isinstance(node, ast.Try))
    never_run = _inside(tree, _is_for_the_type_checker)
    return [
        f"line {node.lineno}: {what}"
        for node in ast.walk(tree)
        if node not in never_run
        for what in _forbidden(node, siblings, guarded=node in guarded)
    ]


def _inside(tree: ast.AST, is_block: Callable[[ast.AST], bool]) -> set[ast.AST]:
    blocks = [node for node in ast.walk(tree) if is_block(node)]
    return {node for block in blocks for node in ast.walk(block)}


def _is_for_the_type_checker(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _forbidden(node: ast.AST, siblings: set[str], *, guarded: bool) -> list[str]:
    if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
        return ["async"]
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
        return [node.id]
    if isinstance(node, ast.Import):
        return _not_allowed([alias.name for alias in node.names], siblings, guarded=guarded)
    if not isinstance(node, ast.ImportFrom) or node.level:
        return []
    if node.module == "collections":
        return [alias.name for alias in node.names if alias.name not in ALLOWED_COLLECTIONS]
    return _not_allowed([node.module or ""], siblings, guarded=guarded)


def _not_allowed(modules: list[str], siblings: set[str], *, guarded: bool) -> list[str]:
    allowed = ALLOWED_MODULES | siblings | (GUARDED_MODULES if guarded else set())
    return [f"import {name}" for name in modules if name.partition(".")[0] not in allowed]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_shared_package_is_pure(package):
    sources = python_files(f"firmware/lib/{package}")
    found = {str(path): impurities(parse(path), MAY_IMPORT[package]) for path in sources}

    assert found
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("board", python_files("firmware/boards"), ids=str)
def test_a_board_is_nothing_but_constants(board):
    tree = parse(board)
    statements = [type(node) for node in tree.body[1:]]  # after the docstring

    assert set(statements) <= {ast.Assign, ast.ImportFrom}
    assert imports(tree) <= {"mynah_wire"}  # for what it is called there that the board can do
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Call)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import asyncio", ["line 1: import asyncio"]),
        ("import mynah_device.session", ["line 1: import mynah_device.session"]),
        ("from collections import Counter", ["line 1: Counter"]),
        ("import micropython", ["line 1: import micropython"]),
        ("async def f(): pass", ["line 1: async"]),
        ("x = open", ["line 1: open"]),
        ("print(1)", ["line 1: print"]),
        ("from os import path", ["line 1: import os"]),
    ],
)
def test_an_impurity_is_found(source, found):
    assert impurities(ast.parse(source), {"mynah_wire"}) == found


@pytest.mark.parametrize(
    "source",
    [
        "import struct",
        "from . import gatt",
        "from mynah_wire.gatt import SERVICE",
        "from collections import deque",
        "if TYPE_CHECKING:\n    from collections.abc import Callable",
        "try:\n    import micropython\nexcept ImportError:\n    pass",
        "plain = aead.open(record)",
    ],
)
def test_what_both_interpreters_have_is_allowed(source):
    assert impurities(ast.parse(source), {"mynah_wire"}) == []
