"""What accelerometers have in common: samples at a rate, in a FIFO that overflows. Not one part."""

import _surroundings
from _noise import Noise

from models.part import Part


class Accelerometer(Part):
    """A model says when it runs and how a sample lies in its FIFO."""

    FIFO_SAMPLES = 0
    NOISE_MG = 2  # of one sample, at most, either way
    COUNTS_PER_G = 4096  # at the range of ±8 g that the drivers choose
    LOSES_OLDEST = True  # when the FIFO is full; else what comes then is lost

    def reset(self):
        super().reset()
        self.fifo = []  # (x, y, z) in counts
        self.overrun = False
        self._interval_us = 0  # 0: it does not run
        self._due_us = 0
        self._noise = Noise()

    def run(self, interval_us):
        """Sample from now on, every so often; 0 stops it."""
        if interval_us != self._interval_us:
            self._interval_us = interval_us
            self._due_us = self.now_us() + interval_us

    def fill(self):
        """Take the samples that were due up to now."""
        if not self._interval_us:
            return
        now = self.now_us()
        behind = (now - self._due_us) // self._interval_us - self.FIFO_SAMPLES
        if behind > 0:
            self.overrun = True
            self._due_us += behind * self._interval_us
        while self._due_us <= now:
            self._take(self.counts(self._due_us))
            self._due_us += self._interval_us

    def clear_fifo(self):
        """Empty it."""
        self.fill()
        self.fifo = []
        self.overrun = False

    def counts(self, us):
        """A sample as the part's converter gives it."""
        noise, per_g = self._noise, self.COUNTS_PER_G
        return tuple(
            max(-32768, min(32767, (mg + noise.within(self.NOISE_MG)) * per_g // 1000))
            for mg in _surroundings.acceleration(us)
        )

    def _take(self, sample):
        if len(self.fifo) >= self.FIFO_SAMPLES:
            self.overrun = True
            if not self.LOSES_OLDEST:
                return
            self.fifo.pop(0)
        self.fifo.append(sample)
