"""When a companion must not begin by itself: quiet hours, and enough for one day. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from mynah.errors import UserError

_HOURS: Final = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, over midnight if need be; alike means never."""

    begin: time
    end: time

    def holds(self, now: datetime) -> bool:
        """Whether it is one of them."""
        if self.begin <= self.end:
            return self.begin <= now.time() < self.end
        return now.time() >= self.begin or now.time() < self.end


def quiet_hours(text: str) -> QuietHours:
    """From `22:00-08:00`; UserError if it is something else."""
    found = _HOURS.fullmatch(text.strip())
    try:
        if found is not None:
            begin_h, begin_min, end_h, end_min = map(int, found.groups())
            return QuietHours(time(begin_h, begin_min), time(end_h, end_min))
    except ValueError:
        pass  # there is no such time of day
    raise UserError(f"{text!r} is no time of quiet; write it like 22:00-08:00")


class DailyCap:
    """So many a day, by the wearer's calendar."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._day = ""
        self._count = 0

    def allows(self, now: datetime) -> bool:
        """Whether there may be one more; if so it is counted."""
        day = now.date().isoformat()
        if day != self._day:
            self._day, self._count = day, 0
        if self._count >= self._most:
            return False
        self._count += 1
        return True
