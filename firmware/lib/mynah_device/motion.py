"""What acceleration tells: taps, shakes, and whether it is worn, still or asleep.

Integer samples of milli-g come in blocks; a sample allocates nothing. One sensor can't tell all it
is asked: a ring in a pocket moves as one on a finger does. Thresholds are of synthesised traces
(tests/hardware/gestures.py); not measured on hardware.
"""

from mynah_wire.uplink import DOUBLE_TAPPED, SHAKEN, TAPPED

from .gestures import NONE
from .wearing import MEAN_SAMPLES, Wearing

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Sequence

AXES = 3
# A jolt is the sum over the axes of how much a sample differs from the one before it. Walking and
# waving stay below this; noise is a twentieth of it.
JOLT_MG = 400
TAP_MG = 3000  # a single tap, which nothing else confirms
TWO_TAPS_MG = 1200  # each of two
KNOCK_MS = 80  # a tap has rung out by then; what goes on is a movement
REST_MS = 40  # without a jolt: it is over
BEFORE_MS = 700  # so long it was held still before a tap: who types or carries does not
# Each burst of jolts counts so much, and each mean of gravity takes one off: after three in
# five seconds the hand is busy, and ten after the last of many no more. Who types is not tapping.
BURST = 64
BUSY = 3 * BURST
BUSIEST = 5 * BURST
APART_MS = 120  # between two taps at least,
TOGETHER_MS = 420  # and at most; after it nothing more comes
STRONGER = 4  # of two taps the one is at most so much stronger
STEADY_MG = 150  # off gravity, over the axes, in the mean of eight samples: a hand held still
SWING_MG = 1700  # off gravity, over the axes: walking swings a hand by 700
SWING_LEAST_MS = 35  # from one turn of a shake to the next: 14 a second at most,
SWING_MOST_MS = 165  # and more than 3 a second: an arm that runs turns every 185
SWINGS = 6  # turns in a row
FRESH_MS = 1000  # without a swing before it: who runs, or brushes teeth, goes on and on
AFTER_MS = 1500  # after a shake nothing is felt: it ends in jolts
DISTURBED_MS = 300  # after the button or the motor moved it
_GRAVITY_SHIFT = 3  # a mean of eight samples counts by an eighth: 0.6 s of swing cancel out
_BY_KNOCKS = (NONE, TAPPED, DOUBLE_TAPPED)
_SPOILT = -1  # swings that are no shake, until there are none for a while
_LATEST = 1 << 29  # counting further would allocate on the chip; it takes 60 days


