"""What is wrong with a setting, in words that say what is expected instead. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a text in quotes is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "list_type": "a list in square brackets is expected",
    "dict_type": "a table is expected, [{key}]",
    "model_type": "a table is expected, [{key}]",
    "literal_error": "{expected} is expected",
    "greater_than": "more than {gt:g} is expected",
    "greater_than_equal": "at least {ge:g} is expected",
    "less_than": "less than {lt:g} is expected",
    "less_than_equal": "at most {le:g} is expected",
    "string_too_short": "at least {min_length} characters are expected",
    "string_too_long": "at most {max_length} characters are expected",
    "value_error": "{error}",
}
"""By pydantic's names of what can be wrong. None shows the value, which may be a key."""

_MEMBER: Final = re.compile(
    r"(str|int|float|bool|literal|function|list|dict|constrained)\b.*[\[(]?"
)
"""How pydantic calls a member of a union, which is no key of anybody's."""


@dataclass(frozen=True, slots=True)
class WrongSetting:
    """The first of them."""

    key: str
    """Dotted."""
    kind: Literal["unknown", "missing", "wrong"]
    expected: str


def first_wrong(error: ValidationError, prefix: str = "") -> WrongSetting:
    """What to tell of it. `prefix` is the table in which the key stands, with a full stop."""
    first = error.errors()[0]
    parts = [str(part) for part in first["loc"]]
    key = prefix + ".".join([*parts[:1], *(each for each in parts[1:] if not _MEMBER.match(each))])
    match first["type"]:
        case "extra_forbidden":
            return WrongSetting(key, "unknown", "")
        case "missing":
            return WrongSetting(key, "missing", "")
    return WrongSetting(key, "wrong", _expected(first, key))


def _expected(first: ErrorDetails, key: str) -> str:
    template = _EXPECTED.get(first["type"])
    if template is None:
        return first["msg"].lower()
    return template.format(key=key, **first.get("ctx", {}))
