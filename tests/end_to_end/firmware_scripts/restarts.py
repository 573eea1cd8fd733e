"""Tells how it started, and ends as it is told by the number of its starts, in RTC memory."""

import esp32
import machine
from machine import Pin

from mynah_parts.power import Power

kept = machine.RTC().memory()
print("start", len(kept), "cause", machine.reset_cause(), "wake", machine.wake_reason(), end=" ")
print("pins", machine.wake_pins(), "button", Pin(1, Pin.IN, Pin.PULL_UP).value())
machine.RTC().memory(kept + b".")
with open("ends") as file:
    end = file.read().split()[len(kept)]
if end == "reset":
    try:
        machine.reset()
    finally:
        print("a chip would not print this")
elif end == "nap":
    machine.deepsleep(50)
elif end == "sleep":
    Power(1 if hasattr(esp32, "wake_on_ext0") else 3, print, lambda: True).sleep(None)
elif end == "spin":
    machine.WDT(timeout=1000)
    while True:
        pass
elif end == "crash":
    machine.WDT(timeout=1000)
    raise ValueError("nobody feeds at the REPL")
print("done")
