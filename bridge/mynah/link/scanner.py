"""One scan for all rings that are looked for: on while any is, off while one is connected to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from mynah.errors import LinkError
from mynah.link.bluetooth import usable_bluetooth
from mynah.link.keys import RingKey
from mynah_wire.advertising import COMPANY_ID, is_tag_of
from mynah_wire.gatt import SERVICE_UUID

STALLED_S: Final = 10.0
"""What starting and stopping a scan may take: on Linux the D-Bus can stall."""


@dataclass(frozen=True, slots=True)
class Backends:
    """Whose Bluetooth: the platform's, or the emulator's."""

    client: type[BaseBleakClient] | None = None
    scanner: type[BaseBleakScanner] | None = None

    def client_arguments(self) -> dict[str, Any]:
        return {"backend": self.client} if self.client else {}

    def scanner_arguments(self) -> dict[str, Any]:
        return {"backend": self.scanner} if self.scanner else {}


@dataclass(eq=False, slots=True)
class _Search:
    """Somebody who looks for one of these rings."""

    keys: list[RingKey]
    found: "asyncio.Future[tuple[BLEDevice, RingKey]]"
    strangers: set[str] = field(default_factory=set)


class Scanner:
    """Of one computer's Bluetooth.

    A scan costs a ring nothing and this computer little, so that it goes on while a ring is away.
    Only connecting is done without: while a scan runs, a connection often fails.
    """

    def __init__(self, backends: Backends | None = None) -> None:
        self.backends = backends or Backends()
        self._searches: list[_Search] = []
        self._bleak: BleakScanner | None = None
        self._connecting = 0
        self._turning = asyncio.Lock()  # starting or stopping takes a while

    async def find(self, keys: list[RingKey], strangers: set[str]) -> tuple[BLEDevice, RingKey]:
        """The first of these rings that is heard; other rings' addresses go into `strangers`."""
        search = _Search(keys, asyncio.get_running_loop().create_future(), strangers)
        self._searches.append(search)
        try:
            await self._turn()
            return await search.found
        finally:
            self._searches.remove(search)
            await self._turn_quietly()

    @asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        """No scan while this goes on."""
        self._connecting += 1
        try:
            await self._turn()
            yield
        finally:
            self._connecting -= 1
            await self._turn_quietly()

    async def _turn(self) -> None:
        """Be on or off, as is wanted by now."""
        async with self._turning:
            wanted = bool(self._searches) and not self._connecting
            if wanted == (self._bleak is not None):
                return
            with usable_bluetooth():
                async with asyncio.timeout(STALLED_S):
                    await (self._start() if wanted else self._stop())

    async def _turn_quietly(self) -> None:
        """For who leaves: what is wrong with Bluetooth is told to who comes."""
        with contextlib.suppress(LinkError):
            await self._turn()
        for search in self._searches:  # those for whom it could not be turned on
            if self._bleak is None and not self._connecting and not search.found.done():
                search.found.set_exception(LinkError("Bluetooth does not answer"))

    async def _start(self) -> None:
        scanner = BleakScanner(
            self._on_advertisement,
            service_uuids=[SERVICE_UUID],
            **self.backends.scanner_arguments(),
        )
        await scanner.start()
        self._bleak = scanner

    async def _stop(self) -> None:
        scanner, self._bleak = self._bleak, None
        if scanner is not None:
            with contextlib.suppress(BleakError, OSError, EOFError):  # it is off: that was wanted
                await scanner.stop()

    def _on_advertisement(self, device: BLEDevice, data: AdvertisementData) -> None:
        tag = data.manufacturer_data.get(COMPANY_ID, b"")
        for search in self._searches:
            owner = next((key for key in search.keys if is_tag_of(key.secret, tag)), None)
            if owner is None:
                search.strangers.add(device.address)
            elif not search.found.done():
                search.found.set_result((device, owner))
