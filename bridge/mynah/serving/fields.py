"""The JSON of a request, field by field: each of its kind and size, or a refusal that names it."""

import json
from collections.abc import Collection
from typing import Any

from mynah.serving.refusals import RequestError


def unbroken(text: str) -> str:
    """With half a letter replaced: JSON can hold one half of two, and no file can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Fields:
    """An object that somebody sent."""

    def __init__(self, sent: object) -> None:
        """RequestError if it is none."""
        if not isinstance(sent, dict):
            raise RequestError("the body has to be a JSON object")
        self._sent: dict[str, Any] = sent

    @classmethod
    def parsed(cls, body: bytes) -> "Fields":
        """RequestError if it is no JSON object."""
        try:
            return cls(json.loads(body))
        except (ValueError, RecursionError) as error:  # or nested without end
            raise RequestError("the body has to be a JSON object, in UTF-8") from error

    def __contains__(self, name: str) -> bool:
        return self._sent.get(name) is not None

    def get(self, name: str) -> object:
        """Whatever it is; None if it is not there."""
        return self._sent.get(name)

    def text(self, name: str, most: int, default: str | None = None) -> str:
        """At most so many characters; without a default it has to be there, and say something."""
        value = self._sent.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise RequestError(f"{name} has to be a text", param=name)
        if len(value) > most:
            raise RequestError(f"{name} is longer than {most} characters; send less", param=name)
        if default is None and not value.strip():
            raise RequestError(f"{name} says nothing", param=name)
        return unbroken(value)

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        value = self.text(name, max(map(len, choices)) + 1, default)
        if value not in choices:
            raise RequestError(f"{name} is none of: {', '.join(choices)}", param=name)
        return value

    def number(self, name: str, low: float, high: float, default: float) -> float:
        value = self._sent.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RequestError(f"{name} has to be a number", param=name)
        if not low <= value <= high:
            raise RequestError(f"{name} has to be from {low:g} to {high:g}", param=name)
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._sent.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise RequestError(f"{name} has to be true or false", param=name)
        return value

    def items(self, name: str, most: int) -> list[object]:
        value = self._sent.get(name)
        if not isinstance(value, list) or not value:
            raise RequestError(f"{name} has to be a list with something in it", param=name)
        if len(value) > most:
            raise RequestError(f"{name} has more than {most} entries; send less", param=name)
        return value
