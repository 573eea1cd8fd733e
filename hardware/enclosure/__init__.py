"""Enclosures to print: parametric sources, their meshes and their pictures."""

import hashlib
import importlib
import io
import tokenize
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NAMES = ("ring", "bracelet", "pendant", "desk")
# Tokens that change no shape.
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def parameters(name: str) -> dict[str, object]:
    """Every number that decides the shape of an enclosure: its own and those that all share."""
    modules = [f"hardware.enclosure.{module}" for module in _sources(name)]
    return {
        key: repr(value)
        for module in map(importlib.import_module, modules)
        for key, value in vars(module).items()
        if key.isupper()
    }


def fingerprint(name: str) -> str:
    """Of the code that makes an enclosure; comments, docstrings and layout apart."""
    texts = [(FOLDER / f"{module}.py").read_text(encoding="utf-8") for module in _sources(name)]
    return hashlib.sha256(repr([words(text) for text in texts]).encode()).hexdigest()


def words(source: str) -> list[str]:
    """The tokens of a Python file that its meaning hangs on."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [
        token.string
        for token in tokens
        if token.type not in _LAYOUT and not token.string.startswith('"""')
    ]


def _sources(name: str) -> tuple[str, str, str]:
    return "components", "shell", name
