"""M5Stack Atom EchoS3R (now Atom VoiceS3R): a talking cube for the desk. Not measured on hardware.

Pins are GPIO numbers; the board's own names are in the comments. Constants only.
Microphone and amplifier hang on one codec with one set of clock pins, and take turns.
MCLK (11) is left alone: MicroPython's I2S gives none, and the codec can do with its bit clock.
Kept free: 33 to 37 (octal PSRAM), 19 and 20 (USB), 46 (strapping), 47 (the infrared LED).
"""

from mynah_wire import uplink as can

NAME = "m5_atom_echos3r"
BUILD = "desk"
CHIP = "esp32s3"
IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT"
CAPABILITIES = can.SPEAKER | can.MICROPHONE | can.BUTTON | can.LIGHT | can.COLOUR | can.STORE
MEMORY_FRAMES = 50 * 60  # a minute of what is said: 0.5 MB of its 8 MB of PSRAM
REPLY_FRAMES = 50 * 2  # of what it says: what a host may be ahead
FLASH_BYTES = 4 * 1_000_000  # 8 minutes of it, of the 6 MB that the image leaves for files

HALF_DUPLEX = True
CODEC = "es8311"
CODEC_ADDRESS = 0x18
MICROPHONE_SCK = 17  # inside: the codec's SCLK
MICROPHONE_WS = 3  # inside: LRCK
MICROPHONE_SD = 4  # inside: ASDOUT
SPEAKER_SCK = 17  # inside: the codec's SCLK
SPEAKER_WS = 3  # inside: LRCK
SPEAKER_SD = 48  # inside: DSDIN
SPEAKER_ENABLE = 18  # inside: the amplifier's CTRL, low is off
I2C_SDA = 45  # inside
I2C_SCL = 0  # inside
BUTTON = "button"
BUTTON_PIN = 41  # inside: the key; no RTC pin, so it can't wake the chip, which a cable feeds
LAMP = "pixel"
LAMP_PIN = 2  # G2, yellow at the Grove port: a WS2812 of yours, for the cube has no light
