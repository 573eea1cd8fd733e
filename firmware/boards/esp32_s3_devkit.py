"""ESP32-S3-DevKitC-1 N16R8 with everything on a breadboard. Not measured on hardware.

Pins are GPIO numbers, as printed on the board. Constants only.
Kept free: 33 to 37 (octal PSRAM), 0, 3, 45 and 46 (strapping), 19 and 20 (USB), 43 and 44 (UART).
"""

from mynah_wire import uplink as can

NAME = "esp32_s3_devkit"
BUILD = "bench"
CHIP = "esp32s3"
IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT"
CAPABILITIES = (
    can.SPEAKER
    | can.MICROPHONE
    | can.BUTTON
    | can.LIGHT
    | can.COLOUR
    | can.HAPTIC
    | can.MOTION
    | can.STORE
)
MEMORY_FRAMES = 50 * 60  # a minute of what is said: 0.5 MB of its 8 MB of PSRAM
REPLY_FRAMES = 50 * 2  # of what it says: what a host may be ahead
FLASH_BYTES = 4 * 1_000_000  # 8 minutes of it, of the 14 MB that the image leaves for files

MICROPHONE_SCK = 4  # 4
MICROPHONE_WS = 5  # 5
MICROPHONE_SD = 6  # 6; the microphone's L/R to ground: left
SPEAKER_SCK = 15  # 15, the amplifier's BCLK
SPEAKER_WS = 16  # 16, LRC
SPEAKER_SD = 17  # 17, DIN
SPEAKER_ENABLE = 18  # 18, the amplifier's SD: low is off
I2C_SDA = 8  # 8
I2C_SCL = 9  # 9
MOTION = "mpu6050"
MOTION_ADDRESS = 0x68
BUTTON = "button"
BUTTON_PIN = 1  # 1, a button of yours, to ground; an RTC pin, so that a press can wake the chip
HAPTIC = "pwm"
HAPTIC_PIN = 2  # 2, to the transistor of the motor
LAMP = "pixel"
LAMP_PIN = 48  # RGB LED, the board's own WS2812; version 1.1 of the board has it at 38
