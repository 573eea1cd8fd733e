"""Beats a minute, from the light that blood swallows. Not a medical device."""

RATE_HZ = 25
FASTEST = 200  # beats a minute; what is sooner belongs to the same beat
SLOWEST = 40
BEATS = 5  # whose median is told
EVEN_PERCENT = 25  # so far they may be from it: else it was the finger that moved
_MINUTE_SAMPLES = 60 * RATE_HZ
_LEAST_SAMPLES = _MINUTE_SAMPLES // FASTEST
_MOST_SAMPLES = _MINUTE_SAMPLES // SLOWEST
_LEAST_DIP = 64  # of 262,143: a beat is some hundreds, noise some tens
_SETTLING = RATE_HZ  # samples until the mean is one


class Pulse:
    """Feed it samples while the finger is there."""

    def __init__(self) -> None:
        self._mean = 0  # times 16
        self._seen = 0
        self._high = 0  # how deep beats are: falls slowly
        self._below = False  # in a beat
        self._since = 0  # samples since the last beat began
        self._spans = [0] * BEATS
        self._sorted = [0] * BEATS
        self._beats = 0

    def feed(self, levels: "list[int]", count: int) -> None:
        """So many samples."""
        for place in range(count):
            self._sample(levels[place])

    @property
    def beats_a_minute(self) -> int:
        """0 until it is sure."""
        if self._beats < BEATS:
            return 0
        spans = self._sorted
        spans[:] = self._spans
        spans.sort()
        middle = spans[BEATS // 2]
        if (spans[-1] - spans[0]) * 100 > 2 * EVEN_PERCENT * middle:
            return 0
        return _MINUTE_SAMPLES * BEATS // sum(spans)

    def _sample(self, level: int) -> None:
        if not self._seen:
            self._mean = level * 16
        self._mean += level - self._mean // 16
        dip = self._mean // 16 - level  # light is swallowed: it falls
        self._seen += 1
        if self._seen < _SETTLING:
            return
        self._since += 1
        self._high = max(dip, self._high - (self._high >> 6) - 1)
        if self._below:
            self._below = dip > 0
        elif dip > max(_LEAST_DIP, self._high // 2) and self._since >= _LEAST_SAMPLES:
            self._below = True
            self._beat(self._since)
            self._since = 0

    def _beat(self, span: int) -> None:
        if span > _MOST_SAMPLES:
            self._beats = 0  # some were missed: begin anew
            return
        self._spans[self._beats % BEATS] = span
        self._beats += 1
