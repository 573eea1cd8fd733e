"""The link that `ble:NAME` or `serial:PORT` names; an emulated ring has more to it than a link."""

from mynah.errors import UserError
from mynah.link.base import Link
from mynah.link.keys import KeyStore
from mynah.link.serial import SCHEME as SERIAL
from mynah.link.serial import SerialLink

BLE = "ble:"


def open_link(uri: str, store: KeyStore | None = None) -> Link:
    """The link, not opened yet; UserError if the URI names none."""
    store = store or KeyStore()
    if uri.startswith(BLE):
        from mynah.link.ble import BleLink  # bleak takes a while to import

        return BleLink(store.all(), uri.removeprefix(BLE))
    return SerialLink(port_of(uri), store)


def port_of(uri: str) -> str:
    """The port in `serial:PORT`."""
    port = uri.removeprefix(SERIAL)
    if not uri.startswith(SERIAL):
        raise UserError(
            f"link {uri!r} is unknown: use ble:, ble:DEVICE_ID, {SERIAL}PORT or emulator:NAME"
        )
    if not port:
        raise UserError(f"link {uri!r} names no port: say which, as in {SERIAL}/dev/ttyACM0")
    return port
