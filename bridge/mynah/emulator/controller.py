"""Bumble's controller and host, made to wait for the modelled radio and rid of some faults.

As it comes the controller acknowledges every packet at once, repeats the advertisement as the scan
response, splits into 27 bytes, never gives up on a connection that its host has cancelled, and
fails at one that ends twice.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.host import Host

from mynah.emulator.radio import LINK_LAYER_MAX_BYTES

if TYPE_CHECKING:
    from mynah.emulator.link import RadioLink

_RSSI_DBM = -50


class RadioController(Controller):
    """A controller whose host must wait for the air."""

    # Legacy advertising, as MicroPython does it: reports of at most 31 bytes.
    le_features = Controller.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    le_acl_data_packet_length = LINK_LAYER_MAX_BYTES

    def __init__(self, name: str, link: "RadioLink", address: hci.Address) -> None:
        super().__init__(name, link=link, public_address=address)
        self.total_num_le_acl_data_packets = link.settings.queue
        self._radio = link
        self.on_delivered: Callable[[int, hci.HCI_AclDataPacket], None] = _ignore
        """Called with the connection's handle for each packet of ours that is through."""

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Take a packet from the host; say nothing yet."""
        connection = self.find_le_connection_by_handle(packet.connection_handle)
        if connection is not None:
            self._radio.send_packet(connection, packet)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Tell the host, once: a link may be lost in the moment in which it is hung up."""
        if self.le_connections.get(connection.peer_address) is connection:
            super().on_le_disconnected(connection, reason)

    def on_advertisement(self, pdu: ll.AdvInd, response: bytes) -> None:
        """Report one advertisement, and its scan response to a host that scans actively."""
        kinds = hci.HCI_LE_Advertising_Report_Event.EventType
        if self.le_scan_enable:
            self._report(pdu.advertiser_address, kinds.ADV_IND, pdu.data)
            if self.le_scan_type == hci.HCI_LE_Set_Scan_Parameters_Command.ACTIVE_SCANNING:
                self._report(pdu.advertiser_address, kinds.SCAN_RSP, response)
        wanted = self.pending_le_connection
        if wanted is not None and wanted.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _report(self, address: hci.Address, kind: int, data: bytes) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind,
            address_type=address.address_type,
            address=address,
            data=data,
            rssi=_RSSI_DBM,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Stop waiting for a peer, and tell the host so."""
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=wanted.peer_address.address_type,
                peer_address=wanted.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def abandon(self, peer: hci.Address) -> None:
        """Stop trying to connect to a peer, or hang up on it, without waiting."""
        wanted = self.pending_le_connection
        if wanted is not None and wanted.peer_address == peer:
            self.on_hci_le_create_connection_cancel_command(
                hci.HCI_LE_Create_Connection_Cancel_Command()
            )
        connection = self.le_connections.get(peer)
        if connection is not None:
            reason = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
            connection.send_ll_control_pdu(ll.TerminateInd(reason))
            self.on_le_disconnected(
                connection, hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR
            )


def _ignore(_handle: int, _packet: hci.HCI_AclDataPacket) -> None: ...


class PatientHost(Host):
    """A host that waits for the answer to a command even if whoever gave it was cancelled.

    Bumble's would take that answer for the next command's.
    """

    async def _send_command(
        self,
        command: hci.HCI_SyncCommand[hci.HCI_ReturnParameters] | hci.HCI_AsyncCommand,
        response_timeout: float | None = None,
    ) -> hci.HCI_Command_Complete_Event[hci.HCI_ReturnParameters] | hci.HCI_Command_Status_Event:
        return await asyncio.shield(super()._send_command(command, response_timeout))
