"""When the wearer is reminded that this is an AI, and to take a break. Pure.

New York asks for the first at the start and every three hours, California every three hours of a
minor; China's draft for a break after two.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HOUR_MS: Final = 3_600_000.0

NOTICE_H: Final = 3.0
REST_H: Final = 2.0
MINOR_REST_H: Final = 1.0

PAUSE_MS: Final = 0.5 * HOUR_MS
"""Who was silent for so long has had a break."""


class Reminder(StrEnum):
    """Named as its words are."""

    NOTICE = "notice"
    REST = "rest"


@dataclass(slots=True)
class Talked:
    """What has to be remembered from one start to the next; milliseconds of the wall clock."""

    noticed_ms: float | None = None
    rested_ms: float | None = None
    last_ms: float | None = None


class Reminders:
    """Of one wearer."""

    def __init__(self, talked: Talked, *, minor: bool = False) -> None:
        self.talked = talked
        self._saying: tuple[Reminder, float] | None = None
        self._rest_ms = (MINOR_REST_H if minor else REST_H) * HOUR_MS

    def turn(self, now_ms: float) -> Reminder | None:
        """A turn is over: what is to be said now, at most one thing."""
        talked, before_ms = self.talked, self.talked.last_ms
        talked.last_ms = now_ms
        if before_ms is None or not 0 <= now_ms - before_ms < PAUSE_MS:
            talked.rested_ms = now_ms
        if talked.noticed_ms is None or not 0 <= now_ms - talked.noticed_ms < NOTICE_H * HOUR_MS:
            self._saying = Reminder.NOTICE, now_ms
        elif talked.rested_ms is not None and now_ms - talked.rested_ms >= self._rest_ms:
            self._saying = Reminder.REST, now_ms
        else:
            return None
        return self._saying[0]

    def told(self, *, heard: bool) -> None:
        """What was to be said was said; if nobody heard it, it is said again."""
        saying, self._saying = self._saying, None
        if saying is None or not heard:
            return
        if saying[0] is Reminder.NOTICE:
            self.talked.noticed_ms = saying[1]
        else:
            self.talked.rested_ms = saying[1]

    @property
    def hours(self) -> float:
        """After how many a break is due."""
        return self._rest_ms / HOUR_MS
