"""The application: memory first, then everything else. `main.py` starts it."""

import gc

import bluetooth
from micropython import const

_PLENTY_BYTES = const(1_000_000)  # PSRAM has more, and no chip itself has so much
_COLLECT_BYTES = const(4096)


def main() -> None:
    """Run the ring; returns when somebody types on the console."""
    # NimBLE needs its memory in large pieces. What is imported makes MicroPython's heap grow, on a
    # chip without PSRAM by 64 kB of the same RAM at once, and it never gives them back.
    ble = bluetooth.BLE()
    ble.active(True)
    if gc.mem_free() < _PLENTY_BYTES:
        # Collected only when it is full, a small heap is full of holes: with a fifth of it free,
        # nothing of 2 kB had room in it. With PSRAM a collection takes long, and there is room.
        gc.threshold(_COLLECT_BYTES)
    from mynah_parts import whole

    whole.run(ble)
