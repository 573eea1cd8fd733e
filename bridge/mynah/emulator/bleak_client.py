"""A client for `bleak` on a Bumble central: the bridge's own code reaches the emulated air.

It has no pairing: the ring offers none.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import att, core
from bumble.device import Peer
from bumble.gatt_client import CharacteristicProxy

from mynah.emulator.central import Central

_logger = logging.getLogger(__name__)

# ATT never carries a longer value, whatever the MTU (Vol 3, Part F, 3.2.9).
_MAX_VALUE_BYTES: Final = 512
_WRITE_HEADER_BYTES: Final = 3

Result = TypeVar("Result")


class EmulatedBleakClient(BaseBleakClient):
    """One connection. `client_backend` makes a class of it that knows its central."""

    central: ClassVar[Central]

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
        self._peer: Peer | None = None
        self._writing = asyncio.Lock()
        self._room = asyncio.Event()

    @property
    def name(self) -> str:
        """The peer's address: the ring advertises no name."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """The MTU that was agreed."""
        return self._connected().connection.att_mtu

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._peer is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:  # noqa: FBT001 - bleak's own
        """Connect, agree on an MTU, confirm the parameters and discover the services."""
        if pair:
            _logger.warning("%s: pairing was asked for; the emulated air has none", self.address)
        if self.central.is_connected_to(self.address):
            raise BleakError(f"{self.address} is connected already")
        try:
            async with asyncio.timeout(kwargs.get("timeout", self._timeout)):
                await self._establish()
        except BaseException:
            self.central.hang_up(self.address)
            raise

    async def disconnect(self) -> None:
        """Hang up; of a link that is down already, do nothing."""
        if self._peer is not None:
            await self._ask(self._peer.connection.disconnect())

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Refuse."""
        raise BleakError("the emulated air has no pairing")

    async def unpair(self) -> None:
        """Refuse."""
        raise BleakError("the emulated air has no pairing")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_kwargs: Any
    ) -> bytearray:
        """Read a value."""
        return bytearray(await self._ask(self._connected().read_value(characteristic.obj)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, **_kwargs: Any
    ) -> bytearray:
        """Read a descriptor."""
        return bytearray(await self._ask(self._connected().read_value(descriptor.obj)))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's own
    ) -> None:
        """Write; without a response, return once the controller has room for it."""
        peer = self._connected()
        value = bytes(data)
        if response:
            await self._ask(peer.write_value(characteristic.obj, value, with_response=True))
            return
        if len(value) > self._max_write_bytes():
            raise BleakError(
                f"write of {len(value)} bytes, at most {self._max_write_bytes()} without response"
            )
        async with self._writing:
            await self._wait_for_room()
            await self._ask(self._connected().write_value(characteristic.obj, value))

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        """Write a descriptor."""
        await self._ask(
            self._connected().write_value(descriptor.obj, bytes(data), with_response=True)
        )

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Call `callback` for each notification from now on."""
        self._connected()
        proxy: CharacteristicProxy[bytes] = characteristic.obj
        await self._ask(proxy.subscribe(lambda value: callback(bytearray(value))))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Stop that."""
        self._connected()
        proxy: CharacteristicProxy[bytes] = characteristic.obj
        await self._ask(proxy.unsubscribe(force=True))

    async def _establish(self) -> None:
        connection = await self.central.connect(self.address)
        peer = self._peer = Peer(connection)
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        self._queue().on("flow", self._room.set)
        settings = self.central.settings
        await self._ask(peer.request_mtu(settings.mtu))
        await self._ask(
            connection.update_parameters(
                settings.interval_ms, settings.interval_ms, 0, settings.supervision_timeout_ms
            )
        )
        await self._ask(peer.discover_all())  # type: ignore[no-untyped-call]
        self.services = self._list_services(peer)

    def _list_services(self, peer: Peer) -> BleakGATTServiceCollection:
        services = BleakGATTServiceCollection()
        for service in peer.services:
            listed = BleakGATTService(service, service.handle, _text(service.uuid))
            services.add_service(listed)
            for proxy in service.characteristics:
                characteristic = BleakGATTCharacteristic(
                    proxy,
                    proxy.handle - 1,  # bleak's handle is the declaration's, Bumble's the value's
                    _text(proxy.uuid),
                    list(gatt_char_props_to_strs(proxy.properties)),
                    self._max_write_bytes,
                    listed,
                )
                services.add_characteristic(characteristic)
                for each in proxy.descriptors:
                    services.add_descriptor(
                        BleakGATTDescriptor(each, each.handle, _text(each.type), characteristic)
                    )
        return services

    def _connected(self) -> Peer:
        if self._peer is None:
            raise BleakError("not connected")
        return self._peer

    def _max_write_bytes(self) -> int:
        return min(_MAX_VALUE_BYTES, self.mtu_size - _WRITE_HEADER_BYTES)

    async def _wait_for_room(self) -> None:
        queue = self._queue()
        while self.is_connected and queue.pending >= self.central.settings.queue:
            self._room.clear()
            await self._room.wait()

    def _queue(self) -> Any:
        return self.central.device.host.le_acl_packet_queue

    async def _ask(self, request: Awaitable[Result]) -> Result:
        """Wait for the peer's answer; say what went wrong in bleak's terms."""
        task = asyncio.current_task()
        try:
            result = await request
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(str(error) or type(error).__name__) from error
        except asyncio.CancelledError:
            # Bumble cancels what waits for an answer when the link goes down.
            if self.is_connected or (task is not None and task.cancelling()):
                raise
            raise BleakError("disconnected") from None
        # Python 3.11's wait_for, which Bumble uses, loses a cancellation that meets the answer.
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        return result

    def _on_disconnection(self, _reason: int) -> None:
        self._queue().remove_listener("flow", self._room.set)
        self._peer = None
        self._room.set()
        was_ready, self.services = self.services is not None, None
        if was_ready and self._disconnected_callback is not None:
            self._disconnected_callback()


def client_backend(central: Central) -> type[EmulatedBleakClient]:
    """What `BleakClient(..., backend=...)` takes."""
    return type("EmulatedBleakClient", (EmulatedBleakClient,), {"central": central})


def _text(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
