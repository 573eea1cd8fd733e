"""What Bluetooth stacks say, in their own words, and what it means for a person."""

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from mynah.errors import DeviceError, LinkError
from mynah.link.trouble import TROUBLES, Kind, kind_of, told
from mynah_wire.errors import RefusedError
from mynah_wire.handshake import (
    REFUSED_BUSY,
    REFUSED_KEY,
    REFUSED_MTU,
    REFUSED_NO_KEY,
    REFUSED_VERSION,
)

BLUEZ = "org.bluez.Error"
DBUS = "org.freedesktop.DBus.Error"
OFF = BleakBluetoothNotAvailableReason.POWERED_OFF
NONE = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
DENIED = BleakBluetoothNotAvailableReason.DENIED_BY_USER

SAID = [
    (BleakDBusError(f"{BLUEZ}.InProgress", ["Operation already in progress"]), Kind.IN_PROGRESS),
    (BleakDBusError(f"{BLUEZ}.Failed", ["Operation already in progress"]), Kind.IN_PROGRESS),
    (BleakDBusError(f"{BLUEZ}.InProgress", ["br-connection-busy"]), Kind.IN_PROGRESS),
    (BleakDBusError(f"{BLUEZ}.Failed", ["le-connection-abort-by-local"]), Kind.AWAY),
    (BleakDBusError(f"{BLUEZ}.Failed", ["br-connection-canceled"]), Kind.AWAY),
    (BleakDBusError(f"{BLUEZ}.Failed", ["Software caused connection abort"]), Kind.AWAY),
    (BleakDBusError(f"{BLUEZ}.Failed", ["Not connected"]), Kind.AWAY),
    (BleakDBusError(f"{BLUEZ}.NotReady", ["Resource Not Ready"]), Kind.ADAPTER_OFF),
    (BleakDBusError(f"{BLUEZ}.AuthenticationFailed", ["Authentication Failed"]), Kind.BOND_LOST),
    (BleakDBusError(f"{BLUEZ}.AuthenticationCanceled", []), Kind.BOND_LOST),
    (BleakDBusError(f"{BLUEZ}.NotAuthorized", ["Not Authorized"]), Kind.DENIED),
    (BleakDBusError(f"{DBUS}.AccessDenied", ["Rejected send message"]), Kind.DENIED),
    (BleakDBusError(f"{DBUS}.ServiceUnknown", ["The name org.bluez was not"]), Kind.NO_ADAPTER),
    (BleakDBusError(f"{DBUS}.NoReply", ["Did not receive a reply"]), Kind.STALLED),
    (BleakDBusError(f"{DBUS}.UnknownObject", ['Method "Connect" doesn\'t exist']), Kind.AWAY),
    (
        BleakBluetoothNotAvailableError("No powered Bluetooth adapters found.", OFF),
        Kind.ADAPTER_OFF,
    ),
    (BleakBluetoothNotAvailableError("Bluetooth device is turned off", OFF), Kind.ADAPTER_OFF),
    (BleakBluetoothNotAvailableError("No Bluetooth adapters found.", NONE), Kind.NO_ADAPTER),
    (BleakBluetoothNotAvailableError("Bluetooth is unsupported", NONE), Kind.NO_ADAPTER),
    (BleakBluetoothNotAvailableError("User denied permission", DENIED), Kind.DENIED),
    (BleakError("adapter 'hci0' not found"), Kind.NO_ADAPTER),
    (BleakError("Failed to start scanner. Is Bluetooth turned on?"), Kind.ADAPTER_OFF),
    (BleakError("failed to discover services, device disconnected"), Kind.AWAY),
    (BleakError("Service Discovery has not been performed yet"), Kind.STALE_CACHE),
    (BleakError("Could not get GATT services: Unreachable"), Kind.AWAY),
    (BleakError("Could not get GATT services: Access Denied"), Kind.DENIED),
    (BleakError("Peer removed pairing information"), Kind.BOND_LOST),
    (BleakError("no available connection slots"), Kind.NO_SLOTS),
    (BleakError("F0:9E:9E:00:00:01 is connected already"), Kind.IN_PROGRESS),
    (BleakError("connecting failed: HCI_CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR"), Kind.AWAY),
    (BleakCharacteristicNotFoundError("6d79"), Kind.STALE_CACHE),
    (BleakDeviceNotFoundError("F0:9E", "Device with address F0:9E was not found."), Kind.AWAY),
    (BleakGATTProtocolError(BleakGATTProtocolErrorCode.INVALID_HANDLE), Kind.STALE_CACHE),
    (BleakGATTProtocolError(BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION), Kind.BOND_LOST),
    (KeyError("org.bluez.GattService1"), Kind.STALE_CACHE),
    (EOFError(), Kind.STALLED),
    (BrokenPipeError(32, "Broken pipe"), Kind.STALLED),
    (TimeoutError(), Kind.AWAY),
    (FileNotFoundError(2, "No such file or directory"), Kind.NO_ADAPTER),
    (PermissionError(13, "Permission denied"), Kind.DENIED),
    (ZeroDivisionError("what is this"), Kind.OTHER),
]


def caused(error, by):
    error.__cause__ = by
    return error


@pytest.mark.parametrize(("error", "kind"), SAID, ids=lambda value: str(value)[:50])
def test_what_a_stack_says_is_known_alone_and_as_the_cause_of_ours(error, kind):
    ours = caused(LinkError(f"no connection to the ring: {error or type(error).__name__}"), error)

    assert kind_of(error) is kind
    assert kind_of(ours) is kind
    assert kind_of(ExceptionGroup("tasks", [ours])) is kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (REFUSED_KEY, Kind.WRONG_KEY),
        (REFUSED_NO_KEY, Kind.WRONG_KEY),
        (REFUSED_BUSY, Kind.BUSY),
        (REFUSED_MTU, Kind.UNFIT),
        (REFUSED_VERSION, Kind.UNFIT),
    ],
)
def test_why_a_ring_refuses_is_known(reason, kind):
    assert kind_of(caused(DeviceError("the ring refused us"), RefusedError(reason, "no"))) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the ring went out of reach", Kind.AWAY),
        ("the ring fell silent: is it in range, and is it a ring of version 1?", Kind.AWAY),
        ("the ring did not answer: is it in range, and is it a ring of version 1?", Kind.SILENT),
        ("the link's MTU is 23, audio needs 185: this computer's Bluetooth can't", Kind.UNFIT),
        ("F0:9E advertises as a ring but has not its service", Kind.STALE_CACHE),
        ("Bluetooth does not answer; run mynah doctor", Kind.STALLED),
        ("the cable at /dev/ttyACM0 was pulled, or the ring hangs: gone", Kind.UNPLUGGED),
        ("ring 01 has a key (fingerprint 02) that this computer has not; pair it", Kind.WRONG_KEY),
    ],
)
def test_what_we_say_ourselves_is_known(text, kind):
    assert kind_of(DeviceError(text)) is kind


def test_what_no_trying_mends_is_hopeless():
    assert kind_of(LinkError("no key for ble:", retryable=False)) is Kind.HOPELESS


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_one_line_that_says_what_is_wrong_and_what_to_do(kind):
    line = told(kind, LinkError("the port is gone"))

    assert line.count("\n") == 0
    assert line[-1] != "."
    assert TROUBLES[kind].line or "the port is gone" in line
    assert TROUBLES[kind].step or kind in (Kind.HOPELESS, Kind.OTHER)
