import asyncio
import json
from types import SimpleNamespace

import pytest
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from mynah.cli import invoke
from mynah.devices import strength
from mynah.emulator.emulated import emulated_keys
from mynah.errors import LinkError
from mynah.link.ble import Backends
from mynah.link.keys import RingKey
from mynah.link.nearby import Nearby, scan
from mynah.link.ports import SerialPort, esp32_ports
from mynah_wire.advertising import COMPANY_ID, tag
from mynah_wire.gatt import SERVICE_UUID

OURS = RingKey("0123456789abcdef", bytes(32))
HEARD = [
    ("A", tag(b"s" * 32, b"abc"), -50),
    ("B", tag(OURS.secret, b"abc"), -80),
    ("B", tag(OURS.secret, b"abd"), -70),
    ("C", b"short", -90),
]


class Air(BaseBleakScanner):
    """A scanner that hears what it is given."""

    heard = HEARD
    error = None

    def __init__(self, detection_callback, service_uuids, _mode, **_others):
        super().__init__(detection_callback, service_uuids)

    async def start(self):
        self.seen_devices = {}
        if self.error is not None:
            raise self.error
        for address, mark, rssi in self.heard:
            data = AdvertisementData(None, {COMPANY_ID: mark}, {}, [SERVICE_UUID], None, rssi, ())
            device = self.create_or_update_device(address, address, None, None, data)
            self.call_detection_callbacks(device, data)

    async def stop(self):
        pass


def air(**attributes):
    return Backends(scanner=type("Chosen", (Air,), attributes))


async def test_our_rings_are_known_by_their_tag_and_the_strongest_come_first():
    found = await scan([OURS], 0, air())

    assert found == [
        Nearby("A", None, -50),
        Nearby("B", OURS.device_id, -70),
        Nearby("C", None, -90),
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileNotFoundError(2, "No such file"), "there is no Bluetooth on this computer"),
        (BleakError("no powered\nadapter"), "can't be used here (no powered adapter)"),
        (EOFError(), "can't be used here (EOFError)"),
        (TimeoutError(), "does not answer"),
    ],
)
async def test_bluetooth_that_can_not_be_used_is_told_in_one_line(error, told):
    with pytest.raises(LinkError) as caught:
        await scan([OURS], 0, air(error=error))

    assert told in str(caught.value)
    assert str(caught.value).endswith("; run mynah doctor")


@pytest.mark.parametrize(("rssi", "word"), [(-60, "strong"), (-61, "fair"), (-81, "weak")])
def test_a_signal_has_a_word(rssi, word):
    assert strength(rssi) == word


def test_only_ports_with_an_esp32_behind_them_are_listed():
    ports = [
        SimpleNamespace(device="/dev/ttyUSB1", vid=0x1A86),
        SimpleNamespace(device="/dev/ttyS0", vid=None),
        SimpleNamespace(device="/dev/ttyUSB0", vid=0x0403),
        SimpleNamespace(device="/dev/ttyACM0", vid=0x303A),
    ]

    assert esp32_ports(lambda: ports) == [
        SerialPort("/dev/ttyACM0", "Espressif's own USB"),
        SerialPort("/dev/ttyUSB1", "CH34x"),
    ]


def listed(capsys):
    assert invoke(["devices", "--link", "emulator:", "--seconds", "1", "--json"]) == 0
    (ring,) = json.loads(capsys.readouterr().out)["rings"]
    return ring


def test_an_emulated_ring_is_a_stranger_until_it_is_paired(capsys):
    before = listed(capsys)
    invoke(["pair", "--link", "emulator:"])
    capsys.readouterr()
    after = listed(capsys)
    (key,) = emulated_keys().all()

    assert before["device_id"] is None
    assert after["device_id"] == key.device_id
    assert before["rssi_dbm"] < 0


def test_the_command_shows_rings_and_boards(capsys, monkeypatch):
    from mynah import devices

    async def look(_link, _seconds):
        await asyncio.sleep(0)
        rings = [Nearby("A", OURS.device_id, -50), Nearby("B", None, -90)]
        return devices.Devices(rings, [SerialPort("/dev/ttyACM0", "CP210x")])

    monkeypatch.setattr(devices, "look", look)

    assert invoke(["devices"]) == 0
    out = capsys.readouterr().out
    assert f"ring {OURS.device_id}" in out
    assert "-50 dBm, strong" in out
    assert "not paired with you" in out
    assert "/dev/ttyACM0" in out


def test_without_bluetooth_the_boards_are_still_shown(capsys, monkeypatch):
    from mynah import devices

    async def look(_link, _seconds):
        await asyncio.sleep(0)
        return devices.Devices([], [SerialPort("/dev/ttyACM0", "CP210x")], "no Bluetooth; do this")

    monkeypatch.setattr(devices, "look", look)

    assert invoke(["devices"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "no Bluetooth; do this"
    assert "/dev/ttyACM0" in out
