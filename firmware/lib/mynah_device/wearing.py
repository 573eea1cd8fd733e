"""Whether it is worn, and whether its wearer sleeps, from how much gravity's direction moves.

A hand is hardly ever as still as a table for twenty minutes, and awake it does something in them.
What lies in a moving bag, or is played with, counts as worn. Not measured on hardware.
"""

from mynah_wire.uplink import ASLEEP, AWAKE, PUT_ON, TAKEN_OFF

from .gestures import NONE

MEAN_SAMPLES = 8  # of each sum that comes
# How far a second's mean of acceleration is from the one before it, over the axes:
TWITCH_MG = 9  # half a degree: a hand; noise, and a table that is typed on, are below 3
MOVE_MG = 70  # a hand that does something
PUT_ON_SECONDS = 5  # it moved, of the last ten
OFF_MINUTES = 20  # without a twitch: who falls asleep twitches
ASLEEP_MINUTES = 20  # without a minute of movement,
TWITCH_MINUTES = 10  # of which the last ones had a twitch
OFF_ASLEEP_MINUTES = 45  # without a twitch: a sleeper's hand may lie still for half an hour
BUSY_SECONDS = 6  # of movement make a minute one of movement; who turns over takes 4
AWAKE_MINUTES = 3  # of movement, of the last five
_SECONDS = 0x3FF  # ten of them, as bits
_MINUTES = 0x1F  # five
_MINUTE = 60

UNKNOWN = 0  # since boot
OFF = 1
ON = 2
SLEEPS = 3


class Wearing:
    """Feed it sums of eight samples."""

    def __init__(self, rate_hz: int, tells_worn: bool) -> None:
        """With `tells_worn` it says PUT_ON and TAKEN_OFF, too."""
        self.state = UNKNOWN
        self._tells_worn = tells_worn
        self._sums_a_second = rate_hz // MEAN_SAMPLES
        self._mean = [0, 0, 0]
        self._sums = [0, 0, 0]
        self._count = 0
        self._seconds = 0  # of the minute
        self._moved = 0  # the last ten seconds, a bit each
        self._busy_seconds = 0  # of the minute
        self._busy = 0  # the last five minutes, a bit each
        self._twitched = False  # in this minute
        self._untwitched = 0  # minutes
        self._calm = 0  # minutes
        self._knows = False  # the second before this one

    def feel(self, x: int, y: int, z: int) -> int:
        """The sums of eight samples on each axis: what has changed."""
        sums = self._sums
        sums[0] += x
        sums[1] += y
        sums[2] += z
        self._count += 1
        if self._count < self._sums_a_second:
            return NONE
        return self._second()

    def pause(self) -> None:
        """What comes next does not follow on what came before."""
        self._count = 0
        self._sums[0] = self._sums[1] = self._sums[2] = 0
        self._knows = False

    def _second(self) -> int:
        moved_mg = 0
        samples = self._count * MEAN_SAMPLES
        for axis in range(len(self._mean)):
            mean = self._sums[axis] // samples
            moved_mg += abs(mean - self._mean[axis])
            self._mean[axis] = mean
            self._sums[axis] = 0
        self._count = 0
        if not self._knows:
            self._knows = True
            return NONE
        moves = moved_mg > MOVE_MG
        self._moved = (self._moved << 1 | moves) & _SECONDS
        self._busy_seconds += moves
        self._twitched = self._twitched or moved_mg > TWITCH_MG
        found = self._put_on()
        self._seconds += 1
        if self._seconds == _MINUTE:
            found = self._minute() or found
        return found

    def _put_on(self) -> int:
        if self.state > OFF or _ones(self._moved) < PUT_ON_SECONDS:
            return NONE
        tells = self._tells_worn and self.state == OFF
        self.state = ON
        self._untwitched = self._calm = 0
        return PUT_ON if tells else NONE

    def _minute(self) -> int:
        busy = self._busy_seconds >= BUSY_SECONDS
        self._busy = (self._busy << 1 | busy) & _MINUTES
        self._untwitched = 0 if self._twitched else self._untwitched + 1
        self._calm = 0 if busy else self._calm + 1
        self._seconds = self._busy_seconds = 0
        self._twitched = False
        still_minutes = OFF_ASLEEP_MINUTES if self.state == SLEEPS else OFF_MINUTES
        if self.state != OFF and self._untwitched >= still_minutes:
            return self._taken_off()
        twitches = self._untwitched < TWITCH_MINUTES
        if self.state == ON and self._calm >= ASLEEP_MINUTES and twitches:
            self.state = SLEEPS
            return ASLEEP
        if self.state == SLEEPS and _ones(self._busy) >= AWAKE_MINUTES:
            self.state = ON
            return AWAKE
        return NONE

    def _taken_off(self) -> int:
        tells = self._tells_worn and self.state != UNKNOWN
        self.state = OFF
        self._moved = 0
        return TAKEN_OFF if tells else NONE


def _ones(bits: int) -> int:
    count = 0
    while bits:
        count += bits & 1
        bits >>= 1
    return count
