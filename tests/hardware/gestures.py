"""What the ring makes of synthesised movements: hits, and false alarms in an hour.

    python -m tests.hardware.gestures [--hours 10] [--each 200] [--seed 2]

The traces are synthesised (traces.py): nothing of this was measured on hardware.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from typing import Final

from mynah_device.motion import AXES, Motion
from mynah_wire import uplink
from tests.hardware import traces
from tests.hardware.traces import Hand, Trace

BLOCK: Final = 16
HOURS: Final = 10.0
EACH: Final = 200
DAYS: Final = 10
NAMES: Final = {
    uplink.TAPPED: "tap",
    uplink.DOUBLE_TAPPED: "double tap",
    uplink.SHAKEN: "shake",
    uplink.PUT_ON: "put on",
    uplink.TAKEN_OFF: "taken off",
    uplink.ASLEEP: "asleep",
    uplink.AWAKE: "awake",
}
MOMENTS: Final = (uplink.TAPPED, uplink.DOUBLE_TAPPED, uplink.SHAKEN)

EVERYDAY: Final[dict[str, Callable[[Hand, float], Trace]]] = {
    "on a table": traces.table,
    "in a lap, reading": traces.reading,
    "typing": traces.typing,
    "walking": traces.walking,
    "running": traces.running,
    "in a pocket": traces.pocket,
    "in a tram": traces.tram,
    "in the kitchen": traces.kitchen,
    "brushing teeth": traces.teeth,
    "asleep": traces.asleep,
}
MEANT: Final[dict[str, tuple[int, Callable[[Hand], Trace]]]] = {
    "tap, soft (4 g)": (uplink.TAPPED, lambda hand: traces.tapped(hand, 4.0, 1)),
    "tap, medium (8 g)": (uplink.TAPPED, lambda hand: traces.tapped(hand, 8.0, 1)),
    "tap, hard (14 g)": (uplink.TAPPED, lambda hand: traces.tapped(hand, 14.0, 1)),
    "double tap, soft": (uplink.DOUBLE_TAPPED, lambda hand: traces.tapped(hand, 4.0, 2)),
    "double tap, medium": (uplink.DOUBLE_TAPPED, lambda hand: traces.tapped(hand, 8.0, 2)),
    "double tap, hard": (uplink.DOUBLE_TAPPED, lambda hand: traces.tapped(hand, 14.0, 2)),
    "double tap, hard, walking": (
        uplink.DOUBLE_TAPPED,
        lambda hand: traces.tapped(hand, 14.0, 2, walks=True),
    ),
    "shake, gentle (4 Hz, 1.8 g)": (uplink.SHAKEN, lambda hand: traces.shaken(hand, 4.0, 1800)),
    "shake, brisk (5 Hz, 2.5 g)": (uplink.SHAKEN, lambda hand: traces.shaken(hand, 5.0, 2500)),
    "shake, hard (6 Hz, 4 g)": (uplink.SHAKEN, lambda hand: traces.shaken(hand, 6.0, 4000)),
}


def felt(motion: Motion, trace: Trace) -> list[int]:
    """What the core says of a trace, in order."""
    samples = traces.as_samples(trace)
    found = []
    for start in range(0, len(samples), BLOCK * AXES):
        block = samples[start : start + BLOCK * AXES]
        pattern = motion.feed(block, len(block) // AXES)
        if pattern:
            found.append(pattern)
    return found


def everyday(hours: float, seed: int = 1) -> dict[str, Counter[int]]:
    """What is felt where nothing is meant."""
    return {
        name: Counter(felt(Motion(traces.RATE_HZ), act(Hand(seed), hours * 60)))
        for name, act in EVERYDAY.items()
    }


def meant(each: int, seed: int = 1) -> dict[str, Counter[int]]:
    """What is felt of so many of each gesture."""
    found: dict[str, Counter[int]] = {}
    for name, (_, gesture) in MEANT.items():
        found[name] = Counter()
        for number in range(each):
            motion = Motion(traces.RATE_HZ)
            found[name].update(felt(motion, gesture(Hand(seed * 100_000 + number))) or [0])
    return found


def worn_and_slept(seed: int = 1) -> list[int]:
    """A day in short: worn, put on the table, worn again, slept in, woken up in, taken off."""
    hand, motion = Hand(seed), Motion(traces.RATE_HZ)
    found = felt(motion, traces.handled(hand, 8)) + felt(motion, traces.reading(hand, 15))
    found += felt(motion, traces.table(hand, 30)) + felt(motion, traces.handled(hand, 8))
    found += felt(motion, traces.kitchen(hand, 10)) + felt(motion, traces.asleep(hand, 240))
    found += felt(motion, traces.kitchen(hand, 10)) + felt(motion, traces.handled(hand, 8))
    found += felt(motion, traces.table(hand, 60))
    return [pattern for pattern in found if pattern not in MOMENTS]


def report(hours: float, each: int, seed: int) -> str:
    """The table."""
    lines = ["Synthesised traces; not measured on hardware.", "", f"Of {each} each:"]
    for name, counts in meant(each, seed).items():
        pattern = MEANT[name][0]
        others = {NAMES[key]: n for key, n in counts.items() if key not in (pattern, 0)}
        lines.append(f"  {name:30} {100 * counts[pattern] / each:5.1f} % felt  {others or ''}")
    lines += ["", f"In {hours:g} hours of each, and what of it comes in one:"]
    for name, counts in everyday(hours, seed).items():
        found = {NAMES[key]: f"{n / hours:.1f}" for key, n in sorted(counts.items())}
        told = ", ".join(f"{gesture} {n}" for gesture, n in found.items())
        lines.append(f"  {name:20} {told or 'nothing'}")
    days = Counter(tuple(worn_and_slept(seed + day)) for day in range(DAYS))
    lines += ["", "Worn, laid on a table, worn, slept in, awake, laid on a table; told:"]
    for day, count in days.most_common():
        lines.append(f"  {count} of {DAYS}: " + ", ".join(NAMES[pattern] for pattern in day))
    return "\n".join(lines)


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=2, help="the thresholds were chosen with 1")
    options = parser.parse_args()
    print(report(options.hours, options.each, options.seed))  # noqa: T201 - it is a command


if __name__ == "__main__":
    main()
