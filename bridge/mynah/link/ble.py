"""A ring over Bluetooth LE: found by its tag, reached through bleak on any platform."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import (
    BleakClientWithServiceCache,
    clear_cache,
    close_stale_connections_by_address,
    establish_connection,
)

from mynah.errors import LinkError
from mynah.link.keys import RingKey
from mynah.link.scanner import Backends, Scanner
from mynah_wire.gatt import ATT_HEADER_BYTES, DOWNLINK_UUID, UPLINK_UUID

__all__ = ["Backends", "BleLink"]

SCAN_S: Final = 15.0
"""Of `open`, for who has no supervisor: a ring that hides after a refused handshake is back after
at most 32 s, any other in one."""

CONNECT_S: Final = 25.0
"""bleak's own limit of 20 s, and what a D-Bus that stalls adds. Only what BlueZ calls transient is
tried again within it: for the rest there is the supervisor."""

ANSWER_S: Final = 8.0
"""Until the ring has answered a request; on a poor link a few seconds."""

HANG_UP_S: Final = 6.0
"""BlueZ takes 3 s to disconnect, a D-Bus that stalls for ever."""

FORGET_S: Final = 5.0
"""For each of the two things that BlueZ shall forget."""

QUEUED_RECORDS: Final = 1024
"""Twenty seconds of speech; a bridge that is further behind has hung, and must say so."""

_GONE: Final = (BleakError, OSError, EOFError, TimeoutError)
_STUMBLES: Final = (KeyError, AttributeError)
"""How bleak misses a service in its cache, and a bus that went while it was being used."""

Result = TypeVar("Result")


class BleLink:
    """Reaches whichever of our rings is in range; each attempt has a client of its own."""

    def __init__(
        self,
        keys: Sequence[RingKey] | Callable[[], Sequence[RingKey]],
        name: str = "",
        backends: Backends | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        """`name` is a device id to insist on, or empty; `scanner` may be shared by several.

        Where `keys` can be called it is, for each search: a ring may have been paired again.
        """
        self.name = f"ble:{name}"
        self._wanted = name
        self._read_keys = keys if callable(keys) else lambda: keys
        self._keys: list[RingKey] = []
        self._scanner = scanner or Scanner(backends)
        self._backends = self._scanner.backends
        self._device: BLEDevice | None = None  # that was heard last
        self._key: RingKey | None = None
        self._client: BleakClient | None = None
        self._downlink: BleakGATTCharacteristic | None = None
        self._records: asyncio.Queue[bytes | LinkError] = asyncio.Queue()
        self._strangers: set[str] = set()

    @property
    def key(self) -> bytes:
        if self._key is None:
            raise LinkError("no ring was found yet")
        return self._key.secret

    @property
    def device_id(self) -> str:
        return self._key.device_id if self._key is not None else ""

    @property
    def waiting(self) -> int:
        """Records received and not yet taken."""
        return self._records.qsize()

    async def open(self) -> int:
        """All steps; LinkError if the ring is not in range within SCAN_S."""
        try:
            async with asyncio.timeout(SCAN_S):
                await self.find()
        except TimeoutError:
            raise LinkError(_not_found(len(self._keys), len(self._strangers))) from None
        try:
            await self.connect()
            return await self.agree()
        except BaseException:  # also when nobody waits any more
            await self.close()
            raise

    async def find(self) -> None:
        everyone = self._read_keys()
        self._keys = [key for key in everyone if self._wanted in ("", key.device_id)]
        if not self._keys:
            which = f"ring {self._wanted}" if self._wanted else "a ring"
            raise LinkError(
                f"this computer has no key for {which}: pair it by cable, `mynah pair`",
                retryable=False,
            )
        self._strangers.clear()
        self._device, self._key = await self._scanner.find(self._keys, self._strangers)

    async def connect(self, *, cached: bool = True) -> None:
        if self._device is None:
            raise LinkError("no ring was found yet")
        with _told("no connection to the ring"):
            async with self._scanner.silent(), asyncio.timeout(CONNECT_S):
                self._client = await establish_connection(
                    BleakClientWithServiceCache,
                    self._device,
                    self.name,
                    disconnected_callback=self._on_disconnected,
                    max_attempts=1,
                    use_services_cache=cached,
                    **self._backends.client_arguments(),
                )
        # Not sooner: an attempt that failed told of its disconnection, which is not this one's.
        self._records = asyncio.Queue(QUEUED_RECORDS)
        if not self._client.is_connected:
            raise LinkError("the ring went out of reach")

    async def agree(self) -> int:
        client = self._client
        if client is None:
            raise LinkError("the ring is not connected")
        with _told("the ring does not answer"):
            downlink = client.services.get_characteristic(DOWNLINK_UUID)
            uplink = client.services.get_characteristic(UPLINK_UUID)
            if downlink is None or uplink is None:
                raise LinkError(f"{client.address} advertises as a ring but has not its service")
            await _within(ANSWER_S, client.start_notify(uplink, self._on_record))
        self._downlink = downlink
        # BlueZ reports an MTU of 23 whatever was agreed; this limit it reports rightly.
        return downlink.max_write_without_response_size + ATT_HEADER_BYTES

    async def forget(self) -> None:
        if self._device is None or self._backends.client is not None:
            return  # an emulated radio remembers nothing
        address = self._device.address
        for work in (close_stale_connections_by_address, clear_cache):
            with suppress(*_GONE, *_STUMBLES):
                await _within(FORGET_S, _forgetting(work, address))

    async def send(self, record: bytes) -> None:
        if self._client is None or self._downlink is None:
            raise LinkError("the ring is not connected")
        with _told("the ring went out of reach"):
            await _within(
                ANSWER_S, self._client.write_gatt_char(self._downlink, record, response=False)
            )

    async def receive(self) -> bytes:
        record = await self._records.get()
        if isinstance(record, LinkError):
            self._records.put_nowait(record)  # and so for whoever asks next
            raise record
        return record

    async def close(self) -> None:
        client, self._client, self._downlink = self._client, None, None
        if client is not None:
            with suppress(*_GONE):  # it is gone already: that is what was wanted
                await _within(HANG_UP_S, client.disconnect())
            self._end(LinkError("the ring is not connected"))

    def _on_record(self, _characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        try:
            self._records.put_nowait(bytes(data))
        except asyncio.QueueFull:
            self._end(LinkError(f"{QUEUED_RECORDS} records wait: the bridge does not keep up"))

    def _on_disconnected(self, client: BleakClient) -> None:
        """Only noted: who reconnects in here finds the old client still in the way."""
        if self._client in (client, None):
            self._end(LinkError("the ring went out of reach"))

    def _end(self, error: LinkError) -> None:
        if self._records.full():
            self._records.get_nowait()
        self._records.put_nowait(error)


async def _within(seconds: float, work: Awaitable[Result]) -> Result:
    async with asyncio.timeout(seconds):
        return await work


async def _forgetting(work: Callable[[str], Awaitable[object]], address: str) -> None:
    await work(address)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What Bluetooth raises in here becomes a LinkError that begins so."""
    try:
        yield
    except (*_GONE, *_STUMBLES) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise LinkError(f"{what}: {reason}") from error


def _not_found(ours: int, strangers: int) -> str:
    rings = "your ring is not" if ours == 1 else f"none of your {ours} rings is"
    text = f"{rings} in range after {SCAN_S:.0f} s"
    if strangers:
        text += f", but {strangers} other is: if it is yours, pair it again by cable, `mynah pair`"
    return text
