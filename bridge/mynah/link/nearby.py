"""Which rings are in range: ours by their tags, everybody else's as strangers."""

import asyncio
from dataclasses import dataclass

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from mynah.link.bluetooth import usable_bluetooth
from mynah.link.keys import RingKey
from mynah.link.scanner import STALLED_S, Backends
from mynah_wire.advertising import COMPANY_ID, is_tag_of
from mynah_wire.gatt import SERVICE_UUID


@dataclass(frozen=True, slots=True)
class Nearby:
    """A ring in range."""

    address: str
    """As the platform calls it; macOS makes one up."""
    device_id: str | None
    """None if it is not paired with this computer: such a ring tells nothing of itself."""
    rssi_dbm: int


async def scan(keys: list[RingKey], seconds: float, backends: Backends) -> list[Nearby]:
    """Listen for so long; the strongest first. LinkError if this computer can't."""
    found: dict[str, Nearby] = {}

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        tag = data.manufacturer_data.get(COMPANY_ID, b"")
        owner = next((key.device_id for key in keys if is_tag_of(key.secret, tag)), None)
        found[device.address] = Nearby(device.address, owner, data.rssi)

    with usable_bluetooth():
        async with (
            asyncio.timeout(seconds + STALLED_S),
            BleakScanner(
                on_advertisement, service_uuids=[SERVICE_UUID], **backends.scanner_arguments()
            ),
        ):
            await asyncio.sleep(seconds)
    return sorted(found.values(), key=lambda ring: -ring.rssi_dbm)
