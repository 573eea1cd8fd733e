"""The air between Bumble's controllers, on the modelled radio.

Bumble's own link passes everything on at once and never holds a sender back. This one carries
each packet by a `RadioConnection`, and tells a host that it is done only once it is through.
"""

import asyncio
from dataclasses import dataclass, field

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.device import Device
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from mynah.emulator.controller import PatientHost, RadioController
from mynah.emulator.radio import Delivery, RadioConnection, RadioSettings, Side

# The longest control packet that is used here, a connection update; all count as that long.
_CONTROL_BYTES = 12
_INTERVAL_STEP_US = 1250
_TIMEOUT_STEP_US = 10_000
# A peripheral that does not answer within six intervals was never there (Vol 6, Part B, 4.5.2).
_INTERVALS_TO_ESTABLISH = 6
# How an HCI data packet says that it continues a longer one, or starts one (Vol 4, Part E, 5.4.2).
_CONTINUES = 1
_STARTS_FROM_CONTROLLER = 2

Payload = hci.HCI_AclDataPacket | ll.ControlPdu


@dataclass(slots=True)
class _Carrier:
    """One connection on the air."""

    radio: RadioConnection[Payload]
    addresses: dict[Side, hci.Address]
    controllers: dict[Side, RadioController] = field(default_factory=dict)
    established: bool = False
    timer: asyncio.TimerHandle | None = None
    pumping: bool = False
    gone: bool = False

    def end(self, side: Side) -> Connection | None:
        """The connection as the controller on this side knows it."""
        controller = self.controllers.get(side)
        if controller is None:
            return None
        return controller.le_connections.get(self.addresses[side.other])


