"""Whether a finger is on a touch pad, from what its capacitance counts up to.

The pad's own count drifts with warmth, sweat and cloth: a baseline follows it, at once when the
count falls, slowly when it rises. A wet film stays: after a while it is the new baseline.
"""

SETTLING = 8  # counts whose least is the first baseline
# A finger adds some 40 % on an ESP32-S3, through 1 mm of plastic 15; noise is below 1. From forum
# posts, not measured on hardware.
TOUCH_PERCENT = 12
RELEASE_PERCENT = 7
SURE = 2  # counts in a row
RISE_SHARE = 512  # of what it is above the baseline, a count: 10 s at 50 counts a second
FILM_COUNTS = 50 * 60 * 15  # 15 minutes: as long as a button may be held


class Pad:
    """Count after count, some 50 a second."""

    def __init__(self) -> None:
        self.down = False
        self._seen = 0
        self._baseline = 0  # times RISE_SHARE
        self._against = 0
        self._held = 0

    def look(self, count: int) -> bool:
        """Whether a finger is on it."""
        if self._seen < SETTLING:
            self._settle(count)
            return False
        base = self._baseline // RISE_SHARE
        percent = RELEASE_PERCENT if self.down else TOUCH_PERCENT
        touched = (count - base) * 100 > base * percent
        self._follow(count, touched)
        self._against = self._against + 1 if touched != self.down else 0
        if self._against >= SURE:
            self.down, self._against, self._held = touched, 0, 0
        return self.down

    def _settle(self, count: int) -> None:
        scaled = count * RISE_SHARE
        self._baseline = min(self._baseline, scaled) if self._seen else scaled
        self._seen += 1

    def _follow(self, count: int, touched: bool) -> None:
        self._held = self._held + 1 if self.down else 0
        scaled = count * RISE_SHARE
        if scaled < self._baseline or self._held > FILM_COUNTS:
            # It was on it when the baseline was taken, or what is on it is no finger.
            self._baseline = scaled
        elif not touched:
            self._baseline += (scaled - self._baseline) // RISE_SHARE
