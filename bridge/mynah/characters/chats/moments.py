"""Moments as programs write them into their logs."""

import datetime as dt
import re
from contextlib import suppress
from typing import Any, Final

_MILLISECONDS_FROM: Final = 1e11
"""A number above is in milliseconds: in seconds it would be the year 5138."""

_ST_FILE: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?) ?@ ?(\d\d?)h ?(\d\d?)m ?(\d\d?)s")
_CHINESE: Final = re.compile(
    r"(?:(\d{4})年)?(\d\d?)月(\d\d?)日 ?(上午|下午|晚上|凌晨|中午)? ?(\d\d?):(\d\d)"
)
_AFTERNOON: Final = ("下午", "晚上")
_FORMATS: Final = (
    "%B %d, %Y %I:%M%p",
    "%B %d, %Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d %H:%M",
)
_HALF_DAY: Final = 12


def moment(value: Any) -> float:
    """Seconds since 1970; 0 for what is no moment. Without a zone it is this computer's."""
    if isinstance(value, int | float):
        return _bounded(value / 1000 if value > _MILLISECONDS_FROM else float(value))
    if not isinstance(value, str):
        return 0.0
    words = " ".join(value.replace(",", ", ").split()).replace(" ,", ",").strip("[]() ")
    with suppress(ValueError, OverflowError, OSError):
        return _parsed(words)
    return 0.0


def _parsed(words: str) -> float:
    """ValueError if it is none."""
    if words.isdigit():
        return moment(int(words[:15]))
    if match := _ST_FILE.match(words):
        return dt.datetime(*map(int, match.groups())).timestamp()  # type: ignore[arg-type]  # noqa: DTZ001
    if match := _CHINESE.match(words):
        year, month, day, half, hour, minute = match.groups()
        hours = int(hour) % _HALF_DAY + _HALF_DAY if half in _AFTERNOON else int(hour)
        when = dt.datetime(int(year or 1970), int(month), int(day), hours, int(minute))  # noqa: DTZ001
        return when.timestamp() if year else 0.0
    with suppress(ValueError):
        return dt.datetime.fromisoformat(words).timestamp()
    for each in _FORMATS:
        with suppress(ValueError):
            return dt.datetime.strptime(words, each).timestamp()  # noqa: DTZ007
    return 0.0


def _bounded(seconds: float) -> float:
    return seconds if 0 < seconds < _MILLISECONDS_FROM else 0.0
