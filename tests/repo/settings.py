"""The reference of all settings: names, kinds, defaults and docstrings of config.py."""

import ast
import inspect
import json
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from mynah.config import Settings

HEAD = ("| Setting | Kind | Default | |", "| --- | --- | --- | --- |")
BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def settings_table() -> str:
    """Every setting in the order in which config.py has them."""
    return "\n".join([*HEAD, *_rows(Settings, "")])


def docstrings(section: type[BaseModel]) -> dict[str, str]:
    """What stands under each field, in one line."""
    (tree,) = ast.parse(inspect.getsource(section)).body
    assert isinstance(tree, ast.ClassDef)
    said = {}
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        match field, after:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                said[name] = " ".join(text.split())
    return said


def _rows(section: type[BaseModel], prefix: str) -> list[str]:
    said = docstrings(section)
    rows = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            rows += _rows(kind, f"{prefix}{name}.")
        else:
            rows.append(f"| `{prefix}{name}` | {_kind(field)} | {_default(field)} | {said[name]} |")
    return rows


def _kind(field: FieldInfo) -> str:
    plain = {
        str: "text",
        bool: "yes or no",
        int: "whole number",
        float: "number",
        SecretStr: "text",
    }
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return " or ".join(f"`{json.dumps(choice)}`" for choice in get_args(kind))
    if kind == float | None:
        kind = float
    bounds = [
        f"{words} {getattr(each, bound):g}"
        for each in field.metadata
        for bound, words in BOUNDS.items()
        if hasattr(each, bound)
    ]
    return ", ".join([plain.get(kind, "tables"), *bounds])


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "" if value in (None, {}) else f"`{json.dumps(value)}`"
