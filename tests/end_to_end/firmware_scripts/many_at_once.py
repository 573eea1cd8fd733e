"""Says how many of 200 writes ever waited for the firmware, which takes them as they come."""

import asyncio

import bluetooth
import machine  # noqa: F401 - what stands still

WRITES = 200
_IRQ_GATTS_WRITE = 3

waiting = 0
flag = asyncio.ThreadSafeFlag()


def interrupt(event, _data):
    global waiting
    if event == _IRQ_GATTS_WRITE:
        waiting += 1
        flag.set()


async def main():
    global waiting
    taken = most = 0
    while taken < WRITES:
        await flag.wait()
        most = max(most, waiting)
        taken, waiting = taken + waiting, 0
    print(most)


ble = bluetooth.BLE()
ble.active(True)
ble.irq(interrupt)
characteristic = (bluetooth.UUID(2), bluetooth.FLAG_WRITE_NO_RESPONSE)
((handle,),) = ble.gatts_register_services(((bluetooth.UUID(1), (characteristic,)),))
print("handle", handle)
asyncio.run(main())
