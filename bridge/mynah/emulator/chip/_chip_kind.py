"""Which chip this is: what differs between them is looked up by its name."""

import os

NAME = os.getenv("MYNAH_CHIP") or "esp32s3"
"""esptool's name for it."""

CLOCKS_HZ = {
    "esp32s3": (20_000_000, 40_000_000, 80_000_000, 160_000_000, 240_000_000),
    "esp32c3": (20_000_000, 40_000_000, 80_000_000, 160_000_000),
    "esp32c6": (20_000_000, 40_000_000, 80_000_000, 160_000_000),
}[NAME]
"""What `machine.freq` takes; MicroPython starts at 160 MHz unless the board's image says more."""
