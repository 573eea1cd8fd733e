"""The air around a board that nobody speaks to: it hisses, and carries what the board itself says.

In the place of the two recordings that a world keeps, which grow: nothing of this is kept. Its
memory is taken before the firmware starts, which then finds as much as without it.
"""

import random
from array import array

_NOISE_SAMPLES = 1 << 12  # a quarter of a second, over and over
_PEAK = 18  # -70 dB of full scale: a quiet room
_KEPT_SAMPLES = 1 << 13
_DELAY_SAMPLES = 3200  # 200 ms: longer than any air takes, for what was played is told late
_QUIETER_BITS = 3  # 18 dB: a speaker a hand's breadth away


class _Air:
    def __init__(self):
        self.noise = array("h", bytes(2 * _NOISE_SAMPLES))
        for at in range(_NOISE_SAMPLES):
            self.noise[at] = random.randint(-_PEAK, _PEAK)
        self.played = array("h", bytes(2 * _KEPT_SAMPLES))
        self.end = 0  # the sample behind the last that was played


class _File:
    """A place on the time line, at which there is sound to hear or to make."""

    def __init__(self, air):
        self._air = air
        self._at = 0

    def seek(self, place):
        self._at = place // 2

    def readinto(self, buffer):
        """What is heard."""
        noise, played = self._air.noise, self._air.played
        first, count = self._at, len(buffer) // 2
        sound = array("h", bytes(2 * count))
        for place in range(count):
            sound[place] = noise[(first + place) % _NOISE_SAMPLES]
        said = max(first - _DELAY_SAMPLES, self._air.end - _KEPT_SAMPLES)
        for at in range(said, min(first - _DELAY_SAMPLES + count, self._air.end)):
            place = at - first + _DELAY_SAMPLES
            sound[place] += played[at % _KEPT_SAMPLES] >> _QUIETER_BITS
        buffer[:] = bytes(sound)
        self._at += count
        return 2 * count

    def write(self, data):
        """What is said."""
        air = self._air
        for at in range(max(air.end, self._at - _KEPT_SAMPLES), self._at):
            air.played[at % _KEPT_SAMPLES] = 0
        for sample in array("h", bytes(data)):
            air.played[self._at % _KEPT_SAMPLES] = sample
            self._at += 1
        air.end = max(air.end, self._at)
        return len(data)

    def close(self):
        pass


_air = _Air()


def opened():
    """A file for a microphone or a speaker."""
    return _File(_air)
