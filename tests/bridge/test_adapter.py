"""Whether Bluetooth is on, as a BlueZ that the test plays tells it when it changes."""

import asyncio
import shutil
import subprocess
import sys
from contextlib import aclosing

import pytest
from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus

from mynah.link import adapter

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None,
    reason="needs dbus-daemon, which Linux desktops have",
)
ADAPTER = "org.bluez.Adapter1"
DEADLINE_S = 10


@pytest.fixture(autouse=True)
def _bus(monkeypatch):
    monkeypatch.setattr(adapter, "SETTLE_S", 0.0)
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield
        daemon.terminate()


class BlueZ:
    """One adapter, on at first."""

    def __init__(self):
        self.on = True
        self.asked = asyncio.Event()

    async def __aenter__(self):
        self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(self, *_error):
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    async def switch(self, *, on):
        self.on = on
        changed = {"Powered": Variant("b", on)}
        await self._bus.send(
            Message.new_signal(
                "/org/bluez/hci0",
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                "sa{sv}as",
                [ADAPTER, changed, []],
            )
        )

    def _answer(self, message):
        if message.member != "GetManagedObjects":
            return None
        self.asked.set()
        objects = {"/org/bluez/hci0": {ADAPTER: {"Powered": Variant("b", self.on)}}}
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])


async def test_each_change_is_told_once():
    async with asyncio.timeout(DEADLINE_S), BlueZ() as bluez, aclosing(adapter.switched()) as told:
        changes = []
        for on in (False, True, True, False):
            next_one = asyncio.ensure_future(anext(told)) if on != bluez.on else None
            if not changes:
                await bluez.asked.wait()  # what it is at first is no change
            await bluez.switch(on=on)
            if next_one is not None:
                changes.append(await next_one)

    assert changes == [False, True, False]


async def test_an_adapter_whose_service_went_and_came_is_told(monkeypatch):
    monkeypatch.setattr(adapter, "AGAIN_S", 0.01)
    async with asyncio.timeout(DEADLINE_S), aclosing(adapter.switched()) as told:
        next_one = asyncio.ensure_future(anext(told))
        async with BlueZ() as bluez:
            await bluez.asked.wait()
        async with BlueZ() as bluez:
            bluez.on = False
            assert await next_one is False
