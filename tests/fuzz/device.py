"""The ring's decoders in its own interpreter: seeded inputs, nearly right, as many as are wanted.

A script: `micropython device.py RECORDS SEED`, or `micropython device.py corpus FILE`. It prints
lines of JSON: how far it is, the first crash with all that repeats it, and at the end what it did.
"""

import json
import sys
import time

from device_targets import TARGETS
from mutation import Dice

TOLD_EVERY = 20_000  # records between two lines


def fuzz(name, records, seed):
    """Try so many; the number of crashes, which is 0, or 1 and the end."""
    target, dice = TARGETS[name](seed), Dice(seed + 1)
    slowest_ms = 0
    for number in range(records):
        data = target.make(dice)
        began_ms = ticks_ms()
        try:
            target.take(data)
        except Exception as error:  # noqa: BLE001 - a crash of any kind is what is looked for
            tell(crash=repr(error), target=name, seed=seed, number=number, data=data.hex())
            trace(error)
            return 1
        slowest_ms = max(slowest_ms, ticks_ms() - began_ms)
        if number % TOLD_EVERY == TOLD_EVERY - 1:
            tell(target=name, records=number + 1)
    tell(target=name, done=records, slowest_ms=slowest_ms)
    return 0


def replay(lines):
    """Inputs of the corpus, one after the other: TARGET HEX."""
    targets = {}
    for line in lines:
        name, _, text = line.strip().partition(" ")
        if name not in targets:
            targets[name] = TARGETS[name](1)
        targets[name].take(bytes.fromhex(text))
    tell(done=len(lines))


def tell(**what):
    """One line, at once."""
    sys.stdout.write(json.dumps(what) + "\n")


def trace(error):
    """Where it was."""
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)
    else:
        raise error


def ticks_ms():
    """MicroPython's clock, or CPython's."""
    return time.ticks_ms() if hasattr(time, "ticks_ms") else int(time.monotonic() * 1000)


def main(arguments):
    if arguments[0] == "corpus":
        with open(arguments[1]) as file:  # noqa: PTH123 - MicroPython has no pathlib
            replay(file.readlines())
        return 0
    records, seed = int(arguments[0]), int(arguments[1])
    names = arguments[2:] or sorted(TARGETS)
    return sum([fuzz(name, records // len(names), seed) for name in names])


sys.exit(main(sys.argv[1:]))
