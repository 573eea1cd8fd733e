"""What BlueZ says of this computer's Bluetooth, asked over D-Bus."""

import asyncio
from typing import Any, Final

DEADLINE_S: Final = 5.0
"""A D-Bus that is stuck answers nothing, for minutes."""


class BlueZError(Exception):
    """BlueZ does not answer; `args[0]` is the error's name on D-Bus."""


def adapters() -> dict[str, bool]:
    """Every adapter, and whether it is on. OSError without a D-Bus, BlueZError without BlueZ."""
    return asyncio.run(asyncio.wait_for(powered_adapters(), DEADLINE_S))


async def powered_adapters() -> dict[str, bool]:
    """The same, for who has a loop."""
    return {
        path.rpartition("/")[2]: bool(adapter["Powered"].value)
        for path, adapter in (await _having("org.bluez.Adapter1")).items()
    }


def connected(service_uuid: str) -> list[str]:
    """The addresses of devices with this service to which this computer is connected just now."""
    found = asyncio.run(asyncio.wait_for(_having("org.bluez.Device1"), DEADLINE_S))
    return [
        str(device["Address"].value)
        for device in found.values()
        if device["Connected"].value and service_uuid in device["UUIDs"].value
    ]


async def _having(interface: str) -> dict[str, Any]:
    """What BlueZ has that is such a thing, by path."""
    from dbus_fast import BusType, Message, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        reply = await bus.call(
            Message(
                destination="org.bluez",
                path="/",
                interface="org.freedesktop.DBus.ObjectManager",
                member="GetManagedObjects",
            )
        )
    finally:
        bus.disconnect()
    if reply.message_type is MessageType.ERROR:
        raise BlueZError(reply.error_name)
    objects = reply.body[0].items()
    return {path: each[interface] for path, each in objects if interface in each}
