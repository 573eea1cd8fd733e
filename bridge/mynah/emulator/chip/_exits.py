"""How a run of the ring ends other than by its code's end; plain integers that CPython reads too.

A chip that resets or falls asleep runs nothing more, not even a `finally`: its stand-in tells the
emulator one of these over the channel, and waits to be killed.
"""

RESET = 0x52  # machine.reset(): "R"
STARVED = 0x57  # a watchdog that nobody fed: "W"; found by the emulator, never told by the ring
ASLEEP = 0x53  # machine.deepsleep(): "S"
