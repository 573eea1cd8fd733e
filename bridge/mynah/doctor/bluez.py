"""What BlueZ says of this computer's Bluetooth, asked over D-Bus."""

import asyncio
from typing import Final

DEADLINE_S: Final = 5.0
"""A D-Bus that is stuck answers nothing, for minutes."""


class BlueZError(Exception):
    """BlueZ does not answer; `args[0]` is the error's name on D-Bus."""


def adapters() -> dict[str, bool]:
    """Every adapter, and whether it is on. OSError without a D-Bus, BlueZError without BlueZ."""
    return asyncio.run(asyncio.wait_for(_adapters(), DEADLINE_S))


async def _adapters() -> dict[str, bool]:
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
    found = {}
    for path, interfaces in reply.body[0].items():
        if adapter := interfaces.get("org.bluez.Adapter1"):
            found[path.rpartition("/")[2]] = bool(adapter["Powered"].value)
    return found
