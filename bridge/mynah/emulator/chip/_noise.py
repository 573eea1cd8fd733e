"""Noise of converters and parts: the same in every run."""


class Noise:
    """One source of it."""

    def __init__(self):
        self._seed = 1

    def below(self, limit):
        """A number from 0 on, below the limit."""
        self._seed = (self._seed * 1_103_515_245 + 12_345) & 0x7FFFFFFF  # ANSI C's old generator
        return (self._seed >> 16) % limit

    def within(self, most):
        """A number that far from 0 at most, either way."""
        return self.below(2 * most + 1) - most
