"""Seeed XIAO ESP32C6: the bracelet, which also feels its wearer. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
The chip has one I2S, so microphone and amplifier share its clock pins and take turns.
Kept free: 12 and 13 (USB), 3 and 14 (the antenna's switch), 4, 5, 8 and 9 (strapping). GPIO15 is
one too, of the debugger's.
"""

from mynah_wire import uplink as can

NAME = "xiao_esp32c6"
BUILD = "bracelet"
CHIP = "esp32c6"
IMAGE = "SEEED_XIAO_ESP32C6"
CAPABILITIES = (
    can.SPEAKER
    | can.MICROPHONE
    | can.BUTTON
    | can.LIGHT
    | can.HAPTIC
    | can.MOTION
    | can.BATTERY
    | can.STORE
)
FROZEN = True  # by estimate its RAM holds the firmware so, not as files: tests/hardware/budget.py
MEMORY_FRAMES = 50 * 2  # without PSRAM 17 kB: it rides out a fade
REPLY_FRAMES = 50  # of what it says: 8 kB, a second that a host may be ahead
FLASH_BYTES = 1_000_000  # 2 minutes, of the 2 MB that the image leaves for files
UTTERANCES = 30  # that may wait for a host: 0.2 kB of RAM each

HALF_DUPLEX = True
MICROPHONE_SCK = 19  # D8
MICROPHONE_WS = 20  # D9
MICROPHONE_SD = 18  # D10; the microphone's L/R to ground: left
SPEAKER_SCK = 19  # D8, the amplifier's BCLK: one wire with the microphone's
SPEAKER_WS = 20  # D9, LRC: one wire with the microphone's
SPEAKER_SD = 17  # D7, DIN
SPEAKER_ENABLE = 21  # D3, the amplifier's SD: low is off, also while the microphone is clocked
I2C_SDA = 22  # D4
I2C_SCL = 23  # D5
MOTION = "lsm6ds3"
MOTION_ADDRESS = 0x6A
PULSE = "max30102"
BUTTON = "button"
BUTTON_PIN = 0  # D0, to ground; an RTC pin, so that a press can wake the chip
HAPTIC = "drv2605l"
LAMP = "active low"  # from memory: hold the button and look before you trust it
LAMP_PIN = 15  # USER LED, the board's own
BATTERY_PIN = 1  # D1, to the middle of two resistors of 220 kOhm from BAT+ to ground
BATTERY_DIVIDER = 2
