"""Serial ports that look like a board of ours on a USB cable."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

CHIPS: Final = {
    0x303A: "Espressif's own USB",
    0x10C4: "CP210x",
    0x1A86: "CH34x",
}
"""By USB vendor: what ESP32 boards have between chip and cable."""


class Listed(Protocol):
    """What pyserial tells of a port."""

    device: str
    vid: int | None


@dataclass(frozen=True, slots=True)
class SerialPort:
    """One that may be a ring."""

    device: str
    chip: str


def esp32_ports(listed: Callable[[], Iterable[Listed]] | None = None) -> list[SerialPort]:
    """The ports of this computer that may be rings."""
    ports = (listed or _comports)()
    found = [SerialPort(port.device, CHIPS[port.vid]) for port in ports if port.vid in CHIPS]
    return sorted(found, key=lambda port: port.device)


def _comports() -> Iterable[Listed]:
    from serial.tools.list_ports import comports

    ports: Iterable[Listed] = comports()
    return ports
