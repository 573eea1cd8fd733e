"""Haptic programs: how one is written, and those that every ring has built in.

A program is pairs of bytes: an amplitude of 255, and for how many hundredths of a second.
"""

STEP_MS = 10
STEP_BYTES = 2
LONGEST_BYTES = 20  # one BLE write at any MTU has room for it
SLOTS = 16  # that a host may fill

TICK = 16  # built in: numbered behind the slots
TWICE = 17
SQUEEZE = 18
NO_PROGRAM = 255

# A coin motor needs 30 ms until anything is felt, and as long to come to rest.
BUILT_IN = {
    TICK: bytes((220, 6)),
    TWICE: bytes((220, 6, 0, 10, 220, 6)),
    SQUEEZE: bytes((60, 12, 120, 12, 180, 30, 120, 12, 60, 12)),
}


def is_program(data: bytes) -> bool:
    """Whether that can be played: whole pairs, not too many, and no step of no time."""
    if len(data) > LONGEST_BYTES or len(data) % STEP_BYTES:
        return False
    return 0 not in [data[at] for at in range(1, len(data), STEP_BYTES)]
