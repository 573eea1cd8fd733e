"""A scanner for `bleak` on a Bumble central: the other half of the emulated backend."""

from typing import Any, ClassVar, Literal

from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.uuids import normalize_uuid_str
from bumble.core import AdvertisingData
from bumble.device import Advertisement

from mynah.emulator.central import Central

_KINDS = AdvertisingData.Type
_NAMES = (_KINDS.COMPLETE_LOCAL_NAME, _KINDS.SHORTENED_LOCAL_NAME)
_UUID_BYTES = {
    _KINDS.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _KINDS.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _KINDS.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _KINDS.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_COMPANY_BYTES = 2


class EmulatedBleakScanner(BaseBleakScanner):
    """One scan. `scanner_backend` makes a class of it that knows its central."""

    central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        **_kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        """Report what is heard from now on."""
        self.seen_devices = {}
        device = self.central.device
        device.on(device.EVENT_ADVERTISEMENT, self._on_advertisement)
        if not device.is_scanning:
            await device.start_scanning(legacy=True, active=self._active)

    async def stop(self) -> None:
        """Report no more; the radio goes on for other scans."""
        device = self.central.device
        device.remove_listener(device.EVENT_ADVERTISEMENT, self._on_advertisement)
        if not device.listeners(device.EVENT_ADVERTISEMENT):
            await device.stop_scanning(legacy=True)

    def _on_advertisement(self, heard: Advertisement) -> None:
        data = _read(heard)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        address = heard.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, data.local_name, None, data)
        self.call_detection_callbacks(device, data)


def scanner_backend(central: Central) -> type[EmulatedBleakScanner]:
    """What `BleakScanner(backend=...)` takes."""
    return type("EmulatedBleakScanner", (EmulatedBleakScanner,), {"central": central})


def _read(heard: Advertisement) -> AdvertisementData:
    """Sort what was heard; a stranger's advertisement may hold anything."""
    name: str | None = None
    manufacturers: dict[int, bytes] = {}
    uuids: list[str] = []
    for kind, data in heard.data.ad_structures:
        if kind in _NAMES:
            name = data.decode(errors="replace")
        elif kind == _KINDS.MANUFACTURER_SPECIFIC_DATA and len(data) >= _COMPANY_BYTES:
            company = int.from_bytes(data[:_COMPANY_BYTES], "little")
            manufacturers[company] = data[_COMPANY_BYTES:]
        elif kind in _UUID_BYTES:
            listed = AdvertisingData.uuid_list_to_objects(data, _UUID_BYTES[kind])
            uuids.extend(normalize_uuid_str(uuid.to_hex_str("-")) for uuid in listed)
    return AdvertisementData(
        local_name=name,
        manufacturer_data=manufacturers,
        service_data={},
        service_uuids=uuids,
        tx_power=None,
        rssi=heard.rssi,
        platform_data=(heard,),
    )
