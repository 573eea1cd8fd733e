"""Says what three pins heed, and falls asleep with two of them held."""

import machine
from machine import Pin

found = Pin(10).value()
Pin(10, Pin.OUT, value=0)
before = Pin(10).value()
Pin(10).init(hold=False)
print("of the run before", found, before, Pin(10).value())
Pin(7, Pin.OUT, value=0, hold=True).value(1)
before = Pin(7).value()
Pin(7).init(hold=False)
print("of this run", before, Pin(7).value())
Pin(10, Pin.OUT, value=1, hold=True)
Pin(3, Pin.IN, Pin.PULL_UP, hold=True)
machine.deepsleep()
