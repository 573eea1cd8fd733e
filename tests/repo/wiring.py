"""Wiring tables, made from the boards' own files: a pin number is written once."""

import ast
import re

from tests.repo.sources import REPOSITORY, parse

COMMENT = re.compile(r"#\s*(.*)")


def wiring_table(board: str) -> str:
    """A row for each pin: whose it is, its GPIO number, and what the board's file says of it."""
    path = REPOSITORY / "firmware" / "boards" / f"{board}.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = ["| Part | Its pin | GPIO | On the board |", "| --- | --- | --- | --- |"]
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and _is_pin(node.value):
            part, _, pin = ast.unparse(node.targets[0]).partition("_")
            comment = COMMENT.search(lines[node.lineno - 1])
            where = comment[1] if comment else ""
            rows.append(f"| {part.lower()} | {pin} | {ast.unparse(node.value)} | {where} |")
    return "\n".join(rows)


def _is_pin(value: ast.expr) -> bool:
    # A board's integers are GPIO numbers; what else it says is text, truth or flags.
    return isinstance(value, ast.Constant) and type(value.value) is int
