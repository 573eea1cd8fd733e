"""Seeed XIAO ESP32S3 with an I2S microphone and amplifier. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
"""

from mynah_wire.uplink import BUTTON, HAPTIC, LIGHT, MICROPHONE, SPEAKER, STORE

NAME = "xiao_esp32s3"
CAPABILITIES = SPEAKER | MICROPHONE | BUTTON | LIGHT | HAPTIC | STORE
MEMORY_FRAMES = 50 * 60  # a minute of what is said: 0.5 MB of its 8 MB of PSRAM
FLASH_BYTES = 4 * 1_000_000  # 8 minutes of it, of the 6 MB that the image leaves for files

MICROPHONE_SCK = 7  # D8
MICROPHONE_WS = 8  # D9
MICROPHONE_SD = 9  # D10; the microphone's L/R to ground: left
SPEAKER_SCK = 3  # D2
SPEAKER_WS = 4  # D3
SPEAKER_SD = 43  # D6
BUTTON_PIN = 1  # D0, to ground; an RTC pin, so that a press can wake the chip
HAPTIC_PIN = 2  # D1, to the transistor of the motor
LAMP_PIN = 21  # the board's own LED
LAMP = "active low"
