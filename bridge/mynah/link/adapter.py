"""Whether this computer's Bluetooth is on, told when it changes: by BlueZ, over D-Bus."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Final

from mynah.doctor.bluez import powered_adapters

_logger = logging.getLogger(__name__)

AGAIN_S: Final = 5.0
"""After trouble with D-Bus or BlueZ, which may just be starting."""

SETTLE_S: Final = 0.5
"""Changes come in bursts: an adapter that is plugged in tells a dozen, a scan each new device."""

LOOK_S: Final = 60.0
"""Without a change it is asked all the same: whether there is a bus at all."""

_RULES: Final = (
    "interface='org.freedesktop.DBus.Properties',arg0='org.bluez.Adapter1'",
    "interface='org.freedesktop.DBus.ObjectManager'",
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
)


async def switched() -> AsyncGenerator[bool, None]:
    """Tells each change; elsewhere than on Linux none, so that it has to be tried out."""
    on: bool | None = None
    while sys.platform == "linux":
        try:
            async for now_on in _watched():
                if on is not None and now_on != on:
                    yield now_on
                on = now_on
        except Exception as error:  # noqa: BLE001 - D-Bus may break anyhow; without it one tries
            _logger.debug("the adapter is not watched: %r", error)
            await asyncio.sleep(AGAIN_S)


async def _watched() -> AsyncGenerator[bool, None]:
    """Whether any adapter is on: now, and after whatever BlueZ tells."""
    from dbus_fast import BusType
    from dbus_fast.aio import MessageBus

    changed = asyncio.Event()
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        bus.add_message_handler(lambda _message: changed.set())
        for rule in _RULES:
            await _match(bus, rule)
        while bus.connected:
            changed.clear()
            yield any((await powered_adapters()).values())
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await changed.wait()
            await asyncio.sleep(SETTLE_S)
    finally:
        bus.disconnect()


async def _match(bus: Any, rule: str) -> None:
    from dbus_fast import Message

    await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=[f"type='signal',{rule}"],
        )
    )
