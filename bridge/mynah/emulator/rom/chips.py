"""What the boot ROM of each chip is asked for: its number, registers and flash.

Addresses are of Espressif's technical reference manuals.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Chip:
    """One kind of chip."""

    name: str
    """As esptool writes it after `--chip`."""
    number: int
    """In its security information, and in the header of an image that is for it."""
    spi: int
    """Address of the flash's SPI controller."""
    address_fuses: int
    """Where the chip's own radio address is burned in."""
    watchdog: int
    """The register that starts the RTC's watchdog."""
    watchdog_lock: int
    flash_bytes: int


MEGABYTE: Final = 1 << 20

CHIPS: Final = {
    chip.name: chip
    for chip in (
        Chip(
            "esp32s3",
            9,
            spi=0x6000_2000,
            address_fuses=0x6000_7044,
            watchdog=0x6000_8098,
            watchdog_lock=0x6000_80B0,
            flash_bytes=8 * MEGABYTE,
        ),
        Chip(
            "esp32c3",
            5,
            spi=0x6000_2000,
            address_fuses=0x6000_8844,
            watchdog=0x6000_8090,
            watchdog_lock=0x6000_80A8,
            flash_bytes=4 * MEGABYTE,
        ),
        Chip(
            "esp32c6",
            13,
            spi=0x6000_3000,
            address_fuses=0x600B_0844,
            watchdog=0x600B_1C00,
            watchdog_lock=0x600B_1C18,
            flash_bytes=4 * MEGABYTE,
        ),
    )
}

# The SPI controller's registers, from its address on; the same on all three.
COMMAND: Final = 0x00
USER: Final = 0x18
USER2: Final = 0x20
DATA: Final = 0x58
START: Final = 1 << 18  # in COMMAND: send what USER2 says

MANUFACTURER: Final = 0x20  # a common make of flash; any that is not XMC, which has quirks
