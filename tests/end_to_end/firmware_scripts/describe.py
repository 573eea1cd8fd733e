"""Prints what the chip knows of itself."""

import machine

print(machine.unique_id().hex())
print(machine.reset_cause() == machine.WDT_RESET)
adc = machine.ADC(machine.Pin(2))
print(adc.read_uv(), adc.read_u16())
machine.RTC().memory(b"kept")
print(machine.RTC().memory())
