"""Synthesised accelerations of a ring: what hands do all day, and the gestures that are meant.

None of it was measured on hardware. Amplitudes are guesses from what wrist-worn sensors report,
rings being lighter and further out; they are here to be replaced by recordings.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 104
FINE: Final = 10
"""Impacts last some milliseconds: they are drawn so many times finer, and then averaged, as the
sensor's filter does."""

MINUTE: Final = 60 * RATE_HZ

Trace = NDArray[np.float64]
"""Milli-g, a row of three a sample."""


class Hand:
    """One wearer; every draw comes from the seed."""

    def __init__(self, seed: int) -> None:
        self.random: Final = np.random.default_rng(seed)
        self.down = self._direction()

    def at_rest(self, seconds: float, sway_mg: float = 4.0) -> Trace:
        """Gravity, a tremor, and the sensor's noise."""
        count = round(seconds * RATE_HZ)
        trace = np.tile(self.down * 1000.0, (count, 1))
        return trace + self.smooth(count, 8.0, sway_mg) + self.random.normal(0, 1.5, (count, 3))

    def turned(self, seconds: float, degrees: float) -> Trace:
        """The hand comes to lie another way."""
        old, self.down = self.down, self._near(self.down, degrees)
        count = max(2, round(seconds * RATE_HZ))
        share = (1 - np.cos(np.linspace(0, np.pi, count))) / 2
        way = old + (self.down - old) * share[:, None]
        way /= np.linalg.norm(way, axis=1)[:, None]
        return way * 1000.0 + self.random.normal(0, 1.5, (count, 3))

    def smooth(self, count: int, hz: float, strength_mg: float) -> Trace:
        """Noise up to a frequency, so strong (r.m.s. of an axis)."""
        knots = max(4, round(count * 2 * hz / RATE_HZ))
        places = np.linspace(0, knots - 1, count)
        axes = [
            np.interp(places, np.arange(knots), self.random.normal(0, 1.2, knots)) for _ in range(3)
        ]
        return np.stack(axes, axis=1) * strength_mg

    def swung(self, count: int, hz: float, strength_mg: float, direction: Trace) -> Trace:
        """To and fro, as regularly as people do."""
        wobble = np.cumsum(self.random.normal(0, 0.06, count)) * np.sqrt(hz / RATE_HZ)
        phase = 2 * np.pi * hz * np.arange(count) / RATE_HZ + wobble + self.random.uniform(0, 6.3)
        strength = strength_mg * (1 + 0.1 * self.random.normal())
        return strength * np.sin(phase)[:, None] * direction

    def struck(self, trace: Trace, at_s: float, peak_g: float, contact_ms: float = 6.0) -> None:
        """Add an impact: a blow of half a sine, and what rings after it."""
        fine_hz = RATE_HZ * FINE
        length = round(0.12 * fine_hz)
        seconds = np.arange(length) / fine_hz
        contact_s = contact_ms / 1000
        blow = np.where(seconds < contact_s, np.sin(np.pi * seconds / contact_s), 0.0)
        after = np.clip(seconds - contact_s, 0, None)
        ring = -0.4 * np.exp(-after / 0.012) * np.sin(2 * np.pi * 35 * after)
        start = round(at_s * fine_hz)
        first = start // FINE
        padded = np.zeros((length // FINE + 2) * FINE)
        padded[start % FINE : start % FINE + length] = blow + ring
        sampled = padded.reshape(-1, FINE).mean(axis=1)[: max(0, len(trace) - first)]
        trace[first : first + len(sampled)] += sampled[:, None] * self._direction() * peak_g * 1000

    def knocks(self, trace: Trace, each_s: float, median_g: float, contact_ms: float) -> None:
        """Impacts at random, some much harder than the median."""
        at_s = 0.0
        while (at_s := at_s + self.random.exponential(each_s)) < len(trace) / RATE_HZ - 0.2:
            self.struck(trace, at_s, self.random.lognormal(np.log(median_g), 0.5), contact_ms)

    def _direction(self) -> Trace:
        direction = self.random.normal(0, 1, 3)
        found: Trace = direction / np.linalg.norm(direction)
        return found

    def _near(self, direction: Trace, degrees: float) -> Trace:
        aside = np.cross(direction, self._direction())
        aside /= np.linalg.norm(aside)
        angle = np.radians(degrees)
        turned: Trace = direction * np.cos(angle) + aside * np.sin(angle)
        return turned


def table(hand: Hand, minutes: float) -> Trace:
    """It lies there, and somebody types on the same table."""
    trace = hand.at_rest(minutes * 60, 0.0)
    hand.knocks(trace, 2.0, 0.06, 15.0)
    return trace


def reading(hand: Hand, minutes: float) -> Trace:
    """A hand in a lap: it moves a little every half minute, and gestures now and then."""
    return _in_pieces(hand, minutes, 25.0, lambda: hand.turned(1.0, hand.random.uniform(2, 60)))


def typing(hand: Hand, minutes: float) -> Trace:
    """Words and pauses; one key in eight is the ringed finger's."""
    trace = hand.at_rest(minutes * 60, 15.0)
    at_s = 1.0
    while at_s < minutes * 60 - 10:
        for _ in range(hand.random.geometric(0.07)):
            own = hand.random.random() < 1 / 8
            peak_g = hand.random.lognormal(np.log(1.0 if own else 0.2), 0.5)
            hand.struck(trace, at_s, peak_g, 8.0)
            at_s += max(0.06, hand.random.normal(0.19, 0.06))
            if at_s > minutes * 60 - 5:
                break
        at_s += hand.random.uniform(0.5, 5.0)
    return trace


def walking(hand: Hand, minutes: float) -> Trace:
    """Arms that swing, heels that strike."""
    return _gait(hand, minutes, 1.9, 300.0, 250.0)


def running(hand: Hand, minutes: float) -> Trace:
    """The same, harder."""
    return _gait(hand, minutes, 2.7, 1000.0, 900.0)


def pocket(hand: Hand, minutes: float) -> Trace:
    """It hangs in a trouser pocket, and its owner walks and stands."""
    return _in_pieces(hand, minutes, 20.0, lambda: _gait(hand, 0.5, 1.9, 60.0, 300.0))


def tram(hand: Hand, minutes: float) -> Trace:
    """A hand on a rail: rumble, bends, and joints in the track."""
    trace = hand.at_rest(minutes * 60, 10.0)
    trace += hand.smooth(len(trace), 12.0, 40.0) + hand.smooth(len(trace), 0.2, 80.0)
    hand.knocks(trace, 6.0, 0.4, 20.0)
    return trace


def kitchen(hand: Hand, minutes: float) -> Trace:
    """Hands that do things, and put pots down."""
    trace = hand.at_rest(minutes * 60, 20.0)
    busy = hand.smooth(len(trace), 0.3, 1.0) > 0
    trace += hand.smooth(len(trace), 3.0, 250.0) * busy
    hand.knocks(trace, 5.0, 1.2, 10.0)
    return trace


def teeth(hand: Hand, minutes: float) -> Trace:
    """Brushed by hand."""
    trace = hand.at_rest(minutes * 60, 20.0)
    for start in range(0, len(trace), 5 * RATE_HZ):
        piece = trace[start : start + 4 * RATE_HZ]
        hz, strength = hand.random.uniform(3.5, 6.0), hand.random.uniform(300, 1200)
        piece += hand.swung(len(piece), hz, strength, hand._direction())
    return trace


def asleep(hand: Hand, minutes: float) -> Trace:
    """Breath; a twitch every few minutes, and each half hour somebody turns over."""

    def move() -> Trace:
        if hand.random.random() < 0.2:
            return hand.turned(4.0, hand.random.uniform(40, 150))
        return hand.turned(0.5, hand.random.uniform(1, 6))

    return _in_pieces(hand, minutes, 360.0, move, sway_mg=2.0)


def tapped(hand: Hand, peak_g: float, taps: int, *, walks: bool = False) -> Trace:
    """So many taps by the other hand, on one that rests, or that walks."""
    trace = walking(hand, 0.05) if walks else hand.at_rest(3.0, 10.0)
    at_s = 1.5
    for _ in range(taps):
        hand.struck(trace, at_s, peak_g * hand.random.uniform(0.75, 1.33))
        at_s += hand.random.uniform(0.17, 0.35)
    return trace


def shaken(hand: Hand, hz: float, peak_mg: float) -> Trace:
    """A second of it."""
    rest, after = hand.at_rest(1.5, 10.0), hand.at_rest(1.5, 10.0)
    count = round(hand.random.uniform(0.9, 1.4) * RATE_HZ)
    moved = hand.at_rest(count / RATE_HZ, 10.0)[:count]
    moved += hand.swung(count, hz, peak_mg, hand._direction())
    return np.concatenate([rest, moved, after])


def handled(hand: Hand, seconds: float) -> Trace:
    """Picked up and put on a finger, or taken off it."""
    pieces = []
    for _ in range(round(seconds)):
        piece = hand.turned(1.0, hand.random.uniform(15, 90))
        pieces.append(piece + hand.smooth(len(piece), 5.0, 60.0))
    return np.concatenate(pieces)


def as_samples(trace: Trace) -> list[int]:
    """What a driver gives: x, y, z, x, …"""
    counts: list[int] = np.clip(np.rint(trace), -8000, 8000).astype(int).ravel().tolist()
    return counts


def _gait(hand: Hand, minutes: float, step_hz: float, swing_mg: float, step_mg: float) -> Trace:
    trace = hand.at_rest(minutes * 60, 20.0)
    count = len(trace)
    forward, up = hand._direction(), hand.down
    trace += hand.swung(count, step_hz / 2, swing_mg, forward)
    trace += hand.swung(count, step_hz, step_mg, up)
    trace += hand.swung(count, 2 * step_hz, step_mg / 2, up)
    at_s = 0.5
    while at_s < count / RATE_HZ - 0.3:
        hand.struck(trace, at_s, step_mg / 250 * hand.random.uniform(0.6, 1.4), 25.0)
        at_s += 1 / step_hz * hand.random.uniform(0.95, 1.05)
    return trace


def _in_pieces(
    hand: Hand, minutes: float, each_s: float, move: Callable[[], Trace], sway_mg: float = 4.0
) -> Trace:
    """Rest, and now and then a movement."""
    pieces: list[Trace] = []
    left = round(minutes * MINUTE)
    while left > 0:
        piece = hand.at_rest(min(hand.random.exponential(each_s) + 0.5, left / RATE_HZ), sway_mg)
        pieces += [piece, move()]
        left -= len(pieces[-1]) + len(pieces[-2])
    return np.concatenate(pieces)
