"""What the stand-ins on the device's side and the emulator on the host's say to each other.

A message is `<HB` (length of the body, topic) and the body; all integers are little-endian.
MicroPython and CPython both import this file: plain integers, no imports.
"""

HEADER = "<HB"
HEADER_BYTES = 3

# from the device
SERVICES = 0x01  # JSON [[service, [[uuid, flags, value_handle], …]], …]
ADVERTISE = 0x02  # interval_us u32 (0 stops), length of advertisement u8, advertisement, response
NOTIFY = 0x03  # connection u16, value_handle u16, value
DISCONNECT = 0x04  # connection u16
CONFIG = 0x05  # JSON {"mtu": …, "gap_name": …}
ACTIVE = 0x06  # u8
TRACE = 0x10  # one JSON object: {"event": …, …}
FLASH_WRITE = 0x11  # the flash is being changed
POWER_CUT = 0x12  # the power went; the process only waits to be killed
ENDED = 0x13  # JSON {"code": one of _exits, …}: a reset or a deep sleep; it waits to be killed
FED = 0x14  # u32 timeout_ms, u64 the computer's clock, us: the watchdog was fed, or started
RTC_MEMORY = 0x15  # all that RTC memory holds now
HELD = 0x16  # JSON {pin: level, null of an input}: all pins that are held now

# from the host
CONNECTED = 0x81  # connection u16, address type u8, address 6 bytes, most significant first
DISCONNECTED = 0x82  # as CONNECTED
WRITE = 0x83  # connection u16, value_handle u16, value
MTU = 0x84  # connection u16, mtu u16
SENT = 0x85  # connection u16: one notification has left, its buffer is free again
UPDATED = 0x86  # u16 each: connection, interval (1.25 ms), latency, timeout (10 ms), status
PIN = 0x90  # at_us u64, pin u8, value u8
ENOMEM = 0x91  # u16: so many notifications more find no room
STALL = 0x92  # u16: stand still for so many milliseconds
HEAP = 0x93  # nothing: trace how much of the heap is used
SENSE = 0x94  # kind u8, from_us u64, interval_us u32, body: see _surroundings.py
