"""One stretch of air: emulated rings, the computer's Bluetooth, whoever else is in range."""

import asyncio
from types import TracebackType
from typing import Self

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bumble.device import Device

from mynah.emulator.bleak_client import client_backend
from mynah.emulator.bleak_scanner import scanner_backend
from mynah.emulator.central import Central
from mynah.emulator.channel import Channel
from mynah.emulator.link import RadioLink, new_device
from mynah.emulator.peripheral import Peripheral
from mynah.emulator.radio import RadioSettings

_COMPUTER_ADDRESS = "02:00:00:00:00:01"
_STRANGER_ADDRESS = "02:00:00:00:01:{:02X}"


class EmulatedAir:
    """Use it as `async with EmulatedAir(settings) as air`; leaving it cuts every connection."""

    def __init__(self, settings: RadioSettings | None = None) -> None:
        self.settings = settings or RadioSettings()
        self._strangers = 0
        self._rings: dict[Peripheral, asyncio.Task[None]] = {}
        self._timers: list[asyncio.TimerHandle] = []

    async def __aenter__(self) -> Self:
        self.link = RadioLink(self.settings)
        device, controller = new_device("computer", _COMPUTER_ADDRESS, self.link)
        await device.power_on()
        self._central = central = Central(device, controller, self.settings)
        self.client_backend: type[BaseBleakClient] = client_backend(central)
        """For `BleakClient(…, backend=…)` and `establish_connection(…, backend=…)`."""
        self.scanner_backend: type[BaseBleakScanner] = scanner_backend(central)
        """For `BleakScanner(backend=…)`."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.cancel()
        for peripheral in list(self._rings):
            await self.remove_peripheral(peripheral)
        self.link.close()

    async def add_peripheral(self, channel: Channel, address: str) -> Peripheral:
        """Give a ring its radio, before its channel runs."""
        device, controller = new_device("ring", address, self.link)
        await device.power_on()
        peripheral = Peripheral(channel, device, controller)
        self._rings[peripheral] = asyncio.create_task(peripheral.run(), name=f"radio of {address}")
        return peripheral

    async def remove_peripheral(self, peripheral: Peripheral) -> None:
        """Cut a ring's power: who was connected finds out by the supervision timeout."""
        task = self._rings.pop(peripheral)
        task.cancel()
        self.link.remove(peripheral.controller)
        outcome = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome[0], Exception):
            raise outcome[0]

    async def new_central(self, name: str) -> Device:
        """Somebody else's Bluetooth, powered on, to do with as Bumble allows."""
        self._strangers += 1
        device, _ = new_device(name, _STRANGER_ADDRESS.format(self._strangers), self.link)
        await device.power_on()
        return device

    async def change(self, settings: RadioSettings) -> None:
        """From now on: a connection that stands takes the interval, one to come the MTU too."""
        self.settings = self.link.settings = self._central.settings = settings
        await self._central.update()

    def silence(self) -> None:
        """Let nothing through from now on, until `restore`."""
        self.link.silence()

    def restore(self) -> None:
        """End the silence."""
        self.link.restore()

    def outage(self, start_s: float, duration_s: float) -> None:
        """Be silent from `start_s` from now on, for `duration_s`."""
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_later(start_s, self.silence))
        self._timers.append(loop.call_later(start_s + duration_s, self.restore))
