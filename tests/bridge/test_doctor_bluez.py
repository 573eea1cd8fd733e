"""The look at BlueZ against a D-Bus of the test's own, on which the test plays BlueZ."""

import asyncio
import shutil
import subprocess
from contextlib import asynccontextmanager

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from mynah.doctor.bluez import BlueZError, adapters, connected

pytestmark = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="needs dbus-daemon, which Linux desktops have"
)


@pytest.fixture
def _bus(monkeypatch):
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield
        daemon.terminate()


@asynccontextmanager
async def bluez(answer):
    """Whoever is called `org.bluez` answers every question like this."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()

    def on_message(message):
        asked = message.message_type is MessageType.METHOD_CALL
        return answer(message) if asked and message.member == "GetManagedObjects" else None

    bus.add_message_handler(on_message)
    await bus.request_name("org.bluez")
    try:
        yield
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


def has(**powered):
    """BlueZ with these adapters, and other things that it tells of."""
    objects = {
        f"/org/bluez/{name}": {"org.bluez.Adapter1": {"Powered": Variant("b", on)}}
        for name, on in powered.items()
    }
    objects["/org/bluez"] = {"org.bluez.AgentManager1": {}}
    return lambda message: Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])


@pytest.mark.usefixtures("_bus")
async def test_every_adapter_is_told_with_its_power():
    async with bluez(has(hci0=True, hci1=False)):
        found = await asyncio.to_thread(adapters)

    assert found == {"hci0": True, "hci1": False}


@pytest.mark.usefixtures("_bus")
async def test_a_ring_that_is_connected_already_is_told():
    def device(address, *, on, uuids):
        values = {"Address": ("s", address), "Connected": ("b", on), "UUIDs": ("as", uuids)}
        return {"org.bluez.Device1": {name: Variant(*value) for name, value in values.items()}}

    objects = {
        "/org/bluez/hci0/dev_A": device("A", on=True, uuids=["ours"]),
        "/org/bluez/hci0/dev_B": device("B", on=False, uuids=["ours"]),
        "/org/bluez/hci0/dev_C": device("C", on=True, uuids=["another"]),
    }
    answer = lambda message: Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])  # noqa: E731
    async with bluez(answer):
        assert await asyncio.to_thread(connected, "ours") == ["A"]


@pytest.mark.usefixtures("_bus")
async def test_a_bluez_that_refuses_is_told_by_the_errors_name():
    denied = "org.freedesktop.DBus.Error.AccessDenied"

    async with bluez(lambda message: Message.new_error(message, denied, "no")):
        with pytest.raises(BlueZError, match=denied):
            await asyncio.to_thread(adapters)


@pytest.mark.usefixtures("_bus")
async def test_a_bus_without_bluez_is_told():
    with pytest.raises(BlueZError, match=r"ServiceUnknown"):
        await asyncio.to_thread(adapters)


async def test_no_bus_is_an_error_of_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")

    with pytest.raises(OSError, match="No such file"):
        await asyncio.to_thread(adapters)
