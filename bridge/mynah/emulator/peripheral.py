"""The emulated ring's radio: a Bumble peripheral that does what the stand-in for `bluetooth` says.

It holds no attribute values: those live in the ring's own process.
"""

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from bumble import att, gatt, hci, l2cap
from bumble.core import UUID
from bumble.device import Connection, Device

from mynah.emulator.channel import Channel
from mynah.emulator.chip import _topics as topics
from mynah.emulator.controller import RadioController

# Bumble counts from 1; NimBLE's first connection is 0, and firmware must cope with that.
_FIRST_BUMBLE_HANDLE = 1
_CONTROLLER_STEP_MS = 0.625
_UPDATE_INTERVAL_STEP_MS = 1.25
_UPDATE_TIMEOUT_STEP_MS = 10
# NimBLE's, until the ring configures another.
_PREFERRED_MTU = 256
_WRITABLE = (
    gatt.Characteristic.Properties.WRITE | gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE
)
# Commands that a ring may have under way; it gives one at a time.
_MAX_COMMANDS = 32


class Peripheral:
    """One ring on the air. Create it before the channel runs; keep `run` going meanwhile."""

    def __init__(self, channel: Channel, device: Device, controller: RadioController) -> None:
        self._channel = channel
        self._device = device
        self.controller: Final = controller
        self._characteristics: dict[int, gatt.Characteristic[bytes]] = {}
        self._commands: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(_MAX_COMMANDS)
        self._sent: dict[int, hci.HCI_AclDataPacketAssembler] = {}
        device.gatt_server.max_mtu = _PREFERRED_MTU
        controller.on_delivered = self._on_delivered
        device.on(device.EVENT_CONNECTION, self._on_connection)
        channel.on(topics.SERVICES, self._on_services)
        channel.on(topics.CONFIG, self._on_config)
        channel.on(topics.NOTIFY, self._on_notify)
        channel.on(topics.ADVERTISE, self._on_advertise)
        channel.on(topics.DISCONNECT, self._on_disconnect)
        channel.on(topics.ACTIVE, self._on_active)

    async def run(self) -> None:
        """Carry out, one after the other, what the ring asks of its controller."""
        while True:
            command = await self._commands.get()
            await command()

    # From the ring

    def _on_services(self, body: bytes) -> None:
        for uuid, characteristics in json.loads(body):
            self._device.add_service(
                gatt.Service(UUID(uuid), [self._characteristic(*each) for each in characteristics])
            )

    def _characteristic(self, uuid: str, flags: int, handle: int) -> gatt.Characteristic[bytes]:
        properties = gatt.Characteristic.Properties(flags)
        characteristic: gatt.Characteristic[bytes] = gatt.Characteristic(
            UUID(uuid), properties, att.Attribute.Permissions(0), b""
        )
        if properties & _WRITABLE:  # Bumble hands over what is written even where it may not be
            characteristic.permissions = att.Attribute.WRITEABLE
            characteristic.value = gatt.CharacteristicValue(write=partial(self._on_write, handle))
        self._characteristics[handle] = characteristic
        return characteristic

    def _on_config(self, body: bytes) -> None:
        config = json.loads(body)
        server = self._device.gatt_server
        server.max_mtu = config.get("mtu", server.max_mtu)
        named = server.get_characteristic_attributes(
            gatt.GATT_GENERIC_ACCESS_SERVICE, gatt.GATT_DEVICE_NAME_CHARACTERISTIC
        )
        if named is not None and "gap_name" in config:
            named[1].value = config["gap_name"].encode()

    def _on_notify(self, body: bytes) -> None:
        number, handle = struct.unpack_from("<HH", body)
        connection = self._device.connections.get(number + _FIRST_BUMBLE_HANDLE)
        if connection is not None:
            # Not Bumble's own call: that one asks whether the central has subscribed.
            pdu = att.ATT_Handle_Value_Notification(
                attribute_handle=self._characteristics[handle].handle, attribute_value=body[4:]
            )
            connection.send_l2cap_pdu(att.ATT_CID, bytes(pdu))

    def _on_advertise(self, body: bytes) -> None:
        interval_us, length = struct.unpack_from("<IB", body)
        data = body[5:]
        self._commands.put_nowait(
            partial(self._advertise, interval_us, data[:length], data[length:])
        )

    def _on_disconnect(self, body: bytes) -> None:
        (number,) = struct.unpack("<H", body)
        self._commands.put_nowait(partial(self._hang_up, number + _FIRST_BUMBLE_HANDLE))

    def _on_active(self, body: bytes) -> None:
        if body == b"\x00":
            self._commands.put_nowait(self._switch_off)

    async def _advertise(self, interval_us: int, data: bytes, response: bytes) -> None:
        if interval_us == 0:
            await self._device.stop_advertising()
            return
        # Bumble's controller takes its steps of 0.625 ms for milliseconds.
        interval_ms = interval_us / 1000 * _CONTROLLER_STEP_MS
        await self._device.start_advertising(
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=data,
            scan_response_data=response,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )

    async def _hang_up(self, handle: int) -> None:
        connection = self._device.connections.get(handle)
        if connection is not None:
            with suppress(hci.HCI_Error):  # the central was faster
                await connection.disconnect()

    async def _switch_off(self) -> None:
        await self._device.stop_advertising()
        for handle in list(self._device.connections):
            await self._hang_up(handle)

    # From the air

    def _on_connection(self, connection: Connection) -> None:
        self._sent[connection.handle] = hci.HCI_AclDataPacketAssembler(
            partial(self._on_pdu_sent, _number(connection))
        )
        connection.on(connection.EVENT_DISCONNECTION, partial(self._on_disconnection, connection))
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, partial(self._on_mtu, connection))
        connection.on(
            connection.EVENT_CONNECTION_PARAMETERS_UPDATE, partial(self._on_updated, connection)
        )
        self._channel.send(topics.CONNECTED, _peer(connection))

    def _on_disconnection(self, connection: Connection, _reason: int) -> None:
        self._sent.pop(connection.handle, None)
        self._channel.send(topics.DISCONNECTED, _peer(connection))

    def _on_mtu(self, connection: Connection) -> None:
        self._channel.send(topics.MTU, struct.pack("<HH", _number(connection), connection.att_mtu))

    def _on_updated(self, connection: Connection) -> None:
        now = connection.parameters
        body = struct.pack(
            "<HHHHH",
            _number(connection),
            round(now.connection_interval / _UPDATE_INTERVAL_STEP_MS),
            now.peripheral_latency,
            round(now.supervision_timeout / _UPDATE_TIMEOUT_STEP_MS),
            hci.HCI_ErrorCode.SUCCESS,
        )
        self._channel.send(topics.UPDATED, body)

    def _on_write(self, handle: int, connection: Connection, value: bytes) -> None:
        head = struct.pack("<HH", _number(connection), handle)
        self._channel.send(topics.WRITE, head + value)

    def _on_delivered(self, handle: int, packet: hci.HCI_AclDataPacket) -> None:
        if handle in self._sent:
            self._sent[handle].feed_packet(packet)

    def _on_pdu_sent(self, number: int, pdu: bytes) -> None:
        sent = l2cap.L2CAP_PDU.from_bytes(pdu)
        if sent.cid == att.ATT_CID and sent.payload[0] == att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION:
            self._channel.send(topics.SENT, struct.pack("<H", number))


def _number(connection: Connection) -> int:
    return connection.handle - _FIRST_BUMBLE_HANDLE


def _peer(connection: Connection) -> bytes:
    peer = connection.peer_address
    kind = 0 if peer.is_public else 1
    return struct.pack("<HB", _number(connection), kind) + bytes(reversed(bytes(peer)))
