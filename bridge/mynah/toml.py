"""Writes TOML, which Python reads but does not write."""

import datetime as dt
import json
from typing import Any


def written(tables: dict[str, Any]) -> str:
    """The text of these tables; plain values first, as TOML wants it."""
    plain = [
        f"{_key(name)} = {value(each)}" for name, each in tables.items() if not _is_table(each)
    ]
    parts = ["\n".join(plain)] if plain else []
    for name, table in tables.items():
        if _is_table(table):
            lines = [f"{_key(key)} = {value(each)}" for key, each in table.items()]
            parts.append("\n".join([f"[{_key(name)}]", *lines]))
    return "\n\n".join(parts) + "\n"


def value(thing: Any) -> str:
    """One value; tables inside tables are written in one line."""
    match thing:
        case bool():
            return "true" if thing else "false"
        case str():
            return _string(thing)
        case int() | float():
            return repr(thing)
        case dt.date() | dt.time():
            return thing.isoformat()
        case list() | tuple():
            return f"[{', '.join(value(each) for each in thing)}]"
        case dict():
            pairs = ", ".join(f"{_key(name)} = {value(each)}" for name, each in thing.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    raise TypeError(f"TOML has no {type(thing).__name__}")


def _is_table(thing: object) -> bool:
    return isinstance(thing, dict)


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else _string(name)


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for surrogate pairs, which it must not hold, and for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
