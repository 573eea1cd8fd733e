"""A radio in this process: whole rings' logic behind bleak's own classes, in any loop's time.

It goes out of reach, is switched off, refuses and stalls as real ones do, whenever it is told to.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
)

from mynah.errors import LinkError
from mynah.link.keys import RingKey
from mynah.link.memory import MemoryLink, Peer
from mynah.link.scanner import Backends
from mynah_wire.advertising import COMPANY_ID, tag
from mynah_wire.gatt import ATT_HEADER_BYTES, BEST_MTU, DOWNLINK_UUID, SERVICE_UUID, UPLINK_UUID

STALL: Final = TimeoutError()
"""Among the troubles of a step: it never comes to its end."""

_SALT: Final = b"abc"
_RSSI_DBM: Final = -50
_OFF: Final = BleakBluetoothNotAvailableReason.POWERED_OFF


@dataclass(eq=False, slots=True)
class FakeRing:
    """One within reach of the radio, or not."""

    peer: Peer
    key: RingKey
    address: str
    in_reach: bool = True
    wire: MemoryLink | None = None
    """While it is connected."""


class FakeRadio:
    """A computer's Bluetooth, and the rings around it."""

    def __init__(
        self, delay_ms: float = 20.0, advertises_s: float = 0.1, connects_s: float = 0.5
    ) -> None:
        """As the ring's firmware and BlueZ: how often it is heard, how long it takes to connect."""
        self.delay_ms = delay_ms
        self.advertises_s = advertises_s
        self.connects_s = connects_s
        self.rings: list[FakeRing] = []
        self.powered = True
        self.troubles: dict[str, deque[BaseException]] = defaultdict(deque)
        """By step (`scan`, `connect`, `notify`, `services`, `disconnect`): what each next one
        raises."""
        self.clients = 0
        """Made so far."""
        self.scanning = 0
        """Scans that are on."""
        self.connected_amid_scans = 0
        """How often; on real radios that often fails."""
        owner = {"radio": self}
        self.backends = Backends(
            type("Client", (_Client,), owner), type("Scanner", (_Scanner,), owner)
        )

    def add(self, peer: Peer, key: RingKey) -> FakeRing:
        """One more ring."""
        ring = FakeRing(peer, key, f"F0:9E:9E:00:00:{len(self.rings) + 1:02X}")
        self.rings.append(ring)
        return ring

    def reach(self, *, well: bool) -> None:
        """Let rings come into reach, or go; a link that is up breaks."""
        for ring in self.rings:
            ring.in_reach = well
            self.cut(ring)

    def power(self, *, on: bool) -> None:
        """Switch the adapter; scans end without a word."""
        self.powered = on
        for ring in self.rings:
            self.cut(ring)

    def cut(self, ring: FakeRing) -> None:
        """Break the link, if there is one."""
        if ring.wire is not None:
            ring.wire.cut()

    async def step(self, name: str) -> None:
        """Whatever happens to it."""
        trouble = self.troubles[name].popleft() if self.troubles[name] else None
        if trouble is STALL:
            await asyncio.Event().wait()
        if trouble is not None:
            raise trouble
        if not self.powered:
            raise BleakBluetoothNotAvailableError("No powered Bluetooth adapters found.", _OFF)


class _Scanner(BaseBleakScanner):
    radio: ClassVar[FakeRadio]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        _mode: str,
        **_others: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        await self.radio.step("scan")
        self._task = asyncio.create_task(self._hear(), name="fake scan")
        self.radio.scanning += 1

    async def stop(self) -> None:
        if self._task is not None:
            self.radio.scanning -= 1
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _hear(self) -> None:
        while self.radio.powered:
            await asyncio.sleep(self.radio.advertises_s)
            for ring in self.radio.rings:
                if ring.in_reach and ring.wire is None:
                    self._report(ring)

    def _report(self, ring: FakeRing) -> None:
        mark = {COMPANY_ID: tag(ring.key.secret, _SALT)}
        data = AdvertisementData(None, mark, {}, [SERVICE_UUID], None, _RSSI_DBM, ())
        device = self.create_or_update_device(ring.address, ring.address, None, ring, data)
        self.call_detection_callbacks(device, data)


class _Client(BaseBleakClient):
    radio: ClassVar[FakeRadio]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=disconnected_callback,
            timeout=timeout,
            **kwargs,
        )
        self.radio.clients += 1
        self._ring = next(ring for ring in self.radio.rings if ring.address == self.address)
        self._wire: MemoryLink | None = None
        self._notify: NotifyCallback | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return BEST_MTU

    @property
    def is_connected(self) -> bool:
        return self._wire is not None

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 - bleak's own
        del pair
        self.radio.connected_amid_scans += bool(self.radio.scanning)
        await self.radio.step("connect")
        await asyncio.sleep(self.radio.connects_s)
        if not self._ring.in_reach:
            raise BleakError("le-connection-abort-by-local")
        if self._ring.wire is not None:
            raise BleakError(f"{self.address} is connected already")
        wire = MemoryLink(self._ring.peer, self._ring.key.secret, delay_ms=self.radio.delay_ms)
        await wire.open()
        self._ring.wire = self._wire = wire
        self.services = self._list_services()
        self._reading = asyncio.create_task(self._read(wire), name="fake link")

    async def disconnect(self) -> None:
        await self.radio.step("disconnect")
        if self._wire is not None:
            await self._wire.close()
            await asyncio.gather(self._reading or asyncio.sleep(0), return_exceptions=True)

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        raise BleakError("there is no pairing")

    async def unpair(self) -> None:
        raise BleakError("there is no pairing")

    async def read_gatt_char(self, *_args: Any, **_kwargs: Any) -> bytearray:
        raise BleakError("nothing can be read")

    async def read_gatt_descriptor(self, *_args: Any, **_kwargs: Any) -> bytearray:
        raise BleakError("nothing can be read")

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        del descriptor, data

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's own
    ) -> None:
        del characteristic, response
        if self._wire is None:
            raise BleakError("Not connected")
        with suppress(LinkError):  # bleak notices a moment later
            await self._wire.send(bytes(data))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        del characteristic
        await self.radio.step("notify")
        self._notify = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        del characteristic
        self._notify = None

    async def _read(self, wire: MemoryLink) -> None:
        with suppress(LinkError):
            while True:
                record = await wire.receive()
                if self._notify is not None:
                    self._notify(bytearray(record))
        self._ring.wire = self._wire = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def _list_services(self) -> BleakGATTServiceCollection:
        services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, SERVICE_UUID)
        services.add_service(service)
        if self.radio.troubles["services"]:
            self.radio.troubles["services"].popleft()
            return services  # as a stale cache has it
        for handle, uuid in ((2, UPLINK_UUID), (4, DOWNLINK_UUID)):
            services.add_characteristic(
                BleakGATTCharacteristic(
                    None, handle, uuid, [], lambda: BEST_MTU - ATT_HEADER_BYTES, service
                )
            )
        return services
