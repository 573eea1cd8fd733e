"""Prints what the chip knows of itself."""

import machine

print(machine.unique_id().hex())
print(machine.reset_cause() == machine.WDT_RESET)
battery = machine.ADC(machine.Pin(3), atten=machine.ADC.ATTN_11DB)
print(battery.read_uv(), battery.read_u16())
machine.RTC().memory(b"kept")
print(machine.RTC().memory())
