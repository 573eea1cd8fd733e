"""The computer's own Bluetooth on the emulated air: what all clients and scanners of it share."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from bleak.exc import BleakError
from bumble import core, hci
from bumble.device import Connection, ConnectionParametersPreferences, Device

from mynah.emulator.controller import RadioController
from mynah.emulator.radio import RadioSettings


@dataclass(slots=True, eq=False)
class Central:
    """One Bumble host and its controller."""

    device: Device
    controller: RadioController
    settings: RadioSettings
    """Of the next connection, and of those that stand what `update` tells them."""
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def connect(self, address: str) -> Connection:
        """Connect as Linux would, however long it takes; when cancelled, leave nothing behind."""
        async with self.connecting:
            attempt = asyncio.create_task(self._connect(_public(address)), name="connect")
            try:
                return await asyncio.shield(attempt)
            except asyncio.CancelledError:
                while not attempt.done():  # a command that is under way can't be taken back
                    self.hang_up(address)
                    await asyncio.sleep(0)
                await asyncio.gather(attempt, return_exceptions=True)
                raise

    async def _connect(self, peer: hci.Address) -> Connection:
        wanted = ConnectionParametersPreferences(
            connection_interval_min=self.settings.interval_ms,
            connection_interval_max=self.settings.interval_ms,
            max_latency=0,
            supervision_timeout=self.settings.supervision_timeout_ms,
        )
        try:
            return await self.device.connect_le(
                peer,
                {hci.Phy.LE_1M: wanted},
                own_address_type=hci.OwnAddressType.PUBLIC,
                timeout=None,
            )
        except core.BaseBumbleError as error:
            raise BleakError(f"connecting failed: {error}") from error

    async def update(self) -> None:
        """Ask for the settings' interval on every connection that stands."""
        interval_ms = self.settings.interval_ms
        for connection in list(self.device.connections.values()):
            with suppress(core.BaseBumbleError):  # it is lost: the next one will have it
                await connection.update_parameters(
                    interval_ms, interval_ms, 0, self.settings.supervision_timeout_ms
                )

    def is_connected_to(self, address: str) -> bool:
        """Whether any client is connected to it."""
        return self.device.find_connection_by_bd_addr(_public(address)) is not None

    def hang_up(self, address: str) -> None:
        """End a connection, or the attempt at one, without waiting."""
        self.controller.abandon(_public(address))


def _public(address: str) -> hci.Address:
    return hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS)