class RadioLink(LocalLink):
    """The air between all controllers; every connection has its own events and its own luck."""

    controllers: set[RadioController]  # type: ignore[assignment]  # Bumble's, narrowed

    def __init__(self, settings: RadioSettings) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.settings = settings
        self.deepest = 0
        """Most packets that any queue of any connection has held."""
        self._loop = asyncio.get_running_loop()
        self._carriers: dict[frozenset[bytes], _Carrier] = {}
        self._connections_made = 0
        self._silent = False

    def silence(self) -> None:
        """Let nothing through, for nobody, until `restore`."""
        self._silent = True
        for carrier in list(self._carriers.values()):
            carrier.radio.silence(self._now_us())
            self._pump(carrier)

    def restore(self) -> None:
        """End the silence."""
        self._silent = False
        for carrier in list(self._carriers.values()):
            if len(carrier.controllers) == len(Side):
                carrier.radio.restore(self._now_us())
            self._pump(carrier)

    def remove(self, controller: RadioController) -> None:
        """Cut one controller's power; its peers find out by the supervision timeout."""
        _quiet(controller)
        self.remove_controller(controller)
        for carrier in list(self._carriers.values()):
            for side, end in list(carrier.controllers.items()):
                if end is controller:
                    del carrier.controllers[side]
                    carrier.radio.silence(self._now_us())
            self._pump(carrier)

    def close(self) -> None:
        """Cut every connection and stop every timer."""
        for carrier in list(self._carriers.values()):
            self._cut(carrier)
        for controller in self.controllers:
            _quiet(controller)

    # What Bumble's controllers call

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """Let everybody hear an advertisement, or one peripheral that it is connected to."""
        if not isinstance(sender_controller, RadioController):
            raise TypeError("a controller of this link must be a RadioController")
        if isinstance(packet, ll.ConnectInd):
            self._connect(sender_controller, packet)
        elif isinstance(packet, ll.AdvInd) and not self._silent:
            response = sender_controller.le_legacy_advertiser.scan_response_data
            for controller in self.controllers - {sender_controller}:
                self._loop.call_soon(controller.on_advertisement, packet, response)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry one packet of the link layers between themselves, in turn with the data."""
        carrier = self._carriers.get(_key(sender_address, receiver_address))
        if carrier is not None:
            central = carrier.addresses[Side.CENTRAL]
            sender = Side.CENTRAL if central == sender_address else Side.PERIPHERAL
            self._send(carrier, sender, packet, _CONTROL_BYTES)

    def send_packet(self, connection: Connection, packet: hci.HCI_AclDataPacket) -> None:
        """Carry one packet of a host's; it already includes the L2CAP header."""
        carrier = self._carriers.get(_key(connection.self_address, connection.peer_address))
        if carrier is not None:
            sender = Side(connection.role.name.lower())
            self._send(carrier, sender, packet, len(packet.data))

    # The radio

    def _connect(self, central: RadioController, packet: ll.ConnectInd) -> None:
        key = _key(packet.initiator_address, packet.advertiser_address)
        if key in self._carriers:
            # Its central hung up, and has a new connection to the same peer: that one stays.
            self._carriers[key].controllers.pop(Side.CENTRAL, None)
            self._cut(self._carriers[key])
        self._connections_made += 1
        interval_us = packet.interval * _INTERVAL_STEP_US
        peripheral = None if self._silent else self._advertiser(packet.advertiser_address)
        timeout_us = packet.timeout * _TIMEOUT_STEP_US
        if peripheral is None:
            timeout_us = interval_us * _INTERVALS_TO_ESTABLISH
        radio: RadioConnection[Payload] = RadioConnection(
            self.settings, self._connections_made, self._now_us(), interval_us, timeout_us
        )
        carrier = _Carrier(
            radio,
            {Side.CENTRAL: packet.initiator_address, Side.PERIPHERAL: packet.advertiser_address},
            {Side.CENTRAL: central},
        )
        self._carriers[key] = carrier
        if peripheral is None:
            radio.silence(self._now_us())
        else:
            carrier.established = True
            carrier.controllers[Side.PERIPHERAL] = peripheral
            peripheral.on_ll_advertising_pdu(packet)
        self._pump(carrier)

    def _advertiser(self, address: hci.Address) -> RadioController | None:
        for controller in self.controllers:
            advertiser = controller.le_legacy_advertiser
            if advertiser.enabled and advertiser.address == address:
                return controller
        return None

    def _send(self, carrier: _Carrier, sender: Side, payload: Payload, size_bytes: int) -> None:
        self._pump(carrier)
        carrier.radio.send(sender, payload, size_bytes, self._now_us())
        self.deepest = max(self.deepest, carrier.radio.deepest)
        self._pump(carrier)

    def _pump(self, carrier: _Carrier) -> None:
        """Hand on what is through by now, and come back when the next thing is due."""
        if carrier.pumping:  # an answer to what is being handed on: the outer call sees to it
            return
        carrier.pumping = True
        for delivery in carrier.radio.handle(self._now_us()):
            self._deliver(carrier, delivery)
        carrier.pumping = False
        if carrier.radio.lost_at_us is not None:
            self._cut(carrier)
        if carrier.timer is not None:
            carrier.timer.cancel()
            carrier.timer = None
        due_us = carrier.radio.deadline_us()
        if due_us is not None and not carrier.gone:
            carrier.timer = self._loop.call_at(due_us / 1e6, self._pump, carrier)

    def _deliver(self, carrier: _Carrier, delivery: Delivery[Payload]) -> None:
        if isinstance(delivery.payload, ll.ControlPdu):
            self._deliver_control(carrier, delivery.sender, delivery.payload)
        else:
            self._deliver_data(carrier, delivery.sender, delivery.payload)

    def _deliver_data(self, carrier: _Carrier, sender: Side, packet: hci.HCI_AclDataPacket) -> None:
        receiving, sending = carrier.end(sender.other), carrier.end(sender)
        if receiving is not None:
            flag = _CONTINUES if packet.pb_flag == _CONTINUES else _STARTS_FROM_CONTROLLER
            receiving.controller.send_hci_packet(
                hci.HCI_AclDataPacket(receiving.handle, flag, 0, len(packet.data), packet.data)
            )
        if sending is not None:
            sending.controller.send_hci_packet(
                hci.HCI_Number_Of_Completed_Packets_Event(
                    connection_handles=[sending.handle], num_completed_packets=[1]
                )
            )
            carrier.controllers[sender].on_delivered(sending.handle, packet)

    def _deliver_control(self, carrier: _Carrier, sender: Side, pdu: ll.ControlPdu) -> None:
        if isinstance(pdu, ll.ConnectionUpdateInd):
            carrier.radio.update(
                pdu.interval * _INTERVAL_STEP_US, pdu.timeout * _TIMEOUT_STEP_US, self._now_us()
            )
        if carrier.end(sender.other) is not None:
            carrier.controllers[sender.other].on_ll_control_pdu(carrier.addresses[sender], pdu)
        if isinstance(pdu, ll.TerminateInd):
            self._cut(carrier)

    def _cut(self, carrier: _Carrier) -> None:
        """Take a connection off the air; both ends that still believe in it are told."""
        if carrier.gone:
            return
        carrier.gone = True
        del self._carriers[_key(*carrier.addresses.values())]
        if carrier.timer is not None:
            carrier.timer.cancel()
            carrier.timer = None
        reason = hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
        if carrier.established:
            reason = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        for side in Side:
            connection = carrier.end(side)
            if connection is not None:
                carrier.controllers[side].on_le_disconnected(connection, reason)

    def _now_us(self) -> int:
        return int(self._loop.time() * 1e6)


def _quiet(controller: Controller) -> None:
    controller.le_legacy_advertiser.stop()
    controller.le_scan_enable = False
    controller.pending_le_connection = None


def _key(one: hci.Address, other: hci.Address) -> frozenset[bytes]:
    return frozenset((bytes(one), bytes(other)))


def new_device(name: str, address: str, link: RadioLink) -> tuple[Device, RadioController]:
    """A Bluetooth host with its own controller on this link, not powered on yet."""
    public = hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS)
    controller = RadioController(name, link, public)
    host = PatientHost(controller, AsyncPipeSink(controller))
    return Device(name=name, host=host), controller