class Motion:
    """Feed it; it says what was felt, as a pattern of uplink.Touch."""

    def __init__(self, rate_hz: int, tells_worn: bool = True) -> None:
        """With `tells_worn` nothing better tells PUT_ON and TAKEN_OFF."""
        self._wearing = Wearing(rate_hz, tells_worn)
        self._rate_hz = rate_hz
        self._rest = self._samples(REST_MS)
        self._knock = self._samples(KNOCK_MS)
        self._before = self._samples(BEFORE_MS)
        self._apart = self._samples(APART_MS)
        self._together = self._samples(TOGETHER_MS)
        self._swing_least = self._samples(SWING_LEAST_MS)
        self._swing_most = self._samples(SWING_MOST_MS)
        self._fresh = self._samples(FRESH_MS)
        self._last = [0, 0, 0]
        self._gravity = [0, 0, 0]
        self._sums = [0, 0, 0]  # of the next mean
        self._begin_anew()

    def feed(self, milli_g: "Sequence[int]", count: int) -> int:
        """So many samples of x, y and z, in turn: what was felt, NONE in nearly every block.

        At most 16 at once: two things are never felt so soon after one another.
        """
        found = NONE
        last, sums = self._last, self._sums
        x, y, z = last
        at = 0
        for _ in range(count):
            old_x, old_y, old_z = x, y, z
            x = milli_g[at]
            y = milli_g[at + 1]
            z = milli_g[at + 2]
            at += AXES
            sums[0] += x
            sums[1] += y
            sums[2] += z
            jolt = abs(x - old_x) + abs(y - old_y) + abs(z - old_z)
            self._now += 1
            if jolt > JOLT_MG:
                found = self._jolt(jolt, x, y, z) or found
            elif self._waits:
                found = self._wait() or found
            if not self._now % MEAN_SAMPLES:
                found = self._weigh() or found
        last[0] = x
        last[1] = y
        last[2] = z
        return found

    def disturb(self) -> None:
        """Something of the ring's own moves it: what is felt now is not the wearer."""
        self._be_deaf(DISTURBED_MS)

    def pause(self) -> None:
        """Samples are missing here."""
        self._wearing.pause()
        self._begin_anew()

    def _samples(self, ms: int) -> int:
        return ms * self._rate_hz // 1000

    def _begin_anew(self) -> None:
        self._now = 0  # samples
        self._jolted = 0  # the last one
        self._unsteady = 0  # the hand moved
        self._business = 0
        self._heard = self._before  # nothing is felt until then
        self._swung = 0  # the last swing,
        self._turned = 0  # and the last that went the other way
        self._swings = 0
        self._swing_axis = 0
        self._swing_up = False
        self._sums[0] = self._sums[1] = self._sums[2] = 0
        self._forget()

    def _forget(self) -> None:
        """No burst of jolts, no knocks."""
        self._waits = False  # for the end of a burst, or for another knock
        self._bursts = False
        self._begun = 0  # the burst
        self._was_still = False  # before it
        self._peak = 0
        self._knocks = 0
        self._knocked = 0  # when the last of them began
        self._weakest = 0
        self._strongest = 0

    def _be_deaf(self, ms: int) -> None:
        self._heard = max(self._heard, self._now + self._samples(ms))
        self._forget()

    def _weigh(self) -> int:
        """Eight samples more: where down is, and whether it is worn."""
        sums, gravity = self._sums, self._gravity
        off_mg = 0
        shift = 0 if self._now == MEAN_SAMPLES else _GRAVITY_SHIFT  # the first mean is all there is
        for axis in range(AXES):
            off = sums[axis] // MEAN_SAMPLES - gravity[axis]
            gravity[axis] += off >> shift
            off_mg += abs(off) if shift else 0
        if off_mg > STEADY_MG and not self._waits:
            self._unsteady = self._now
        if self._business:
            self._business -= 1
        found = self._wearing.feel(sums[0], sums[1], sums[2])
        sums[0] = sums[1] = sums[2] = 0
        if self._now > _LATEST:
            self._begin_anew()
        return found

    def _jolt(self, jolt: int, x: int, y: int, z: int) -> int:
        now = self._now
        if now < self._heard:
            self._jolted = self._swung = now  # what goes on afterwards has not just begun
            return NONE
        if not self._bursts:
            self._bursts = self._waits = True
            self._begun = now
            self._peak = 0
            still_from = max(self._jolted, self._unsteady) + self._before
            self._was_still = now >= still_from and self._business <= BUSY
            self._business = min(self._business + BURST, BUSIEST)
        self._jolted = now
        self._peak = max(self._peak, jolt)
        gravity = self._gravity
        return self._swing(x - gravity[0], y - gravity[1], z - gravity[2])

    def _wait(self) -> int:
        """No jolt: the end of a burst, or of waiting for another knock."""
        if self._bursts:
            if self._now - self._jolted >= self._rest:
                self._bursts = False
                self._end_burst()
                self._waits = self._knocks > 0
        elif self._now - self._knocked > self._together:
            return self._settle()
        return NONE

    def _end_burst(self) -> None:
        """Was it a knock, and does it belong to the one before it?"""
        if self._jolted - self._begun > self._knock or self._peak < TWO_TAPS_MG:
            self._knocks = 0
        elif not self._knocks:
            if self._was_still:
                self._knocks = 1
                self._weakest = self._strongest = self._peak
        elif self._begun - self._knocked >= self._apart:
            self._knocks += 1
            self._weakest = min(self._weakest, self._peak)
            self._strongest = max(self._strongest, self._peak)
        self._knocked = self._begun

    def _settle(self) -> int:
        """No other knock came."""
        knocks, weakest, strongest = self._knocks, self._weakest, self._strongest
        self._forget()
        if knocks == 1 and weakest < TAP_MG:
            return NONE
        if knocks >= len(_BY_KNOCKS) or strongest > weakest * STRONGER:
            return NONE
        return _BY_KNOCKS[knocks]

    def _swing(self, x: int, y: int, z: int) -> int:
        """A jolt's sample, off gravity: does a shake turn here?"""
        if abs(x) + abs(y) + abs(z) < SWING_MG:
            return NONE
        axis, swing = 0, x
        if abs(y) > abs(swing):
            axis, swing = 1, y
        if abs(z) > abs(swing):
            axis, swing = 2, z
        up, now = swing > 0, self._now
        if now - self._swung > self._fresh:
            self._swings, self._swing_axis = 1, axis
        elif self._swings == _SPOILT or axis != self._swing_axis or up == self._swing_up:
            self._swung = now
            return NONE
        elif self._swing_least <= now - self._turned <= self._swing_most:
            self._swings += 1
        else:
            self._swings = _SPOILT
        self._swing_up = up
        self._swung = self._turned = now
        if self._swings < SWINGS:
            return NONE
        self._swings = _SPOILT
        self._be_deaf(AFTER_MS)
        return SHAKEN
