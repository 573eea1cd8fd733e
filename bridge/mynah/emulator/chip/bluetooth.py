"""Stand-in for MicroPython's `bluetooth` as an ESP32 has it: the raw peripheral API over NimBLE.

Attribute values live here, on the device's side. It offers no central role, no pairing, no L2CAP
and no indications: asking for them fails, as does anything that an ESP32 does not have.
"""

import json
import struct

import _attribute
import _channel
import _ring
import _topics

FLAG_BROADCAST = 0x0001
FLAG_READ = 0x0002
FLAG_WRITE_NO_RESPONSE = 0x0004
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
FLAG_INDICATE = 0x0020

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_MTU_EXCHANGED = 21
_IRQ_CONNECTION_UPDATE = 27

_ENOMEM = 12
_EBUSY = 16
_ENODEV = 19
_EINVAL = 22
_ENOTCONN = 128  # newlib's number, which an ESP32 shows; Linux would say 107

_DEFAULT_MTU = 23
_MAX_MTU = 517
_PREFERRED_MTU = 256  # NimBLE's; a bigger one is used only when the central asks for an exchange
_NOTIFICATION_HEADER_BYTES = 3  # opcode and handle
_MAX_ADVERTISEMENT_BYTES = 31
_PUBLIC_ADDRESS = 0
_SHORT_DIGITS = 4
_FIRST_HANDLE = 16  # NimBLE's own GAP and GATT services come first
_NOTIFICATION_BUFFERS = 12  # NimBLE's pool on an ESP32; nothing tells Python when one is free again

_POISON = b"\xdd\xdd\xdd\xdd\xdd\xdd"


class UUID(bytes):
    """A UUID from its 16-bit number, its text or its bytes; as bytes it is little-endian."""

    def __init__(self, value):
        if isinstance(value, int):
            value = struct.pack("<H", value)
        elif isinstance(value, str):
            value = bytes(reversed(bytes.fromhex(value.replace("-", ""))))
        if len(value) not in (2, 16):
            raise ValueError("invalid UUID")
        super().__init__(value)

    def __str__(self):
        digits = bytes(reversed(bytes(self))).hex()
        if len(digits) == _SHORT_DIGITS:
            return digits
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class _Connection:
    def __init__(self):
        self.mtu = _DEFAULT_MTU
        self.outstanding = 0


