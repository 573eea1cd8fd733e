"""The ring's end of Bluetooth LE, on the raw interrupt API.

The handler runs on NimBLE's task, whose stack is small and whose buffers are gone when it returns:
it copies, queues and returns. MicroPython tells nothing of subscriptions, so nothing here
depends on them: the session speaks when it is spoken to.
"""

import bluetooth
from micropython import const

from mynah_device import actions
from mynah_wire.gatt import BEST_MTU, DOWNLINK_UUID, SERVICE_UUID, UPLINK_UUID, record_limit

from .events import Events

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_MTU_EXCHANGED = const(21)
_IRQ_CONNECTION_UPDATE = const(27)
_ADVERTISING_INTERVAL_US = const(100_000)  # found within a second by hosts that scan lazily
_ANONYMOUS = b"mynah"  # the GAP name: nothing of the wearer's


class Radio:
    """One connection; what happens comes out of `events`, records go in by `notify`."""

    def __init__(self, ble: bluetooth.BLE) -> None:
        self._ble = ble
        self._connection = -1
        self.events = Events()
        ble.active(True)
        ble.config(gap_name=_ANONYMOUS, mtu=BEST_MTU)
        ble.irq(self._interrupt)
        self._uplink, self._downlink = self._register()
        ble.gatts_set_buffer(self._downlink, record_limit(BEST_MTU))

    def _register(self) -> "tuple[int, int]":
        uplink = (bluetooth.UUID(UPLINK_UUID), bluetooth.FLAG_NOTIFY)
        downlink = (bluetooth.UUID(DOWNLINK_UUID), bluetooth.FLAG_WRITE_NO_RESPONSE)
        service = (bluetooth.UUID(SERVICE_UUID), (uplink, downlink))
        return self._ble.gatts_register_services((service,))[0]

    def advertise(self, payload: bytes) -> None:
        """Be found, with a new payload."""
        self._ble.gap_advertise(None)
        self._ble.gap_advertise(_ADVERTISING_INTERVAL_US, adv_data=payload)

    def hide(self) -> None:
        """Be found no more, until `advertise`."""
        self._ble.gap_advertise(None)

    def disconnect(self) -> None:
        """Hang up."""
        if self._connection >= 0:
            self._ble.gap_disconnect(self._connection)

    def notify(self, record: "bytes | bytearray | memoryview") -> bool:
        """Send a record; False if it was not taken: wait, then send the same bytes.

        The pool is full, or the link is gone: then an event is on its way that ends the session.
        """
        try:
            self._ble.gatts_notify(self._connection, self._uplink, record)
        except OSError:
            return False
        return True

    def _interrupt(self, event: int, data: "tuple[int, ...]") -> None:
        if event == _IRQ_CENTRAL_CONNECT:
            self._connect(data[0])
        elif data[0] != self._connection:
            return  # of a second central, which is being hung up on
        elif event == _IRQ_GATTS_WRITE:
            if data[1] == self._downlink:
                self.events.put(actions.RECEIVED, self._ble.gatts_read(self._downlink))
        elif event == _IRQ_CENTRAL_DISCONNECT:
            self._connection = -1
            self.events.put(actions.DISCONNECTED)
        elif event == _IRQ_MTU_EXCHANGED:
            self.events.put(actions.MTU, data[1])
        elif event == _IRQ_CONNECTION_UPDATE:
            self.events.put(actions.INTERVAL, data[1])

    def _connect(self, connection: int) -> None:
        # A tag may have rotated, and so advertised again, just as the first central connected.
        if self._connection >= 0:
            self._ble.gap_disconnect(connection)
            return
        self._connection = connection
        self.events.put(actions.CONNECTED)
