"""ESP32-S3-DevKitC-1 N16R8 with an I2S microphone and amplifier. Not measured on hardware.

Pins are GPIO numbers, as printed on the board. Constants only.
Kept free: 33 to 37 (octal PSRAM), 0, 3, 45 and 46 (strapping), 19 and 20 (USB).
"""

from mynah_wire.uplink import BUTTON, COLOUR, HAPTIC, LIGHT, MICROPHONE, SPEAKER, STORE

NAME = "esp32_s3_devkit"
CAPABILITIES = SPEAKER | MICROPHONE | BUTTON | LIGHT | COLOUR | HAPTIC | STORE
MEMORY_FRAMES = 50 * 60  # a minute of what is said: 0.5 MB of its 8 MB of PSRAM
FLASH_BYTES = 4 * 1_000_000  # 8 minutes of it, of the 14 MB that the image leaves for files

MICROPHONE_SCK = 4
MICROPHONE_WS = 5
MICROPHONE_SD = 6  # the microphone's L/R to ground: left
SPEAKER_SCK = 15
SPEAKER_WS = 16
SPEAKER_SD = 17
BUTTON_PIN = 1  # a button of yours, to ground; an RTC pin, so that a press can wake the chip
HAPTIC_PIN = 2  # to the transistor of the motor
LAMP_PIN = 48  # the board's own WS2812; version 1.1 of the board has it at 38
LAMP = "pixel"
