"""Seeed XIAO ESP32S3: the pendant. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
Kept free: 33 to 37 (octal PSRAM), 19 and 20 (USB), 0 (BOOT), 45 and 46 (strapping). GPIO3 is a
strapping pin too, of the debugger's: whatever it is at at a reset, the board starts.
"""

from mynah_wire import uplink as can

NAME = "xiao_esp32s3"
BUILD = "pendant"
CHIP = "esp32s3"
IMAGE = "SEEED_XIAO_ESP32S3"
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
MEMORY_FRAMES = 50 * 60  # a minute of what is said: 0.5 MB of its 8 MB of PSRAM
REPLY_FRAMES = 50 * 2  # of what it says: what a host may be ahead
FLASH_BYTES = 4 * 1_000_000  # 8 minutes of it, of the 6 MB that the image leaves for files

MICROPHONE_SCK = 7  # D8
MICROPHONE_WS = 8  # D9
MICROPHONE_SD = 9  # D10; the microphone's L/R to ground: left
SPEAKER_SCK = 4  # D3, the amplifier's BCLK; its SD is left open: all pins are taken
SPEAKER_WS = 43  # D6, LRC
SPEAKER_SD = 44  # D7, DIN
I2C_SDA = 5  # D4
I2C_SCL = 6  # D5
MOTION = "lsm6ds3"
MOTION_ADDRESS = 0x6A
BUTTON = "button"
BUTTON_PIN = 1  # D0, to ground; an RTC pin, so that a press can wake the chip
HAPTIC = "pwm"
HAPTIC_PIN = 2  # D1, to the transistor of the motor
LAMP = "active low"
LAMP_PIN = 21  # USER LED, the board's own
BATTERY_PIN = 3  # D2, to the middle of two resistors of 220 kOhm from BAT+ to ground
BATTERY_DIVIDER = 2
