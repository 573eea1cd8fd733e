"""Seeed XIAO ESP32C3: the ring, of as few parts as a conversation takes. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
The chip has one I2S, so microphone and amplifier share its clock pins and take turns.
Kept free: 8 (D8) and 9 (D9, BOOT), strapping; 18 and 19 (USB). GPIO2 is a strapping pin that should
be high at a reset: 10 kOhm from D0 to 3V3 hold it there, which a LED alone does not.
"""

from mynah_wire import uplink as can

NAME = "xiao_esp32c3"
BUILD = "ring"
CHIP = "esp32c3"
IMAGE = "SEEED_XIAO_ESP32C3"
CAPABILITIES = (
    can.SPEAKER | can.MICROPHONE | can.BUTTON | can.LIGHT | can.HAPTIC | can.BATTERY | can.STORE
)
FROZEN = True  # by estimate its RAM holds the firmware so, not as files: tests/hardware/budget.py
MEMORY_FRAMES = 50 * 2  # without PSRAM 17 kB: it rides out a fade
REPLY_FRAMES = 50  # of what it says: 8 kB, a second that a host may be ahead
FLASH_BYTES = 1_000_000  # 2 minutes, of the 2 MB that the image leaves for files
UTTERANCES = 30  # that may wait for a host: 0.2 kB of RAM each

HALF_DUPLEX = True
MICROPHONE_SCK = 10  # D10
MICROPHONE_WS = 21  # D6; it chatters while the chip starts, when nothing is clocked
MICROPHONE_SD = 6  # D4; the microphone's L/R to ground: left
SPEAKER_SCK = 10  # D10, the amplifier's BCLK: one wire with the microphone's
SPEAKER_WS = 21  # D6, LRC: one wire with the microphone's
SPEAKER_SD = 20  # D7, DIN
SPEAKER_ENABLE = 7  # D5, the amplifier's SD: low is off, also while the microphone is clocked
BUTTON = "button"
BUTTON_PIN = 3  # D1, to ground; an RTC pin, so that a press can wake the chip
HAPTIC = "pwm"
HAPTIC_PIN = 5  # D3, to the transistor of the motor
LAMP = "active low"
LAMP_PIN = 2  # D0, a LED from 3V3 with 1 kOhm; the board has none of its own
BATTERY_PIN = 4  # D2, to the middle of two resistors of 220 kOhm from BAT+ to ground
BATTERY_DIVIDER = 2
