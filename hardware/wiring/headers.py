"""Where boards have their pins, and which of them are not free: the drawing's outline.

From the makers' pin files and manuals; what is from memory is only how the pins lie.
"""

from dataclasses import dataclass

RAILS = ("3V3", "5V", "GND", "BAT+", "BAT-")


@dataclass(frozen=True, slots=True)
class Header:
    """A board seen from above, its labels from top to bottom; `end` is what lies at the top."""

    title: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    gpio: dict[str, int]
    end: str = "USB-C"
    pads: tuple[str, ...] = ()  # on the underside

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that a wire can be soldered to."""
        return (*self.left, *self.right, *self.pads)


@dataclass(frozen=True, slots=True)
class Chip:
    """The pins of a chip that do more than their number says."""

    strapping: frozenset[int]  # their level at a reset decides how it starts
    usb: frozenset[int]
    flash: frozenset[int]  # flash and PSRAM inside the module

    def role(self, gpio: int) -> str | None:
        """What has to be known of a pin before it is used; None of one that is free."""
        roles = {"strapping": self.strapping, "USB": self.usb, "flash": self.flash}
        return next((role for role, pins in roles.items() if gpio in pins), None)


# From the datasheets, as remembered. The S3's list has the octal PSRAM's pins, 33 to 37: every
# S3 board here has that kind.
CHIPS = {
    "esp32s3": Chip(
        strapping=frozenset({0, 3, 45, 46}),
        usb=frozenset({19, 20}),
        flash=frozenset(range(26, 38)),
    ),
    "esp32c3": Chip(
        strapping=frozenset({2, 8, 9}), usb=frozenset({18, 19}), flash=frozenset(range(11, 18))
    ),
    "esp32c6": Chip(
        strapping=frozenset({4, 5, 8, 9, 15}),
        usb=frozenset({12, 13}),
        flash=frozenset(range(24, 31)),
    ),
}

# Why a pin that is not free may be used all the same: (chip, GPIO).
WHY = {
    ("esp32s3", 3): "It chooses where the debugger listens: the board starts whatever its level.",
    (
        "esp32c3",
        2,
    ): "It should be high at a reset. The LED alone leaves it some 1.5 V short of that: "
    "10 kOhm from it to 3V3 hold it there.",
    ("esp32c6", 15): "It chooses where the debugger listens: the board starts whatever its level.",
}

_XIAO_LEFT = ("D0", "D1", "D2", "D3", "D4", "D5", "D6")
_XIAO_RIGHT = ("5V", "GND", "3V3", "D10", "D9", "D8", "D7")


def _xiao(title: str, gpios: tuple[int, ...]) -> Header:
    gpio = {f"D{at}": number for at, number in enumerate(gpios)}
    return Header(title, _XIAO_LEFT, _XIAO_RIGHT, gpio, pads=("BAT+", "BAT-"))


_DEVKIT_LEFT = (
    *("3V3", "3V3", "RST", "4", "5", "6", "7", "15", "16", "17", "18"),
    *("8", "3", "46", "9", "10", "11", "12", "13", "14", "5V", "GND"),
)
_DEVKIT_RIGHT = (
    *("GND", "TX", "RX", "1", "2", "42", "41", "40", "39", "38", "37"),
    *("36", "35", "0", "45", "48", "47", "21", "20", "19", "GND", "GND"),
)
_C3 = _xiao("Seeed XIAO ESP32C3", (2, 3, 4, 5, 6, 7, 21, 20, 8, 9, 10))
HEADERS = {
    "xiao_esp32s3": _xiao("Seeed XIAO ESP32S3", (1, 2, 3, 4, 5, 6, 43, 44, 7, 8, 9)),
    "xiao_esp32c3": _C3,
    "tap_only": _C3,
    "xiao_esp32c6": _xiao("Seeed XIAO ESP32C6", (0, 1, 2, 21, 22, 23, 16, 17, 19, 20, 18)),
    "esp32_s3_devkit": Header(
        "ESP32-S3-DevKitC-1",
        _DEVKIT_LEFT,
        _DEVKIT_RIGHT,
        {label: int(label) for label in (*_DEVKIT_LEFT, *_DEVKIT_RIGHT) if label.isdecimal()}
        | {"TX": 43, "RX": 44},
        end="antenna; the USB sockets are at the other end",
    ),
    "m5_atom_echos3r": Header(
        "M5Stack Atom EchoS3R",
        (),
        ("GND", "5V", "G2", "G1"),
        {"G2": 2, "G1": 1},
        end="its Grove socket: black, red, yellow, white",
    ),
}
