"""What the real firmware lets a stranger read over the emulated air, before any proof."""

import asyncio

from bumble.device import Connection, Peer
from bumble.gatt import GATT_DEVICE_NAME_CHARACTERISTIC, Characteristic

from mynah.emulator.emulated import emulated
from mynah_wire.gatt import DOWNLINK_UUID, UPLINK_UUID
from tests.end_to_end.strangers import Stranger


class Reader(Stranger):
    """Reads whatever may be read."""

    def __init__(self, device):
        super().__init__(device)
        self.read = {}

    async def _discover(self, connection: Connection) -> None:
        await super()._discover(connection)
        peer = Peer(connection)
        for service in await peer.discover_services():
            for characteristic in await peer.discover_characteristics(service=service):
                readable = characteristic.properties & Characteristic.Properties.READ
                value = bytes(await characteristic.read_value()) if readable else None
                self.read[characteristic.uuid.to_hex_str("-").lower()] = value


async def read_of(ring):
    """All that a stranger may read of a ring, and all that it tells him."""
    async with emulated(f"emulator:{ring}") as on:
        reader = Reader(await on.ring.air.new_central("stranger"))
        await reader.connect()
        return reader.read, reader.heard


async def test_every_ring_lets_a_stranger_read_the_same_and_nothing_of_its_own():
    (one, heard), (other, _) = await asyncio.gather(read_of("one"), read_of("other"))

    assert one == other
    assert one[GATT_DEVICE_NAME_CHARACTERISTIC.to_hex_str("-").lower()] == b"mynah"
    assert one[UPLINK_UUID] is one[DOWNLINK_UUID] is None
    assert heard == []
