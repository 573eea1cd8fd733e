"""How each part is wired, whatever the board: its pins, and what they go to.

A target is a constant of the board file, a rail, `power` (the cell, or 5 V by cable), `open`, or
`address`; after a semicolon stands what the table says besides. A constant in braces is the label
of its pin.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Module:
    """A part as it is bought, or as it is made of a few."""

    title: str
    pins: tuple[tuple[str, str], ...]
    about: str = ""


_BUS = (("SDA", "I2C_SDA"), ("SCL", "I2C_SCL"))
_POWER = (("VIN", "3V3"), ("GND", "GND"))

MODULES: dict[str, Module] = {
    "microphone": Module(
        "microphone: INMP441 or ICS-43434",
        (
            ("SCK", "MICROPHONE_SCK"),
            ("WS", "MICROPHONE_WS"),
            ("SD", "MICROPHONE_SD"),
            ("L/R", "GND; called SEL on some; left open it may answer on the other channel"),
            ("VDD", "3V3; never 5 V"),
            ("GND", "GND"),
        ),
        "on some: BCLK, LRCL, DOUT, SEL",
    ),
    "speaker": Module(
        "amplifier: MAX98357A",
        (
            ("BCLK", "SPEAKER_SCK"),
            ("LRC", "SPEAKER_WS"),
            ("DIN", "SPEAKER_SD"),
            ("SD", "SPEAKER_ENABLE | open; mean of both channels, always on"),
            ("GAIN", "open; 9 dB"),
            ("VIN", "power; with 100 to 220 uF to GND beside it"),
            ("GND", "GND"),
        ),
        "+ and - to the speaker, none to GND",
    ),
    "haptic pwm": Module(
        "motor and its transistor",
        (
            ("gate", "HAPTIC_PIN"),
            ("motor +", "3V3; and the stripe of the diode"),
            ("source", "GND; and 100 kOhm from the gate"),
        ),
        "1 kOhm before the gate: circuits.svg",
    ),
    "haptic drv2605l": Module(
        "haptic driver: DRV2605L",
        (*_BUS, *_POWER, ("IN", "open; IN/TRIG on some")),
        "its two outputs to the motor",
    ),
    "motion lsm6ds3": Module(
        "motion: LSM6DS3TR-C",
        (*_BUS, *_POWER, ("SDO", "address"), ("CS", "3V3; I2C and not SPI")),
    ),
    "motion bmi270": Module(
        "motion: BMI270",
        (*_BUS, *_POWER, ("SDO", "address"), ("CSB", "3V3; I2C and not SPI")),
    ),
    "motion mpu6050": Module(
        "motion: MPU6050 (GY-521)", (*_BUS, ("VCC", "3V3"), ("GND", "GND"), ("AD0", "address"))
    ),
    "pulse max30102": Module("pulse: MAX30102", (*_BUS, *_POWER), "to the skin; not medical"),
    "button button": Module(
        "button",
        (("one side", "BUTTON_PIN"), ("other side", "GND")),
        "two legs that beep only while pressed",
    ),
    "button touch": Module("touch pad", (("copper", "BUTTON_PIN"),)),
    "lamp pixel": Module("light: WS2812", (("DIN", "LAMP_PIN"), ("VCC", "5V"), ("GND", "GND"))),
    "lamp active low": Module(
        "light: LED",
        (
            ("cathode", "LAMP_PIN; and 10 kOhm from {LAMP_PIN} to 3V3"),
            ("anode", "3V3; through 1 kOhm"),
        ),
        "anode 1 kOhm; 10 kOhm from {LAMP_PIN} to 3V3",
    ),
    "lamp active high": Module("light: LED", (("anode", "LAMP_PIN"), ("cathode", "GND"))),
    "battery": Module(
        "battery divider",
        (
            ("upper end", "BAT+"),
            ("middle", "BATTERY_PIN"),
            ("lower end", "GND"),
        ),
        "2 x 220 kOhm, 100 nF: circuits.svg",
    ),
    "cell": Module(
        "cell, protected",
        (("+", "BAT+; through a plug that you can pull"), ("-", "BAT-")),
        "read the page on cells first",
    ),
}
