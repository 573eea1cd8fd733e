"""How the ring's process ends on purpose, as exit codes; plain integers that CPython reads too."""

RESET = 0x52  # machine.reset(): "R"
STARVED = 0x57  # a watchdog that nobody fed: "W"