class BLE:
    """The one radio; every call of `BLE()` gives the same one."""

    _the_one = None

    def __new__(cls):
        if cls._the_one is None:
            cls._the_one = super().__new__(cls)
            cls._the_one._power_up()
        return cls._the_one

    def _power_up(self):
        self._active = False
        self._handler = None
        self._config = {"mtu": _PREFERRED_MTU, "gap_name": b"MPY ESP32"}
        self._values = {}
        self._connections = {}
        self._advertising = False
        self._advertisement = b""
        self._response = b""
        self._outstanding = 0
        self._refusals = 0
        self._notify_head = bytearray(4)
        self._address = bytearray(6)
        _channel.on(_topics.CONNECTED, self._on_connected)
        _channel.on(_topics.DISCONNECTED, self._on_disconnected)
        _channel.on(_topics.WRITE, self._on_write)
        _channel.on(_topics.MTU, self._on_mtu)
        _channel.on(_topics.SENT, self._on_sent)
        _channel.on(_topics.UPDATED, self._on_updated)
        _channel.on(_topics.ENOMEM, self._on_enomem)

    def active(self, on=None):
        if on is not None and bool(on) != self._active:
            self._active = bool(on)
            self._advertising = False
            self._connections.clear()
            self._outstanding = 0
            _channel.send(_topics.ACTIVE, bytes([self._active]))
        return self._active

    def config(self, *names, **settings):
        """Read one parameter, or set some."""
        if settings and not names:
            self._set(settings)
            return None
        if len(names) != 1 or settings:
            raise TypeError("one parameter to read, or keywords to set")
        if names[0] not in self._config:
            raise ValueError("unknown config param")
        return self._config[names[0]]

    def _set(self, settings):
        for name, value in settings.items():
            self._configure(name, value)
        told = {"mtu": self._config["mtu"], "gap_name": self._config["gap_name"].decode()}
        _channel.send(_topics.CONFIG, json.dumps(told).encode())

    def _configure(self, name, value):
        if name == "mtu":
            self._refuse_unless(_DEFAULT_MTU <= value <= _MAX_MTU)
            self._config["mtu"] = value
        elif name == "gap_name":
            self._config["gap_name"] = value.encode() if isinstance(value, str) else bytes(value)
        elif name == "addr_mode":
            if value != _PUBLIC_ADDRESS:
                raise NotImplementedError("the emulated ring keeps its public address")
        else:  # `rxbuf` too: an ESP32 calls the handler at once and has no buffer of events
            raise ValueError("unknown config param")

    def irq(self, handler):
        self._handler = handler

    def gatts_register_services(self, services):
        self._need_active()
        if self._advertising or self._connections or self._values:
            raise OSError(_EBUSY)
        handle = _FIRST_HANDLE
        told = []
        handles = []
        for service, characteristics in services:
            handle += 1
            told.append([str(service), []])
            handles.append([])
            for uuid, flags in characteristics:
                if flags & ~(FLAG_WRITE_NO_RESPONSE | FLAG_WRITE | FLAG_NOTIFY):
                    raise NotImplementedError("the emulated ring can only be written to and notify")
                handle += 2
                self._values[handle] = _attribute.Value()
                told[-1][1].append([str(uuid), flags, handle])
                handles[-1].append(handle)
                if flags & FLAG_NOTIFY:
                    handle += 1
        _channel.send(_topics.SERVICES, json.dumps(told).encode())
        return tuple(tuple(each) for each in handles)

    def gatts_set_buffer(self, handle, length, append=False):
        self._value(handle).resize(length, append)

    def gatts_read(self, handle):
        return self._value(handle).read()

    def gatts_write(self, handle, data, send_update=False):
        if send_update:
            raise NotImplementedError("the emulated ring sends updates by gatts_notify alone")
        self._value(handle).write_here(data)

    def gatts_notify(self, conn_handle, handle, data=None):
        """Queue a copy and return at once, whether or not the central has subscribed."""
        value = self._value(handle)
        connection = self._connections.get(conn_handle)
        if connection is None:
            raise OSError(_ENOTCONN)
        if self._refusals or self._outstanding >= _NOTIFICATION_BUFFERS:
            self._refusals = max(0, self._refusals - 1)
            _ring.trace("enomem", outstanding=self._outstanding)
            raise OSError(_ENOMEM)
        if data is None:
            data = value.read()
        room = connection.mtu - _NOTIFICATION_HEADER_BYTES
        if len(data) > room:
            _ring.trace("notification_truncated", bytes=len(data), room=room)
            data = data[:room]
        struct.pack_into("<HH", self._notify_head, 0, conn_handle, handle)
        _channel.send2(_topics.NOTIFY, self._notify_head, data)
        connection.outstanding += 1
        self._outstanding += 1

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._need_active()
        if not connectable:
            raise NotImplementedError("the emulated ring advertises to be connected to")
        if adv_data is not None:
            self._advertisement = bytes(adv_data)
        if resp_data is not None:
            self._response = bytes(resp_data)
        self._refuse_unless(len(self._advertisement) <= _MAX_ADVERTISEMENT_BYTES)
        self._refuse_unless(len(self._response) <= _MAX_ADVERTISEMENT_BYTES)
        self._advertising = interval_us is not None
        head = struct.pack("<IB", interval_us or 0, len(self._advertisement))
        _channel.send2(_topics.ADVERTISE, head, self._advertisement + self._response)

    def gap_disconnect(self, conn_handle):
        self._need_active()
        if conn_handle not in self._connections:
            return False
        _channel.send(_topics.DISCONNECT, struct.pack("<H", conn_handle))
        return True

    def _need_active(self):
        if not self._active:
            raise OSError(_ENODEV)

    def _refuse_unless(self, condition):
        if not condition:
            raise OSError(_EINVAL)

    def _value(self, handle):
        self._need_active()
        self._refuse_unless(handle in self._values)
        return self._values[handle]

    def _on_connected(self, body):
        connection = struct.unpack_from("<H", body)[0]
        self._connections[connection] = _Connection()
        self._advertising = False
        self._tell_of_peer(_IRQ_CENTRAL_CONNECT, body)

    def _on_disconnected(self, body):
        gone = self._connections.pop(struct.unpack_from("<H", body)[0], None)
        if gone:
            self._outstanding -= gone.outstanding
            self._tell_of_peer(_IRQ_CENTRAL_DISCONNECT, body)

    def _tell_of_peer(self, event, body):
        connection, address_type = struct.unpack_from("<HB", body)
        self._address[:] = body[3:9]
        try:
            self._tell(event, (connection, address_type, memoryview(self._address)))
        finally:
            self._address[:] = _POISON  # on a chip too, the address is gone after the handler

    def _on_write(self, body):
        connection, handle = struct.unpack_from("<HH", body)
        if connection in self._connections:
            self._values[handle].write_by_central(memoryview(body)[4:])
            self._tell(_IRQ_GATTS_WRITE, (connection, handle))

    def _on_mtu(self, body):
        connection, mtu = struct.unpack("<HH", body)
        if connection in self._connections:
            self._connections[connection].mtu = mtu
            self._tell(_IRQ_MTU_EXCHANGED, (connection, mtu))

    def _on_sent(self, body):
        connection = self._connections.get(struct.unpack("<H", body)[0])
        if connection:
            connection.outstanding -= 1
            self._outstanding -= 1

    def _on_enomem(self, body):
        self._refusals += struct.unpack("<H", body)[0]

    def _on_updated(self, body):
        self._tell(_IRQ_CONNECTION_UPDATE, struct.unpack("<HHHHH", body))

    def _tell(self, event, data):
        if self._handler and self._active:
            self._handler(event, data)
