"""Who else may be on the air: a central without the key, and a link that somebody listens to."""

import asyncio

from bumble.core import UUID
from bumble.device import Connection, Device, Peer

from mynah.link.ble import BleLink
from mynah_wire.channel import is_sealed
from mynah_wire.gatt import BEST_MTU, DOWNLINK_UUID, SERVICE_UUID, UPLINK_UUID

DEADLINE_S = 20


class Stranger:
    """Somebody else's Bluetooth: connects to whatever advertises as a ring."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._loop = asyncio.get_running_loop()
        self.heard: list[bytes] = []
        self.advertised: list[bytes] = []
        self._spoken_to = asyncio.Event()
        self.gone = asyncio.Event()
        self.held_s = 0.0
        """How long the ring let it stay."""

    async def connect(self) -> None:
        address = await self._find()
        connection = await self._device.connect(address)
        connection.on(connection.EVENT_DISCONNECTION, self._on_gone)
        self._since_s = self._loop.time()
        await self._discover(connection)

    async def write(self, record: bytes) -> None:
        """As long as it may."""
        if not self.gone.is_set():
            await self._downlink.write_value(record)

    async def answer(self) -> bytes:
        """The first record that the ring says."""
        async with asyncio.timeout(DEADLINE_S):
            await self._spoken_to.wait()
        return self.heard[0]

    async def dropped(self) -> None:
        """Wait until the ring hangs up."""
        async with asyncio.timeout(DEADLINE_S):
            await self.gone.wait()

    async def _find(self):
        found = self._loop.create_future()

        def on_advertisement(advertisement):
            self.advertised.append(bytes(advertisement.data))
            if not found.done():
                found.set_result(advertisement.address)

        self._device.on(self._device.EVENT_ADVERTISEMENT, on_advertisement)
        await self._device.start_scanning(legacy=True, active=False)
        async with asyncio.timeout(DEADLINE_S):
            address = await found
        await self._device.stop_scanning()
        return address

    async def _discover(self, connection: Connection) -> None:
        peer = Peer(connection)
        await peer.request_mtu(BEST_MTU)
        (service,) = await peer.discover_service(UUID(SERVICE_UUID))
        await peer.discover_characteristics(service=service)
        (self._downlink,) = peer.get_characteristics_by_uuid(UUID(DOWNLINK_UUID))
        (uplink,) = peer.get_characteristics_by_uuid(UUID(UPLINK_UUID))
        await peer.discover_descriptors(uplink)
        await uplink.subscribe(self._on_record)

    def _on_record(self, value: bytes) -> None:
        self.heard.append(bytes(value))
        self._spoken_to.set()

    def _on_gone(self, _reason: int) -> None:
        self.held_s = self._loop.time() - self._since_s
        self.gone.set()


class TappedLink:
    """A link on which all that passes is recorded, and bits may be flipped on the way down."""

    def __init__(self, link: BleLink, flips: list[tuple[int, int]]) -> None:
        """Before the first sealed record goes one changed copy for each (byte, bits) of these."""
        self._link = link
        self._flips = list(flips)
        self._news = asyncio.Event()
        self.name = link.name
        self.down: list[bytes] = []
        self.up: list[bytes] = []

    async def received(self) -> None:
        """Wait for the next record from the ring."""
        self._news.clear()
        await self._news.wait()

    @property
    def key(self) -> bytes:
        return self._link.key

    @property
    def device_id(self) -> str:
        return self._link.device_id

    @property
    def waiting(self) -> int:
        return self._link.waiting

    async def open(self) -> int:
        return await self._link.open()

    async def send(self, record: bytes) -> None:
        while self._flips and is_sealed(record):
            place, bits = self._flips.pop(0)
            changed = bytearray(record)
            changed[place] ^= bits
            await self._link.send(bytes(changed))
        self.down.append(record)
        await self._link.send(record)

    async def receive(self) -> bytes:
        record = await self._link.receive()
        self.up.append(record)
        self._news.set()
        return record

    async def close(self) -> None:
        await self._link.close()
