"""A ring over Bluetooth LE: found by its tag, reached through bleak on any platform."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from mynah.errors import LinkError
from mynah.link.bluetooth import usable_bluetooth
from mynah.link.keys import RingKey
from mynah_wire.advertising import COMPANY_ID, is_tag_of
from mynah_wire.gatt import ATT_HEADER_BYTES, DOWNLINK_UUID, SERVICE_UUID, UPLINK_UUID

SCAN_S = 15.0
"""A ring that hides after a refused handshake is back after at most 32 s, any other in one."""

CONNECT_S = 40.0
"""bleak's own limit of 20 s, twice: on Linux a first attempt often fails on a stale cache."""

QUEUED_RECORDS = 1024
"""Twenty seconds of speech; a bridge that is further behind has hung, and must say so."""


@dataclass(frozen=True, slots=True)
class Backends:
    """Whose Bluetooth: the platform's, or the emulator's."""

    client: type[BaseBleakClient] | None = None
    scanner: type[BaseBleakScanner] | None = None

    def client_arguments(self) -> dict[str, Any]:
        return {"backend": self.client} if self.client else {}

    def scanner_arguments(self) -> dict[str, Any]:
        return {"backend": self.scanner} if self.scanner else {}


class BleLink:
    """Reaches whichever of our rings is in range."""

    def __init__(
        self, keys: list[RingKey], name: str = "", backends: Backends | None = None
    ) -> None:
        """`name` is a device id to insist on, or empty."""
        self.name = f"ble:{name}"
        self._keys = [key for key in keys if name in ("", key.device_id)]
        self._backends = backends or Backends()
        self._key: RingKey | None = None
        self._client: BleakClient | None = None
        self._downlink: BleakGATTCharacteristic | None = None
        self._records: asyncio.Queue[bytes | LinkError] = asyncio.Queue()

    @property
    def key(self) -> bytes:
        if self._key is None:
            raise LinkError("no ring was found yet")
        return self._key.secret

    @property
    def waiting(self) -> int:
        """Records received and not yet taken."""
        return self._records.qsize()

    async def open(self) -> int:
        if not self._keys:
            raise LinkError(
                f"no key for {self.name}: pair a ring first, `mynah pair`", retryable=False
            )
        try:
            return await self._connect(await self._find())
        except (BleakError, TimeoutError, OSError) as error:
            await self.close()
            reason = str(error) or type(error).__name__
            raise LinkError(f"no connection to the ring: {reason}") from error
        except BaseException:  # also when nobody waits any more
            await self.close()
            raise

    async def send(self, record: bytes) -> None:
        if self._client is None or self._downlink is None:
            raise LinkError("the ring is not connected")
        try:
            await self._client.write_gatt_char(self._downlink, record, response=False)
        except (BleakError, OSError, EOFError) as error:
            raise LinkError(f"the ring went out of reach: {error}") from error

    async def receive(self) -> bytes:
        record = await self._records.get()
        if isinstance(record, LinkError):
            self._records.put_nowait(record)  # and so for whoever asks next
            raise record
        return record

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                await client.disconnect()
            except (BleakError, OSError, EOFError, TimeoutError):
                return  # it is gone already: that is what was wanted

    async def _find(self) -> BLEDevice:
        found: asyncio.Queue[tuple[BLEDevice, RingKey]] = asyncio.Queue()
        strangers: set[str] = set()

        def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
            tag = data.manufacturer_data.get(COMPANY_ID, b"")
            owner = next((key for key in self._keys if is_tag_of(key.secret, tag)), None)
            if owner is None:
                strangers.add(device.address)
            else:
                found.put_nowait((device, owner))

        scanner = BleakScanner(
            on_advertisement, service_uuids=[SERVICE_UUID], **self._backends.scanner_arguments()
        )
        with usable_bluetooth():
            async with scanner:
                try:
                    async with asyncio.timeout(SCAN_S):
                        device, self._key = await found.get()
                except TimeoutError:
                    raise LinkError(_not_found(len(self._keys), len(strangers))) from None
        return device

    async def _connect(self, device: BLEDevice) -> int:
        async with asyncio.timeout(CONNECT_S):
            client = await establish_connection(
                BleakClientWithServiceCache,
                device,
                self.name,
                disconnected_callback=self._on_disconnected,
                **self._backends.client_arguments(),
            )
        self._client = client
        # Not sooner: an attempt that failed told of its disconnection, which is not this one's.
        self._records = asyncio.Queue(QUEUED_RECORDS)
        downlink = client.services.get_characteristic(DOWNLINK_UUID)
        uplink = client.services.get_characteristic(UPLINK_UUID)
        if downlink is None or uplink is None:
            raise LinkError(f"{device.address} advertises as a ring but has not its service")
        self._downlink = downlink
        await client.start_notify(uplink, self._on_record)
        # BlueZ reports an MTU of 23 whatever was agreed; this limit it reports rightly.
        return downlink.max_write_without_response_size + ATT_HEADER_BYTES

    def _on_record(self, _characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        try:
            self._records.put_nowait(bytes(data))
        except asyncio.QueueFull:
            self._end(LinkError(f"{QUEUED_RECORDS} records wait: the bridge does not keep up"))

    def _on_disconnected(self, client: BleakClient) -> None:
        if self._client in (client, None):
            self._end(LinkError("the ring went out of reach"))

    def _end(self, error: LinkError) -> None:
        if self._records.full():
            self._records.get_nowait()
        self._records.put_nowait(error)


def _not_found(ours: int, strangers: int) -> str:
    rings = "your ring is not" if ours == 1 else f"none of your {ours} rings is"
    text = f"{rings} in range after {SCAN_S:.0f} s"
    if strangers:
        text += f", but {strangers} other is: if it is yours, pair it again by cable, `mynah pair`"
    return text
