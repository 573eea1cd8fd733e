"""Says what `bluetooth` does in each case; the test plays the host by hand, without a radio."""

import asyncio
import gc
import json

import bluetooth

_IRQ_CENTRAL_CONNECT = 1
_IRQ_GATTS_WRITE = 3
_IRQ_MTU_EXCHANGED = 21

RECORD = bytes(97)
ble = bluetooth.BLE()
kept = None


def tell(name, value):
    print(json.dumps({name: value}))


def error_of(call, *arguments, **settings):
    try:
        call(*arguments, **settings)
    except OSError as error:
        return error.errno
    except (AttributeError, TypeError, ValueError) as error:
        return type(error).__name__
    return 0


def flood(limit):
    sent = 0
    while sent < limit and not error_of(ble.gatts_notify, 0, up, b"x"):
        sent += 1
    return sent


def interrupt(event, data):
    global kept
    if event == _IRQ_CENTRAL_CONNECT:
        kept = data[2]
        tell("address", kept.hex())
    elif event == _IRQ_MTU_EXCHANGED:
        tell("address afterwards", kept.hex())
        gc.collect()
        before = gc.mem_alloc()
        for _ in range(3):
            ble.gatts_notify(0, up, RECORD)
        tell("allocated", gc.mem_alloc() - before)
        tell("room", 3 + flood(100))
        tell("full", error_of(ble.gatts_notify, 0, up, b"x"))
    elif event == _IRQ_GATTS_WRITE and data[1] == append:
        pass
    elif event == _IRQ_GATTS_WRITE and data[1] == down:
        tell("down", ble.gatts_read(down).hex())
        tell("down again", len(ble.gatts_read(down)))
    elif event == _IRQ_GATTS_WRITE and data[1] == check:
        tell("append", ble.gatts_read(append).hex())
        tell("append again", ble.gatts_read(append).hex())
        tell("room again", flood(100))
        raise ZeroDivisionError("divide by zero")  # printed and forgotten, as on a chip


tell("inactive", error_of(ble.gap_advertise, 100_000))
ble.active(True)
ble.irq(interrupt)
ble.config(mtu=300, gap_name="ring", addr_mode=0)
tell("mtu", ble.config("mtu"))
tell("rxbuf", error_of(ble.config, rxbuf=1024))
tell("mtu too large", error_of(ble.config, mtu=1000))
tell("central", error_of(lambda: ble.gap_scan(1000)))
flags = bluetooth.FLAG_WRITE
service = (
    bluetooth.UUID(0x180D),
    (
        (bluetooth.UUID(0x2A37), bluetooth.FLAG_NOTIFY),
        (bluetooth.UUID("12345678-0000-4000-8000-000000000003"), flags),
        (bluetooth.UUID(0x2A39), flags),
        (bluetooth.UUID(0x2A3A), flags),
    ),
)
((up, down, append, check),) = ble.gatts_register_services((service,))
tell("registered twice", error_of(ble.gatts_register_services, (service,)))
ble.gatts_set_buffer(append, 8, True)
ble.gatts_write(check, bytes(range(30)))
tell("grown", len(ble.gatts_read(check)))
tell("nobody", error_of(ble.gatts_notify, 0, up, b"x"))
tell("no such handle", error_of(ble.gatts_read, 999))
tell("advertisement too long", error_of(ble.gap_advertise, 100_000, bytes(32)))
tell("hang up on nobody", ble.gap_disconnect(0))
tell("handles", [up, down, append, check])
print("ready")

asyncio.get_event_loop().run_forever()
