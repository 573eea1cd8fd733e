"""Seeed XIAO ESP32C3 with a button, a motor and a light: it summons. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
It hears nothing and says nothing: what is touched is told, and the computer speaks. The pins are
those of `xiao_esp32c3.py`, so that it can grow into that, and D0 needs the same 10 kOhm to 3V3.
"""

from mynah_wire import uplink as can

NAME = "tap_only"
BUILD = "touch"
CHIP = "esp32c3"
IMAGE = "SEEED_XIAO_ESP32C3"
CAPABILITIES = can.BUTTON | can.LIGHT | can.HAPTIC | can.BATTERY
FROZEN = True  # by estimate its RAM holds the firmware so, not as files: tests/hardware/budget.py
MEMORY_FRAMES = 1  # nothing is said,
REPLY_FRAMES = 1  # and nothing is heard
FLASH_BYTES = 0

BUTTON = "button"
BUTTON_PIN = 3  # D1, to ground; an RTC pin, so that a press can wake the chip
HAPTIC = "pwm"
HAPTIC_PIN = 5  # D3, to the transistor of the motor
LAMP = "active low"
LAMP_PIN = 2  # D0, a LED from 3V3 with 1 kOhm; the board has none of its own
BATTERY_PIN = 4  # D2, to the middle of two resistors of 220 kOhm from BAT+ to ground
BATTERY_DIVIDER = 2
