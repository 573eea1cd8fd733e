"""A ring that does with its radio what the test writes to it; see `commands` at the end."""

import asyncio
import struct

import bluetooth

SERVICE = bluetooth.UUID("12345678-0000-4000-8000-000000000001")
UP = bluetooth.UUID("12345678-0000-4000-8000-000000000002")
DOWN = bluetooth.UUID("12345678-0000-4000-8000-000000000003")

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_MTU_EXCHANGED = 21
_IRQ_CONNECTION_UPDATE = 27

ble = bluetooth.BLE()
wake = asyncio.Event()
writes = []
connection = None


def interrupt(event, data):
    global connection
    if event == _IRQ_CENTRAL_CONNECT:
        connection = data[0]
        print("connected", connection, bytes(data[2]).hex())
    elif event == _IRQ_CENTRAL_DISCONNECT:
        print("disconnected", data[0])
        connection = None
        advertise()
    elif event == _IRQ_GATTS_WRITE:
        writes.append(ble.gatts_read(down))
        wake.set()
    elif event == _IRQ_MTU_EXCHANGED:
        print("mtu", data[1])
    elif event == _IRQ_CONNECTION_UPDATE:
        print("interval", data[1], "timeout", data[3])


def advertise():
    flags = b"\x02\x01\x06"
    manufacturer = b"\x09\xff\xff\xff" + b"secret"
    ble.gap_advertise(
        50_000, flags + b"\x11\x07" + bytes(SERVICE) + manufacturer, resp_data=b"\x05\x09ring"
    )


async def notify(value):
    while True:
        try:
            ble.gatts_notify(connection, up, value)
            return
        except OSError as error:
            if error.errno != 12:
                raise
            await asyncio.sleep_ms(5)


async def count(first, end, size):
    filling = bytes(size - 4)
    for number in range(first, end):
        await notify(struct.pack("<I", number) + filling)


async def pace(end, size, period_ms):
    import time

    filling = bytes(size - 4)
    start = time.ticks_ms()
    for number in range(end):
        await asyncio.sleep_ms(max(0, start + number * period_ms - time.ticks_ms()))
        await notify(struct.pack("<I", number) + filling)


async def commands():
    global writes
    received = 0
    while True:
        await wake.wait()
        wake.clear()
        todo, writes = writes, []
        for value in todo:
            received += 1
            verb = value[:1]
            if verb == b"C":
                asyncio.create_task(count(0, *struct.unpack("<HH", value[1:])))
            elif verb == b"P":
                asyncio.create_task(pace(*struct.unpack("<HHH", value[1:])))
            elif verb == b"E":
                await notify(value[1:])
            elif verb == b"R":
                await notify(struct.pack("<I", received))
            elif verb == b"D":
                ble.gap_disconnect(connection)


ble.active(True)
ble.config(mtu=517)
ble.irq(interrupt)
((up, down),) = ble.gatts_register_services(
    ((SERVICE, ((UP, bluetooth.FLAG_NOTIFY), (DOWN, bluetooth.FLAG_WRITE_NO_RESPONSE))),)
)
ble.gatts_set_buffer(down, 512)
advertise()
asyncio.run(commands())
