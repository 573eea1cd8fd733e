"""The repository's files as git sees them, and what a Python file imports."""

import ast
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every tracked file, and every new one that git does not ignore; relative paths."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, text=True)
    paths = sorted({Path(name) for name in listed.stdout.split("\0") if name})
    return tuple(path for path in paths if (REPOSITORY / path).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files under these folders, or all there are."""
    python = [path for path in files() if path.suffix == ".py"]
    return [path for path in python if not folders or _is_under(path, folders)]


def parse(path: Path) -> ast.Module:
    return ast.parse((REPOSITORY / path).read_text(encoding="utf-8"), filename=str(path))


def imports(tree: ast.AST) -> set[str]:
    """Dotted names of the modules a tree imports from outside its own package."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return names


def top_level_imports(tree: ast.AST) -> set[str]:
    """The first part of each name: the distribution's or the standard library's module."""
    return {name.partition(".")[0] for name in imports(tree)}


def _is_under(path: Path, folders: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
