import asyncio
from types import SimpleNamespace

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.link import ble
from mynah.link.fake_radio import FakeRadio
from mynah.link.keys import RingKey
from mynah.link.trouble import Kind, kind_of
from tests.bridge.virtual_time import in_virtual_time


class Client:
    """A connection: it notifies as soon as somebody listens."""

    is_connected = True

    def __init__(self):
        everything = SimpleNamespace(max_write_without_response_size=244)
        self.services = SimpleNamespace(get_characteristic=lambda _uuid: everything)

    async def start_notify(self, characteristic, callback):
        callback(characteristic, bytearray(b"hello"))

    async def disconnect(self):
        pass


async def test_a_first_attempt_that_failed_does_not_end_the_second(monkeypatch):
    async def establish_connection(_class, _device, _name, *, disconnected_callback, **_arguments):
        client = Client()
        disconnected_callback(client)  # as bleak does of an attempt that it gives up
        return client

    async def found(_scanner, keys, _strangers):
        return SimpleNamespace(address="F0:9E:9E:00:00:01"), keys[0]

    monkeypatch.setattr(ble, "establish_connection", establish_connection)
    monkeypatch.setattr(ble.Scanner, "find", found)
    link = ble.BleLink([RingKey("0102030405060708", bytes(32))])

    assert await link.open() == 247
    async with asyncio.timeout(1):
        assert await link.receive() == b"hello"


@in_virtual_time
async def test_who_has_no_supervisor_is_told_after_a_while_that_no_ring_is_in_range():
    radio = FakeRadio()
    radio.add(SimulatedRing(bytes(32)), RingKey("0102030405060708", bytes(32)))
    link = ble.BleLink([RingKey("0807060504030201", bytes([1] * 32))], backends=radio.backends)

    with pytest.raises(LinkError, match="in range after 15 s, but 1 other is") as caught:
        await link.open()

    assert kind_of(caught.value) is Kind.AWAY
    assert radio.scanning == 0


async def test_without_a_key_there_is_no_hope():
    with pytest.raises(LinkError, match="mynah pair") as caught:
        await ble.BleLink([]).open()

    assert kind_of(caught.value) is Kind.HOPELESS
