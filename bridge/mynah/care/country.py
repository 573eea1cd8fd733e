"""Which country's help lines to tell, where nobody has said so."""

import locale
import os
import re
from collections.abc import Mapping
from typing import Final

_TERRITORY: Final = re.compile(r"[a-z]{2,3}[_-]([A-Z]{2})\b")


def country_of(setting: str, environment: Mapping[str, str] | None = None) -> str:
    """The setting, or for `auto` what the computer's locale names; empty if it names none."""
    if setting != "auto":
        return setting
    environment = os.environ if environment is None else environment
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    names.append(locale.getlocale()[0] or "")
    found = (_TERRITORY.match(name) for name in names)
    return next((match[1] for match in found if match), "")
